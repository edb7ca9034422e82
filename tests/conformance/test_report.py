"""Levels, the report as table and as JSON, and the exit codes of the command line."""

import asyncio
import json
from dataclasses import replace

import pytest

from conformance import __main__ as command
from conformance import runner
from conformance.catalogue import RULES
from conformance.check_context import Adapter, CheckContext
from conformance.levels import LADDER, earned_level
from conformance.report import Report
from conformance.rules import Finding, NotApplicableError, Result, Rule, RuleBrokenError
from conformance.runner import check_rules
from gateway.ground.clock import now
from gateway.registry.builtin import BUILTIN
from gateway.registry.levels import Levels
from schemas.texts import Text

BRONZE, SILVER, GOLD, PLATINUM = LADDER
TITLE = Text(id="Aturan", en="Rule")


def _rule(level, *, check=lambda _context: "", compulsory=False, name="rule", applies=lambda _context: None):
    return Rule(id=name, level=level, title=TITLE, check=check, compulsory=compulsory, applies=applies)


def _found(level, result, *, compulsory=False):
    return Finding(_rule(level, compulsory=compulsory), result, "why", 0.1)


@pytest.mark.parametrize(
    ("findings", "level"),
    [
        ([], None),
        ([_found(BRONZE, Result.PASSED)], BRONZE),
        ([_found(BRONZE, Result.PASSED), _found(BRONZE, Result.FAILED)], None),
        ([_found(BRONZE, Result.PASSED), _found(BRONZE, Result.NOT_APPLICABLE)], BRONZE),
        ([_found(BRONZE, Result.PASSED), _found(BRONZE, Result.NOT_APPLICABLE, compulsory=True)], None),
        ([_found(BRONZE, Result.NOT_APPLICABLE)], None),
        ([_found(BRONZE, Result.PASSED), _found(SILVER, Result.PASSED)], SILVER),
        ([_found(BRONZE, Result.FAILED), _found(SILVER, Result.PASSED)], None),
        ([_found(BRONZE, Result.PASSED), _found(SILVER, Result.FAILED), _found(GOLD, Result.PASSED)], BRONZE),
        ([_found(BRONZE, Result.PASSED), _found(SILVER, Result.PASSED), _found(GOLD, Result.NOT_APPLICABLE)], SILVER),
        ([_found(level, Result.PASSED) for level in (BRONZE, SILVER, GOLD)], GOLD),
    ],
)
def test_the_level_that_findings_earn(findings, level):
    assert earned_level(findings) is level


def test_every_rule_has_a_unique_id_and_both_titles():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.title.id and rule.title.en for rule in RULES)
    assert {rule.level for rule in RULES} == {BRONZE, SILVER, GOLD}


def _raising(error):
    def check(_context):
        raise error

    return check


async def _slow(_context):
    await asyncio.sleep(60)


def test_results_of_checks(copied, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "RULE_SECONDS", 0.05)
    adapter = copied()
    checks = {
        "passes": lambda _context: "three things",
        "fails": _raising(RuleBrokenError(["one", "one", "two"])),
        "cannot": _raising(NotApplicableError("nothing there")),
        "breaks": _raising(KeyError("a secret")),
        "hangs": _slow,
    }
    rules = [_rule(BRONZE, name=name, check=check) for name, check in checks.items()]
    rules.append(_rule(BRONZE, name="spared", check=checks["breaks"], applies=lambda _context: "no need"))
    context = CheckContext(Adapter(adapter.spec, adapter.package), tmp_path)
    found = asyncio.run(check_rules(context, rules))
    assert {finding.rule.id: (finding.result.value, finding.reason) for finding in found} == {
        "passes": ("passed", "three things"),
        "fails": ("failed", "one; two"),
        "cannot": ("not-applicable", "nothing there"),
        "breaks": ("failed", "the check could not be carried out: KeyError"),
        "hangs": ("failed", "the check could not be carried out: TimeoutError"),
        "spared": ("not-applicable", "no need"),
    }


