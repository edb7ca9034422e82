"""Proof 2, the other half: each system is taken away in turn, and everything else stands as it was.

Every simulator that an overview asks is reset at the first byte. What is public is served from snapshots; the two
systems whose feeds come soonest show that a list says so, and that the lists of all others say nothing of it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters import adapter_of
from gateway.registry.system_files import read_systems
from tests.e2e.conftest import Demo, Simulator, by_source, eventually, ids_by_source

SYSTEMS = Path(__file__).resolve().parents[2] / "config" / "systems"


def _asked_live() -> Iterator[str]:
    """Every office of every system with a row that is asked about a resident: a new system is one of them."""
    for system, table in read_systems([SYSTEMS]).items():
        if any(row.ask is not None and row.resource.owner is not None for row in adapter_of(system).spec.reads):
            yield from ("/".join(filter(None, (system, office.get("id")))) for office in table["offices"])


ASKED = tuple(sorted(_asked_live()))
"""Who is asked live for an overview."""
FOLDER = "wirausaha-baru"
"""Who is not: its folder is looked into every few seconds, and what was read of it is held."""

LISTS = {
    "/v1/services": "e-kelurahan",
    "/v1/health/facilities": "e-puskesmas",
    "/v1/programmes": "wirausaha-baru",
    "/v1/enterprises": "wirausaha-baru",
    "/v1/traffic/incidents": "rtmc",
    "/v1/traffic/cameras": "atcs",
    "/v1/transit/routes": "trans-banjarmasin",
    "/v1/transit/stops": "trans-banjarmasin",
    "/v1/transit/vehicles": "trans-banjarmasin",
    "/v1/plans": "sipd-rkpd",
    "/v1/proposals": "sipd-rkpd",
    "/v1/complaints": "lapor",
    "/v1/consultations": "konsultasi-publik",
}
"""Public lists that one system answers. Positions of vehicles change by themselves, their ids do not."""
SOONEST = {"konsultasi-publik": "/v1/consultations", "rtmc": "/v1/traffic/incidents"}


@pytest.fixture
def simulators(demo: Demo) -> Iterator[dict[str, Simulator]]:
    found = demo.simulators()
    yield found
    for simulator in found.values():
        simulator.fault("none")
    demo.whole()


def kept(answer: Mapping[str, Any], *, without: str) -> dict[str, list[str]]:
    return {name: ids for name, ids in ids_by_source(answer).items() if name != without}


def public(demo: Demo) -> dict[str, tuple[set[str], list[str]]]:
    """Of each public list: the states of its sources, and its ids."""
    answers = {path: demo.get(f"{path}?limit=200") for path in LISTS}
    assert {answer.status_code for answer in answers.values()} == {200}
    shown = {path: answer.json() for path, answer in answers.items()}
    return {
        path: ({source["state"] for source in one["sources"]}, [item["id"] for item in one["items"]])
        for path, one in shown.items()
    }


@pytest.mark.parametrize("gone", ASKED)
def test_an_overview_loses_the_part_of_the_system_that_is_gone_and_says_so(
    demo: Demo, simulators: dict[str, Simulator], gone: str
) -> None:
    before = demo.whole()
    assert simulators[gone].fault("reset").status_code == 200
    answer = demo.overview()
    source = by_source(answer)[gone]
    assert (source["state"], source["cause"]) in {("failed", "unavailable"), ("failed", "circuit-open")}
    assert answer["complete"] is False
    assert gone not in ids_by_source(answer)
    assert kept(answer, without=gone) == kept(before, without=gone)
    others = {name: one["state"] for name, one in by_source(answer).items() if name != gone}
    assert others == {name: one["state"] for name, one in by_source(before).items() if name != gone}


def test_every_system_of_an_overview_is_taken_away_here(demo: Demo) -> None:
    answer = demo.whole()
    assert {name for name, source in by_source(answer).items() if source["state"] == "fresh"} == set(ASKED)
    assert set(by_source(answer)) - set(ASKED) == {FOLDER}


def test_a_folder_that_is_gone_leaves_the_others_as_they_were_and_its_own_part_with_its_age(
    demo: Demo, simulators: dict[str, Simulator]
) -> None:
    before = demo.whole()
    assert simulators[FOLDER].fault("reset").status_code == 200
    answer = eventually(demo.overview, lambda seen: by_source(seen)[FOLDER]["state"] == "stale")
    source = by_source(answer)[FOLDER]
    assert (source["cause"], answer["complete"]) == ("unavailable", False)
    assert ids_by_source(answer) == ids_by_source(before)
    others = {name: one["state"] for name, one in by_source(answer).items() if name != FOLDER}
    assert set(others.values()) == {"fresh"}


def test_a_requirement_that_the_missing_register_would_show_is_not_called_missing(
    demo: Demo, simulators: dict[str, Simulator]
) -> None:
    service = demo.get("/v1/services?kind=domicile").json()["items"][0]["id"]

    def states() -> dict[str, str]:
        answer = demo.get(f"/v1/services/{service}/readiness", "resident").json()
        assert answer["complete"] == (answer["sources"][1]["state"] == "fresh")
        return {item["name"]: item["state"] for item in answer["items"]}

    known = states()
    assert known == {"Fotokopi KTP": "met", "Fotokopi KK": "met", "Surat pengantar RT": "missing"}
    simulators["dukcapil"].fault("reset")
    assert states() == {**known, "Fotokopi KTP": "unknowable-now", "Fotokopi KK": "unknowable-now"}


@pytest.mark.parametrize("gone", SOONEST)
def test_a_public_list_of_a_system_that_is_gone_is_stale_alone(
    demo: Demo, simulators: dict[str, Simulator], gone: str
) -> None:
    # Whole again, after whatever was done to them before.
    for path in SOONEST.values():
        eventually(lambda path=path: demo.get(path).json(), lambda listed: listed["complete"])
    before = public(demo)
    assert simulators[gone].fault("reset").status_code == 200

    def is_unavailable(listed: dict[str, Any]) -> bool:
        # The reset may cut an answer that is under way: that one is malformed, and the next one does not come at all.
        return listed["sources"][0].get("cause") == "unavailable"

    answer = eventually(lambda: demo.get(f"{SOONEST[gone]}?limit=200").json(), is_unavailable)
    (source,) = answer["sources"]
    assert source["state"] == "stale"
    assert not answer["complete"]

    def others_are_as_before(after: Mapping[str, tuple[set[str], list[str]]]) -> bool:
        # What an earlier fault made stale may be held again by now, but nothing becomes stale with another's system.
        others = [path for path, owner in LISTS.items() if owner != gone]
        return all(after[path][0] <= before[path][0] | {"held"} for path in others)

    after = eventually(lambda: public(demo), others_are_as_before)
    for path, owner in LISTS.items():
        assert after[path][1] == before[path][1], path
        assert owner != gone or after[path][0] == {"stale"}
