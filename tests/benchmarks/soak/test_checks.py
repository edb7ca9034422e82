"""The checks of a soak: each wrong answer is found, and a right one is not."""

from typing import Any

import pytest

from benchmarks.soak import checks
from benchmarks.soak.faults import FaultTimes, schedule
from benchmarks.soak.ledger import Ledger

AT = "2026-12-03T07:00:00+08:00"
NOW = 1_796_252_410.0
"""Ten seconds after `AT`."""


def source(**changes: Any) -> dict[str, Any]:
    return {"system": "lapor", "state": "fresh", "fetched_at": AT, "items": 1, "set_aside": 0} | changes


def complaint(number: str = "7", **changes: Any) -> dict[str, Any]:
    return {"resource": "complaint", "number": number, "text": "Kanari r001 n1"} | changes


def answer(*items: dict[str, Any], complete: bool = True, **changes: Any) -> dict[str, Any]:
    return {"items": list(items), "complete": complete, "sources": [source(**changes)]}


def personal(content: dict[str, Any]) -> list[str]:
    ledger = Ledger()
    ledger.add_initial("r001", "complaint", ["7"])
    return list(checks.personal(content, "r001", NOW, ledger))


def test_a_right_answer_passes() -> None:
    assert personal(answer(complaint())) == []


@pytest.mark.parametrize(
    "wrong",
    [
        answer(items=0),
        answer(complaint("8")),
        answer(complaint(), items=2),
        answer(complaint(), complete=False),
        answer(state="failed", cause="timeout", items=None),
        answer(state="failed", items=None, complete=False),
        answer(complaint(), state="failed", cause="timeout", complete=False),
        answer(complaint("8"), state="stale", cause="timeout", complete=False),
        answer(complaint(), state="stale", complete=False),
        answer(complaint(), fetched_at=None, state="stale", cause="timeout", complete=False) | {"items": []},
        {"items": [], "complete": True, "sources": []},
    ],
    ids=[
        "empty", "of another", "miscounted", "complete but says no", "failed but says complete",
        "failed without a cause", "records of a failed source", "of another and stale",
        "stale without a cause", "stale without a time", "no sources",
    ],
)  # fmt: skip
def test_a_wrong_answer_is_found(wrong: dict[str, Any]) -> None:
    assert personal(wrong)


def test_an_answer_that_names_the_failed_system_passes() -> None:
    assert personal(answer(state="failed", cause="timeout", items=None, fetched_at=None, complete=False)) == []


def test_a_record_of_another_resident_is_found_in_the_bytes() -> None:
    assert list(checks.foreign_canaries(b'{"text":"Kanari r001 n1"}', "r001")) == []
    assert list(checks.foreign_canaries(b'{"text":"Kanari r002 n1"}', "r001"))


def test_a_personal_record_in_a_public_answer_is_found() -> None:
    assert list(checks.public_records(answer(complaint(text="Kanari umum n1", applicant=None)))) == []
    assert list(checks.public_records(answer(complaint(applicant=None))))
    assert list(checks.public_records(answer(complaint(text="", applicant={"name": "Galuh"}))))


def test_a_snapshot_that_is_too_old_to_be_held_is_found() -> None:
    held = answer(state="held")
    assert list(checks.public_list("/v1/traffic/incidents", held, NOW)) == []
    assert list(checks.public_list("/v1/traffic/incidents", held, NOW + 30))


def test_a_refusal_names_the_failed_system() -> None:
    named = {"complete": False, "sources": [source(state="failed", cause="timeout")]}
    assert list(checks.refusal(503, named)) == []
    assert list(checks.refusal(500, named))
    office = {"office": "cempaka", "state": "failed", "cause": "timeout"}
    by_office = named | {"sources": [source(state="failed", offices=[office])]}
    assert list(checks.refusal(503, by_office)) == []
    assert list(checks.refusal(503, named | {"sources": [source(state="failed")]}))
    assert list(checks.refusal(503, named | {"sources": []}))


def test_a_failure_is_explained_by_a_fault_of_its_system_only() -> None:
    faults = FaultTimes({"lapor": [(100.0, 110.0)]})
    failed = {"sources": [source(state="failed"), source(system="pbb", state="failed")]}
    assert checks.unexplained(failed, 105.0, 106.0, faults) == ["pbb"]
    assert checks.unexplained(failed, 500.0, 501.0, faults) == ["lapor", "pbb"]


def test_the_schedule_follows_from_the_seed_and_fits_into_the_run() -> None:
    supported = {"lapor": ["hang", "500"], "pbb": ["drip"], "e-puskesmas/cempaka": ["hang", "reset"]}
    faults = schedule(1, supported, 300)
    assert faults == schedule(1, supported, 300) != schedule(2, supported, 300)
    assert {(one.simulator, one.kind) for one in faults} == {
        (name, kind) for name in supported for kind in supported[name]
    }
    for one in faults:
        assert one.ends <= 300
        at_once = [other for other in faults if other.begins <= one.begins < other.ends]
        assert len(at_once) <= 3
        assert [other.simulator for other in at_once].count(one.simulator) == 1
