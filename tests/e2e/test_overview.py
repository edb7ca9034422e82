"""Proof 2: one call, items from every system that knows the resident, and an honest account of each source."""

from datetime import datetime

import pytest

from tests.e2e.conftest import Demo, by_source, ids_by_source

KINDS = {
    "dukcapil": "resident",
    "e-kelurahan": "application",
    "e-puskesmas/cempaka": "appointment",
    "e-puskesmas/pekauman": "appointment",
    "lapor": "complaint",
    "pbb": "bill",
    "sipd-rkpd": "proposal",
    "wirausaha-baru": "enrolment",
}
NOT_HERE = "e-puskesmas/sungai-jingah"
"""The health centre that was asked, and where this resident has never been."""


def test_every_system_is_in_one_complete_answer(demo: Demo) -> None:
    answer = demo.overview()
    assert answer["complete"] is True
    assert set(ids_by_source(answer)) >= set(KINDS)
    sources = by_source(answer)
    assert set(sources) >= {*KINDS, NOT_HERE}
    assert NOT_HERE not in ids_by_source(answer)
    states = {name: sources[name]["state"] for name in (*KINDS, NOT_HERE)}
    assert states.pop("wirausaha-baru") == "held"
    assert set(states.values()) == {"fresh"}
    of_systems = [source for source in answer["sources"] if source["resource"] != "visit"]
    assert len({source["system"] for source in of_systems}) == len(of_systems), "one source for each system"
    for source in of_systems:
        shown = [item for item in answer["items"] if item["provenance"]["system"] == source["system"]]
        assert source["items"] == len(shown), source


def test_every_item_says_where_it_comes_from_and_when(demo: Demo) -> None:
    before = datetime.now().astimezone()
    answer = demo.overview()
    after = datetime.now().astimezone()
    for item in answer["items"]:
        provenance = item["provenance"]
        name = "/".join(filter(None, (provenance["system"], provenance["office"])))
        assert item["resource"] == KINDS.get(name, item["resource"])
        assert set(provenance) == {"system", "office", "fetched_at", "as_of"}
        fetched_at = datetime.fromisoformat(provenance["fetched_at"])
        if name in KINDS and name != "wirausaha-baru":
            assert before <= fetched_at <= after
        assert fetched_at.utcoffset() is not None
    assert len({item["id"] for item in answer["items"]}) == len(answer["items"])


def test_the_answer_is_private_and_accounts_for_its_time(demo: Demo) -> None:
    answer = demo.get("/v1/me/overview", "resident", X_Request_Id="proof-2", Accept_Language="en")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-request-id"] == "proof-2"
    assert answer.headers["content-language"] == "en"
    timed = {entry.partition(";")[0] for entry in answer.headers["server-timing"].split(", ")}
    assert {"total", "dukcapil", "e-kelurahan", "e-puskesmas.pekauman", "e-puskesmas.cempaka"} <= timed


def test_the_same_question_has_the_same_answer_but_for_its_times(demo: Demo) -> None:
    def without_times(answer: dict) -> list:
        return [{k: v for k, v in item.items() if k != "provenance"} for item in answer["items"]]

    assert without_times(demo.overview()) == without_times(demo.overview())


def test_each_part_stands_in_its_own_list_too(demo: Demo) -> None:
    overview = demo.overview()
    found = ids_by_source(overview)
    lists = {"/v1/me": "resident", "/v1/me/applications": "application", "/v1/me/bills": "bill"}
    lists |= {"/v1/me/complaints": "complaint", "/v1/me/proposals": "proposal"}
    lists["/v1/me/appointments"] = "appointment"
    assert {*lists.values(), "enrolment"} == set(KINDS.values())
    for path, kind in lists.items():
        answer = demo.get(path, "resident").json()
        assert answer["complete"] is True
        listed = {item["id"] for item in answer["items"]}
        # By what each item says that it is, since a new system may have more of a kind.
        assert listed == {item["id"] for item in overview["items"] if item["resource"] == kind}
        assert listed >= {one for name, its in KINDS.items() if its == kind for one in found[name]}


OPENED_AT = {"resident": "/v1/me/civil-records"}
"""Where a record of the overview is opened, if not at /v1/me/<resource>s."""


