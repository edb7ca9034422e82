"""The page about performance has the figures of the committed run, and explains each goal that is not met."""

import json
import re

from benchmarks.performance_page import NO_RUN, PAGE, goals_table, with_results
from benchmarks.report import RESULTS

LATEST = RESULTS / "latest.json"


def goals_of(page: str) -> str:
    """What is between the comments around the table of the goals."""
    return page.partition("<!-- goals -->\n\n")[2].partition("\n\n<!-- end of goals -->")[0]


def explained(page: str) -> set[str]:
    """The goals that have a paragraph of their own."""
    return set(re.findall(r"^\*\*(P\d+)\b", page, re.MULTILINE))


def without_explanation(rows: list[dict[str, object]], page: str) -> set[object]:
    """The goals that are missed, or were not measured, and have no paragraph."""
    return {row["goal"] for row in rows if not row["met"]} - explained(page)


def test_the_tables_are_those_of_the_committed_run() -> None:
    page = PAGE.read_text("utf-8")
    assert with_results(page) == page, "write them by `python -m benchmarks.performance_page`"
    rows = json.loads(LATEST.read_text("utf-8")) if LATEST.exists() else None
    assert goals_of(page) == (NO_RUN if rows is None else goals_table(rows))


def test_each_goal_that_is_not_met_is_explained() -> None:
    rows = json.loads(LATEST.read_text("utf-8")) if LATEST.exists() else []
    assert without_explanation(rows, PAGE.read_text("utf-8")) == set()


def test_a_goal_without_explanation_is_noticed() -> None:
    rows: list[dict[str, object]] = [{"goal": f"P{number}", "met": number == 3} for number in (1, 2, 3, 12)]
    page = "Text about **P2**.\n\n**P12, memory.** It grows.\n\n**P1: the list.** It is slow.\n"
    assert without_explanation(rows, page) == {"P2"}
