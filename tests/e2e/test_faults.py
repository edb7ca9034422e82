"""Proof 3: whatever happens to one system, the answer comes in time, says so, and everything else stands unchanged.

Offices that speak HTTP are broken in two halves, so that each half shows that the other is untouched. A system that
hangs does so until the test has its answer: that there is one shows that the deadline was kept.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from simulators.people import DEMONSTRATION
from tests.e2e.conftest import Demo, Simulator, by_source, eventually, ids_by_source

HALVES = {
    "one": ("dukcapil", "e-puskesmas/pekauman", "e-puskesmas/sungai-jingah"),
    "other": ("e-kelurahan", "e-puskesmas/cempaka"),
}
FOLDER = "wirausaha-baru"
CAUSES = {
    "slow": set[str](),
    "hang": {"timeout"},
    "drip": {"timeout"},
    "reset": {"unavailable"},
    "500": {"unavailable"},
    "html": {"malformed"},
    "login": {"unavailable", "credentials-refused"},
    "malformed": {"malformed"},
    "oversized": {"malformed"},
    "rate-limited": {"unavailable"},
    "quota": {"quota-spent"},
    "clock-skew": {"credentials-refused"},
    "session-expired": set[str](),
    "redirect": {"malformed"},
}
"""What a source may say when this has happened to it. After many failures its circuit may be open as well."""

REASONS = {
    ("dukcapil", "login"): "no login",
    ("dukcapil", "session-expired"): "no session",
    ("dukcapil", "clock-skew"): "contain no time",
    ("e-kelurahan", "quota"): "no quota",
    ("e-kelurahan", "clock-skew"): "contain no time",
    ("e-puskesmas", "login"): "no login",
    ("e-puskesmas", "session-expired"): "no session",
}
"""The unsupported kinds of a system, each with a part of its simulator's reason."""

FOLDER_CAUSES = {"reset": "unavailable", "malformed": "malformed", "html": "malformed", "oversized": "malformed"}
LISTS = ("/v1/services?limit=200", "/v1/health/facilities", "/v1/programmes?limit=200", "/v1/enterprises?limit=200")
LATE = {"hang", "drip"}
"""Kinds by which a system never answers in time."""
LATE_CAUSES = {"timeout", "circuit-open"}
WAITS = (1, 2, 4, 8, 16, 32)
"""Deadlines in seconds for these, one after the other, until nothing but what is broken is late."""