def test_each_record_can_be_opened_by_its_id(demo: Demo) -> None:
    for item in demo.overview()["items"]:
        path = OPENED_AT.get(item["resource"], f"/v1/me/{item['resource']}s")
        opened = demo.get(f"{path}/{item['id']}", "resident")
        assert opened.status_code == 200, item["resource"]
        assert opened.json()["complete"] is True
        record = opened.json()["item"]
        assert (record["resource"], record["id"]) == (item["resource"], item["id"])
        assert record["provenance"]["system"] == item["provenance"]["system"]
    matches = demo.get("/v1/search?q=banjarmasin&limit=100").json()["items"]
    assert matches
    for item in matches:
        plural = PUBLIC_PATHS.get(item["resource"], f"/v1/{item['resource']}s")
        assert demo.get(f"{plural}/{item['id']}").json()["item"]["id"] == item["id"], item["resource"]


PUBLIC_PATHS = {
    "facility": "/v1/health/facilities",
    "incident": "/v1/traffic/incidents",
    "camera": "/v1/traffic/cameras",
    "route": "/v1/transit/routes",
    "stop": "/v1/transit/stops",
}


def test_a_part_whose_scope_the_token_lacks_is_denied_and_not_missed(demo: Demo) -> None:
    token = demo.token("resident", "profile.read", "applications.read")
    answer = demo.client.get("/v1/me/overview", headers={"Authorization": f"Bearer {token}"}).json()
    states = {name: source["state"] for name, source in by_source(answer).items()}
    denied = {*KINDS, NOT_HERE} - {"dukcapil", "e-kelurahan"}
    assert states.items() >= {"dukcapil": "fresh", "e-kelurahan": "fresh", **dict.fromkeys(denied, "denied")}.items()
    assert answer["complete"] is True
    shown = {item["provenance"]["system"] for item in answer["items"]}
    assert shown == {"dukcapil", "e-kelurahan"}
    # Without the scope for it, a number is shortened even for the person it belongs to.
    numbers = [one["value"] for item in answer["items"] for one in item.get("identifiers", ())]
    assert numbers
    assert all(number.startswith("*" * 12) for number in numbers)


def test_visits_are_left_out_and_said_to_need_more(demo: Demo) -> None:
    answer = demo.overview()
    (visits,) = (source for source in answer["sources"] if source.get("resource") == "visit")
    assert visits == {
        "system": "e-puskesmas",
        "name": "e-Puskesmas: pendaftaran dan antrean",
        "resource": "visit",
        "state": "denied",
        "cause": "stronger-sign-in-needed",
    }
    assert answer["complete"] is True
    assert demo.get("/v1/me/visits", "resident").status_code == 401


def test_a_record_is_the_same_in_the_overview_as_in_its_own_list(demo: Demo) -> None:
    bills = [item for item in demo.overview()["items"] if item["resource"] == "bill"]
    alone = {item["id"]: item for item in demo.get("/v1/me/bills", "resident").json()["items"]}
    assert bills
    for bill in bills:
        assert {**bill, "provenance": None} == {**alone[bill["id"]], "provenance": None}


@pytest.mark.parametrize("account", ["operator", "developer", "integrator", "officer-mantuil"])
def test_who_is_no_resident_has_no_overview(demo: Demo, account: str) -> None:
    answer = demo.get("/v1/me/overview", account)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_public_reference_needs_no_login(demo: Demo) -> None:
    systems = {system["id"]: system["agency"]["id"] for system in demo.get("/v1/systems").json()["items"]}
    assert set(systems) >= {"dukcapil", "e-kelurahan", "e-puskesmas", "wirausaha-baru"}
    agencies = {agency["id"] for agency in demo.get("/v1/agencies").json()["items"]}
    assert set(systems.values()) <= agencies
    regions = demo.get("/v1/regions").json()["items"]
    assert sum(region["level"] == "kelurahan" for region in regions) == 52
    for path in ("/v1/services", "/v1/health/facilities", "/v1/programmes", "/v1/enterprises"):
        answer = demo.get(path)
        assert answer.status_code == 200, path
        assert answer.json()["items"], path
        assert demo.get(path, If_None_Match=answer.headers["etag"]).status_code in (200, 304)
    assert demo.get("/readyz").json()["ready"] is True
