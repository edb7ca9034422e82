"""Checks of single answers against the ledger. Each check yields one sentence for each thing that is wrong.

No sentence contains personal data: marks are numbers and texts that the run itself has made up.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from benchmarks.soak.faults import FaultTimes
from benchmarks.soak.ledger import PUBLIC, Ledger
from benchmarks.soak.simulator_state import SYSTEM_OF, mark_of

Answer = Mapping[str, Any]

_CANARY: Final = re.compile(rb"[Kk]anari (\w+) n\d+")
_WITH_RECORDS: Final = frozenset({"fresh", "held", "stale", "partial"})
_IN_FULL: Final = frozenset({"fresh", "held"})
_IGNORED: Final = frozenset({"unlinked", "denied", "not-asked"})
HELD_SECONDS: Final[Mapping[str, float]] = {
    "/v1/complaints": 300,
    "/v1/programmes": 600,
    "/v1/services": 600,
    "/v1/health/facilities": 600,
    "/v1/traffic/incidents": 30,
    "/v1/traffic/conditions": 60,
    "/v1/transit/stops": 1800,
    "/v1/plans": 3600,
    "/v1/proposals": 600,
    "/v1/consultations": 30,
}
"""How old a snapshot may be and still be called held, as the adapters declare it."""
ACCESS_LOG: Final = "/problems/access-log-unavailable"
"""The refusal if the entry of the access log was not written in time; it names no system."""
_REFUSALS: Final = frozenset({502, 503, 504})
"""The statuses of an answer whose systems have all failed."""
_CLOCK_SECONDS: Final = 1.0


def foreign_canaries(body: bytes, owner: str) -> Iterator[str]:
    """Records of another owner in the bytes of a personal answer."""
    found = {name.decode() for name in _CANARY.findall(body)}
    for name in sorted(found - {owner}):
        yield f"the answer to {owner} contains a record of {name}"


def public_records(answer: Answer) -> Iterator[str]:
    """Personal data in a public answer: a resident's record that is not public, or the person behind a public one.

    Proposals are public; a resident's own complaints are secret in this run.
    """
    for item in answer["items"]:
        resource = item["resource"]
        text = json.dumps(item).encode()
        if resource != "proposal" and any(name != PUBLIC.encode() for name in _CANARY.findall(text)):
            yield f"a public answer contains a resident's {resource}"
        if item.get("applicant") is not None:
            yield f"a public answer names the applicant of a {resource}"


def personal(answer: Answer, owner: str, received: float, ledger: Ledger) -> Iterator[str]:
    """Check the records and the sources of a personal answer with status 200."""
    yield from envelope(answer)
    for source in answer["sources"]:
        resource = source.get("resource") or _only_resource(source["system"])
        if resource not in SYSTEM_OF or SYSTEM_OF[resource] != source["system"]:
            continue
        marks = [mark_of(item) for item in answer["items"] if item["resource"] == resource]
        yield from _source(source, resource, marks)
        if source["state"] in _IN_FULL:
            hidden = (source.get("set_aside") or 0) + (source.get("withheld") or 0)
            start = _unix(source["fetched_at"])
            if hidden:
                fewer = ledger.required(owner, resource, start, received) - hidden
                if len(marks) < fewer:
                    yield f"{resource}: {len(marks)} records and {hidden} hidden ones are too few"
            else:
                yield from ledger.differences(owner, resource, marks, start, received)
        elif marks:
            # Some records are missing and this is said; those that are shown must be this resident's all the same.
            found = ledger.differences(owner, resource, marks, _unix(source["fetched_at"]), received)
            yield from (line for line in found if "are not in" in line)


def _only_resource(system: str) -> str:
    return next((resource for resource, name in SYSTEM_OF.items() if name == system), "")


def _source(source: Answer, resource: str, marks: Sequence[str]) -> Iterator[str]:
    state = source["state"]
    if state in _IN_FULL and source.get("items") != len(marks):
        yield f"{resource}: the source states {source.get('items')} records, and the answer has {len(marks)}"
    if state not in _WITH_RECORDS and marks:
        yield f"{resource}: the source is {state}, and the answer has records"


def envelope(answer: Answer) -> Iterator[str]:
    """Check that a partial answer says so: which system, in which state, and why."""
    incomplete = False
    for source in answer["sources"]:
        state = source["state"]
        if state in {"failed", "stale"} and not (source.get("cause") or source.get("offices")):
            yield f"{source['system']} is {state} without a cause"
        if state in {"fresh", "held", "stale"} and not source.get("fetched_at"):
            yield f"{source['system']} is {state} without a time"
        withheld = source.get("set_aside") or source.get("withheld")
        incomplete |= bool(withheld) or state not in _IN_FULL | _IGNORED
    if answer["complete"] == incomplete:
        yield f"complete is {answer['complete']}, and the sources say otherwise: {_states(answer)}"
    if not answer["sources"]:
        yield "the answer names no source"


def refusal(status: int, answer: Answer) -> Iterator[str]:
    """Check an answer that has no data: it must name the failed systems, or say what else failed."""
    if status == 503 and answer.get("type", "").endswith(ACCESS_LOG):
        return
    if status not in _REFUSALS:
        yield f"status {status}: {answer.get('type', '')}"
        return
    sources = answer.get("sources", ())
    # A system whose offices failed for different causes names them in `offices`.
    failed = [one for one in sources if one["state"] == "failed" and (one.get("cause") or one.get("offices"))]
    if not failed or answer.get("complete") is not False:
        yield f"a refusal that names no failed system: {answer.get('type', '')}"


def public_list(path: str, answer: Answer, received: float) -> Iterator[str]:
    """Check the envelope and the ages of a public list."""
    yield from envelope(answer)
    for source in answer["sources"]:
        if source["state"] == "held":
            age = received - _unix(source["fetched_at"])
            if age > HELD_SECONDS[path] + _CLOCK_SECONDS:
                yield f"{path}: a snapshot of {source['system']} is called held after {age:.0f} seconds"


def complaints(items: Sequence[Answer], since: str, received: float, ledger: Ledger, *, whole: bool) -> Iterator[str]:
    """Check public complaints that were fetched from `since` on. `whole`: they are the whole list, not one page."""
    marks = [mark_of(item) for item in items if item["resource"] == "complaint"]
    found = ledger.differences(PUBLIC, "complaint", marks, _unix(since), received)
    yield from (line for line in found if whole or "are not in" in line)


def unexplained(answer: Answer, start: float, received: float, faults: FaultTimes) -> list[str]:
    """What an answer calls failed, partial or stale although it had no fault: systems, or the access log."""
    if answer.get("type", "").endswith(ACCESS_LOG):
        return ["access log"]
    return [
        source["system"]
        for source in answer.get("sources", ())
        if source["state"] in {"failed", "partial", "stale"} and not faults.explains(source["system"], start, received)
    ]


def _unix(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _states(answer: Answer) -> str:
    return ", ".join(f"{source['system']} {source['state']}" for source in answer["sources"])