def undated(answer: Mapping[str, Any], *, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The items by id, without the times at which they were fetched, but for those of some sources."""
    kept = [one for name, ids in ids_by_source(answer).items() if name not in leave_out for one in ids]
    items = {item["id"]: dict(item) for item in answer["items"] if item["id"] in kept}
    for item in items.values():
        item["provenance"] = {name: value for name, value in item["provenance"].items() if not name.endswith("_at")}
        item["provenance"].pop("as_of")
    return items


def public_ids(demo: Demo, path: str) -> list[str]:
    return [item["id"] for item in demo.get(path).json()["items"]]


@pytest.fixture(scope="module")
def simulators(demo: Demo) -> Iterator[dict[str, Simulator]]:
    """The simulators; the resident is a patient of the third health centre too, so that it has data to damage."""
    found = demo.simulators()
    third = found["e-puskesmas/sungai-jingah"]
    someone = DEMONSTRATION["resident"]
    patient = {"nik": someone.nik, "card": someone.insurance_card, "name": someone.name, "sex": someone.sex}
    keys = [third.add(kind="patient", born=someone.birth_date.isoformat(), **patient)]
    day = date.today() + timedelta(days=9)  # noqa: DTZ011 - any day to come
    keys.insert(0, third.add(kind="appointment", nik=someone.nik, clinic="001", day=day.isoformat()))
    yield found
    for simulator in found.values():
        simulator.fault("none")
    for key in keys:
        third.withdraw(key)
    demo.whole()


@pytest.fixture(scope="module")
def well(demo: Demo, simulators: dict[str, Simulator]) -> dict[str, Any]:
    """The resident's overview while nothing is broken."""
    answer = demo.whole()
    assert set(ids_by_source(answer)) >= {*HALVES["one"], *HALVES["other"], FOLDER}
    return answer


def test_a_hanging_health_centre_costs_its_own_part_only(
    demo: Demo, simulators: dict[str, Simulator], well: dict[str, Any]
) -> None:
    """The proof as the issue words it."""
    centres = tuple(name for name in simulators if name.startswith("e-puskesmas/"))
    for name in centres:
        simulators[name].fault("hang")
    answer = _in_time(demo, centres)
    assert answer["complete"] is False
    for name in centres:
        assert by_source(answer)[name]["state"] == "failed"
        assert by_source(answer)[name]["cause"] in LATE_CAUSES
    assert undated(answer) == undated(well, leave_out=centres)
    alone = demo.get("/v1/me/appointments", "resident", Prefer="wait=1")
    causes = {(source["state"], source["cause"]) for source in by_source(alone.json()).values()}
    assert causes <= {("failed", cause) for cause in LATE_CAUSES}
    assert alone.status_code in ({504} if causes == {("failed", "timeout")} else {503, 504})
    for name in centres:
        simulators[name].fault("none")
    assert undated(demo.whole()) == undated(well)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("kind", CAUSES)
def test_every_kind_of_fault_on_every_office(
    demo: Demo, simulators: dict[str, Simulator], well: dict[str, Any], kind: str, half: str
) -> None:
    broken = tuple(name for name in HALVES[half] if (simulators[name].system, kind) not in REASONS)
    for name in HALVES[half]:
        reason = REASONS.get((simulators[name].system, kind))
        answered = simulators[name].fault(kind, **({"seconds": 0.3} if kind == "slow" else {}))
        assert answered.status_code == (200 if reason is None else 422)
        assert reason is None or reason in answered.json()["error"]
    if not broken:
        return
    try:
        answer = _in_time(demo, broken) if kind in LATE else demo.overview()
        lists = {path: demo.get(path) for path in LISTS}
    finally:
        for name in broken:
            simulators[name].fault("none")
    failed = {name for name in broken if by_source(answer)[name]["state"] == "failed"}
    for name in broken:
        _check_source(by_source(answer)[name], kind)
    assert undated(answer) == undated(well, leave_out=tuple(failed))
    others = {name: source["state"] for name, source in by_source(answer).items() if name not in failed}
    assert others.pop(FOLDER) in {"held", "stale"}
    assert set(others.values()) <= {"fresh"}
    assert not (answer["complete"] and failed)
    # What is public comes from snapshots, whatever has become of the systems behind them.
    for path, listed in lists.items():
        assert listed.status_code == 200, path
        assert {source["state"] for source in listed.json()["sources"]} <= {"held", "stale"}, path
    eventually(demo.overview, lambda again: {by_source(again)[name]["state"] for name in broken} == {"fresh"})


def _in_time(demo: Demo, broken: tuple[str, ...]) -> dict[str, Any]:
    """An overview within a deadline that is long enough for whatever is not broken, on this machine at this moment."""
    for wait in WAITS:
        answer = demo.overview(wait=wait)
        late = {name for name, source in by_source(answer).items() if source.get("cause") in LATE_CAUSES}
        if late <= set(broken):
            return answer
    raise AssertionError(f"late, though not broken: {late - set(broken)}")


def _check_source(source: Mapping[str, Any], kind: str) -> None:
    if not CAUSES[kind]:
        # The gateway logs in again, or waits, and nobody notices.
        assert source["state"] == "fresh"
        return
    assert source["state"] == "failed", "asked data is never shown from yesterday, health data least of all"
    assert source["cause"] in CAUSES[kind] | {"circuit-open"}
    assert "fetched_at" not in source
    assert "items" not in source


def _lists_of_the_folder(demo: Demo) -> dict[str, dict[str, Any]]:
    """The overview and the public lists for which the folder is looked into, each by a feed of its own."""
    paths = ("/v1/programmes?limit=200", "/v1/enterprises?limit=200")
    return {"/v1/me/overview": demo.overview()} | {path: demo.get(path).json() for path in paths}


def _folder_is(demo: Demo, state: str, cause: str | None) -> dict[str, dict[str, Any]]:
    """Wait until all of its lists say so; a feed that comes later may find the circuit open by then."""
    causes = {cause} if cause is None else {cause, "circuit-open"}

    def said(answers: Mapping[str, Mapping[str, Any]]) -> bool:
        found = [by_source(answer)[FOLDER] for answer in answers.values()]
        told = {source.get("cause") for source in found}
        return {source["state"] for source in found} == {state} and cause in told <= causes

    return eventually(lambda: _lists_of_the_folder(demo), said)


@pytest.mark.parametrize("kind", FOLDER_CAUSES)
def test_every_kind_of_fault_of_the_folder(
    demo: Demo, simulators: dict[str, Simulator], well: dict[str, Any], kind: str
) -> None:
    began = datetime.now(UTC)
    before = _folder_is(demo, "held", None)
    assert simulators[FOLDER].fault(kind).status_code == 200
    try:
        answers = _folder_is(demo, "stale", FOLDER_CAUSES[kind])
    finally:
        simulators[FOLDER].fault("none")
    (mine,) = ids_by_source(well)[FOLDER]
    assert undated(answers["/v1/me/overview"])[mine] == undated(well)[mine]
    for path, answer in answers.items():
        listed = by_source(answer)[FOLDER]
        # It was looked into shortly before it broke, and not since.
        earlier = datetime.fromisoformat(by_source(before[path])[FOLDER]["fetched_at"])
        assert earlier <= datetime.fromisoformat(listed["fetched_at"]) < datetime.now(UTC), path
        assert began - timedelta(minutes=1) < earlier, path
        assert answer["complete"] is False
        if path != "/v1/me/overview":
            assert len(answer["items"]) == min(listed["items"], 200) > 0
            for item in answer["items"]:
                # A file that has not changed was read longer ago than it was looked at.
                assert item["provenance"]["fetched_at"] <= listed["fetched_at"]
    _folder_is(demo, "held", None)


@pytest.mark.parametrize("kind", sorted(CAUSES.keys() - FOLDER_CAUSES.keys()))
def test_what_makes_no_sense_for_a_folder_is_refused(simulators: dict[str, Simulator], kind: str) -> None:
    answer = simulators[FOLDER].fault(kind)
    assert answer.status_code == 422
    assert "folder" in answer.json()["error"]


def test_a_queue_of_one_health_centre_goes_stale_alone(demo: Demo, simulators: dict[str, Simulator]) -> None:
    facilities = {
        item["provenance"]["office"]: item["id"] for item in demo.get("/v1/health/facilities").json()["items"]
    }

    def sources() -> dict[str, dict[str, Any]]:
        found = {}
        for office in ("pekauman", "cempaka"):
            answer = demo.get(f"/v1/health/facilities/{facilities[office]}/queue")
            assert answer.status_code == 200
            assert answer.json()["items"]
            (found[office],) = answer.json()["sources"]
        return found

    def states_are(**wanted: str) -> dict[str, dict[str, Any]]:
        return eventually(sources, lambda found: {office: one["state"] for office, one in found.items()} == wanted)

    # The feed of a queue may notice later than the overview that what was broken before is well again.
    states_are(pekauman="held", cempaka="held")
    simulators["e-puskesmas/pekauman"].fault("500")
    try:
        stale = states_are(pekauman="stale", cempaka="held")["pekauman"]
        assert stale["cause"] == "unavailable"
        assert datetime.fromisoformat(stale["fetched_at"]) < datetime.now(UTC)
    finally:
        simulators["e-puskesmas/pekauman"].fault("none")
    states_are(pekauman="held", cempaka="held")


def test_in_the_end_everything_is_as_it_was(demo: Demo, simulators: dict[str, Simulator], well: dict[str, Any]) -> None:
    assert {simulator.status()["fault"] for simulator in simulators.values()} == {"none"}
    assert undated(demo.whole()) == undated(well)

    def circuits() -> dict[str, set[str]]:
        systems = demo.get("/v1/systems").json()["items"]
        return {system["id"]: {office["circuit"] for office in system["offices"]} for system in systems}

    eventually(circuits, lambda found: set.union(*found.values()) == {"closed"})