def _report(*findings, level=BRONZE):
    return Report(
        system="dukcapil",
        title=Text(id="Judul", en="Title"),
        version="1.0.0",
        level=level,
        at=now(),
        seconds=1.5,
        findings=tuple(findings),
    )


def test_a_report_is_kept_where_the_gateway_reads_levels(tmp_path):
    report = _report(_found(BRONZE, Result.PASSED))
    report.write(tmp_path / "new")
    read = Levels(tmp_path / "new", tmp_path).of("dukcapil", None)
    assert read.level is BRONZE
    assert read.at == report.at.replace(microsecond=0)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["dated", "dukcapil.json"]
    assert len(list((tmp_path / "new" / "dated").iterdir())) == 1
    document = json.loads((tmp_path / "new" / "dukcapil.json").read_text("utf-8"))
    assert document == report.document()
    assert document["rules"] == [
        {
            "id": "rule",
            "level": "bronze",
            "title": {"id": "Aturan", "en": "Rule"},
            "result": "passed",
            "reason": "why",
            "seconds": 0.1,
        }
    ]
    assert (document["passed"], document["complete"], document["live"]) == (True, True, False)


def test_a_level_that_was_not_earned_is_read_as_none(tmp_path):
    _report(_found(BRONZE, Result.FAILED), level=None).write(tmp_path)
    assert Levels(tmp_path, tmp_path).of("dukcapil", None).level is None


def test_the_table_says_what_was_broken():
    table = _report(_found(BRONZE, Result.FAILED), _found(SILVER, Result.NOT_APPLICABLE), level=None).table()
    assert "gagal · failed: why" in table
    assert "tidak berlaku · not applicable: why" in table
    assert max(map(len, table.splitlines())) < 200


@pytest.fixture
def checked(monkeypatch):
    """Replace the check of adapters by a fixed result for each system."""
    results = {}

    def check(adapter, **_options):
        finding = _found(BRONZE, results.get(adapter.spec.id, Result.PASSED))
        return replace(_report(finding), system=adapter.spec.id)

    monkeypatch.setattr(command, "check_adapter", check)
    monkeypatch.setattr("signal.signal", lambda *_given: None)
    return results


def test_the_command_line_prints_one_report_or_a_list(checked, capsys, tmp_path):
    assert command.main(["check", "dukcapil", "--json", "--reports", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["system"] == "dukcapil"
    assert (tmp_path / "dukcapil.json").exists()
    assert command.main(["check", "--json"]) == 0
    assert [report["system"] for report in json.loads(capsys.readouterr().out)] == [*BUILTIN, "pbb"]
    assert command.main(["check", "dukcapil", "e-puskesmas"]) == 0
    assert capsys.readouterr().out.count("Quality level: bronze") == 2


def test_a_broken_rule_is_exit_code_one(checked, capsys):
    checked["e-puskesmas"] = Result.FAILED
    assert command.main(["check", "dukcapil", "e-puskesmas"]) == 1
    assert "gagal · failed: why" in capsys.readouterr().out


def test_an_impossible_check_is_one_sentence_and_exit_code_two(checked, capsys, tmp_path):
    assert command.main(["check", "no-such-system"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("There is no adapter no-such-system; there are: atcs, dukcapil, ")
    (tmp_path / "file").write_text("")
    assert command.main(["check", "dukcapil", "--json", "--reports", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_old_dated_reports_are_deleted_per_system(tmp_path):
    other = replace(_report(_found(BRONZE, Result.PASSED)), system="dukcapil-2")
    for _ in range(3):
        other.write(tmp_path)
    for day in range(1, 25):
        at = other.at.replace(year=2027, month=1, day=day)
        replace(other, system="dukcapil", at=at).write(tmp_path)
    kept = sorted(path.name for path in (tmp_path / "dated").iterdir())
    assert sum(name.startswith("dukcapil-2027") for name in kept) == 20
    assert sum(name.startswith("dukcapil-2-") for name in kept) == 1
