"""The tables of `docs/performance.md` have the figures of the last full run, and only the full form writes them."""

import json
from pathlib import Path

import pytest

import benchmarks.__main__ as command
from benchmarks import performance_page, report
from benchmarks.goals import Goal, not_measured
from benchmarks.performance_page import NO_RUN, goals_table, with_results
from benchmarks.rounds import Table

PAGE = (
    "# Page\n\n<!-- machine -->\n<!-- end of machine -->\n\nText.\n\n"
    "<!-- goals -->\nold\n<!-- end of goals -->\n\nEnd.\n"
)


def line(goal: Goal) -> list[str]:
    """The cells of the one row of a table."""
    last = goals_table([json.loads(json.dumps(goal.as_json()))]).splitlines()[-1]
    return [cell.strip() for cell in last[1:-1].split("|")]


def test_a_ratio_has_the_figures_of_both() -> None:
    goal = Goal("P4", "CPU time", 3.9012, 5, "fastify", more={"cpu_us": 1421.4, "peer_cpu_us": 364.3})
    assert line(goal) == ["P4", "CPU time", "1,421 µs", "fastify (364 µs)", "3.9 ×", "≤ 5 ×", "yes"]


@pytest.mark.parametrize(
    ("more", "ours", "theirs"),
    [
        ({"cpu_us": 31.26, "cpu_us_before": 30.0}, "31.3 µs", "30 µs"),
        ({"p99_ms": 12.5, "peer_p99_ms": 10.0}, "12.5 ms", "10 ms"),
        ({"p99_ms": 12.5, "p99_ms_before": 10.0, "ratios": [1.2]}, "12.5 ms", "10 ms"),
    ],
)
def test_each_kind_of_comparison_has_its_figures(more: dict[str, object], ours: str, theirs: str) -> None:
    assert line(Goal("P7", "what", 1.2, 1.1, "before", more=more))[2:4] == [ours, f"before ({theirs})"]


def test_a_figure_without_a_peer_stands_alone() -> None:
    goal = Goal("P1", "rate", 28_123.4, 20_000, unit="requests/s", at_least=True, more={"cpu_us": 30.0})
    assert line(goal)[2:] == ["28,123 requests/s", "–", "–", "≥ 20,000 requests/s", "yes"]


def test_a_missed_goal_is_no_and_one_without_a_figure_says_why() -> None:
    assert line(Goal("P12", "memory", 241.0, 200, unit="megabytes"))[-1] == "no"
    without = not_measured("P4", "CPU time", 5, "there is no node", "fastify")
    assert line(without)[2:] == ["–", "fastify", "–", "≤ 5 ×", "not measured: there is no node"]


def test_results_stand_between_the_comments_and_nothing_else_changes(tmp_path: Path) -> None:
    rows = [Goal("P1", "rate", 1.0, 1.5, "bare ASGI").as_json()]
    (tmp_path / "latest.json").write_text(json.dumps(rows))
    (tmp_path / "latest.md").write_text(
        "# Results\n\n| | |\n| --- | --- |\n| cores | 2 |\n\n## Goals\n\n| a |\n| b |\n"
    )
    page = with_results(PAGE, tmp_path)
    assert page == (
        "# Page\n\n<!-- machine -->\n\n| | |\n| --- | --- |\n| cores | 2 |\n\n<!-- end of machine -->\n\nText.\n\n"
        f"<!-- goals -->\n\n{goals_table(rows)}\n\n<!-- end of goals -->\n\nEnd.\n"
    )
    assert with_results(page, tmp_path) == page


def test_without_a_full_run_the_page_says_so(tmp_path: Path) -> None:
    assert with_results(PAGE, tmp_path).count(NO_RUN) == 2


def test_a_page_without_the_comments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="goals"):
        with_results("# Page\n", tmp_path)


@pytest.mark.parametrize("quick", [True, False])
def test_only_the_full_form_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: bool) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(report, "_machine", lambda: {"cores": "2"})
    monkeypatch.setattr(command, "write_page", lambda: performance_page.write_page(page, tmp_path))
    goals = [Goal("P1", "rate", 1.0, 1.5, "bare ASGI")]
    written = command.write_run(goals, Table([]), {}, 1.0, quick=quick)
    assert written == tmp_path / ("quick.md" if quick else "latest.md")
    assert (page.read_text() == PAGE) == quick
    assert (goals_table([goals[0].as_json()]) in page.read_text()) == (not quick)
