"""Proof 6: doubtful records are flagged, damaged ones withheld, other people's hidden; and all of it is on record."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest

from simulators.people import DEMONSTRATION
from tests.e2e.conftest import HANG_SECONDS, OFFICER_PURPOSE, Demo, by_source, eventually, ids_by_source

MANTUIL = "63.71.01.1001"
OFFICER = "officer-mantuil"
DAMAGED = "resident-damaged"
PERSONAL = ("/v1/me", "/v1/me/overview", "/v1/me/access-log", "/v1/me/applications", "/v1/me/appointments")
PUBLIC = ("/v1/services", "/v1/programmes", "/v1/enterprises", "/v1/health/facilities", "/v1/systems", "/livez")


def codes(item: dict[str, Any]) -> set[str]:
    return {doubt["code"] for doubt in item["doubts"]}


def applications_of(demo: Demo, account: str) -> list[dict[str, Any]]:
    return list(demo.get("/v1/me/applications", account).json()["items"])


def entries(demo: Demo, response: httpx.Response) -> list[dict[str, Any]]:
    """What stands in the table of accesses about one request."""
    with closing(sqlite3.connect(f"file:{demo.home / 'gerbang.db'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        asked = "select * from access_entries where request_id = ? order by id"
        return [dict(row) for row in database.execute(asked, (response.headers["x-request-id"],))]


def log_of(demo: Demo, account: str, response: httpx.Response) -> list[dict[str, Any]]:
    """What a person is told about one request."""
    page = demo.get("/v1/me/access-log?limit=20", account).json()
    return [item for item in page["items"] if item["request_id"] == response.headers["x-request-id"]]


def not_found(response: httpx.Response) -> None:
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"].endswith("/problems/not-found")


# What is doubtful


def test_damaged_records_are_shown_with_their_doubts(demo: Demo) -> None:
    answer = demo.overview(DAMAGED)
    items = {
        kind: [item for item in answer["items"] if item["resource"] == kind] for kind in ("resident", "application")
    }
    (civil,) = items["resident"]
    assert "nik-date-mismatch" in codes(civil)
    assert civil["birth_date"] is not None
    assert items["application"]
    for application in items["application"]:
        assert "date-zero" in codes(application)
        assert application["applicant"]["birth_date"] is None
    well = [item for item in demo.overview()["items"] if item["resource"] == "resident"]
    assert "nik-date-mismatch" not in codes(well[0])


def test_a_record_whose_number_was_damaged_is_shown_to_nobody(demo: Demo) -> None:
    answer = demo.overview(DAMAGED)
    source = by_source(answer)["wirausaha-baru"]
    assert source["state"] == "unlinked"
    assert "items" not in source
    assert "wirausaha-baru" not in ids_by_source(answer)
    assert source["withheld"] == 1
    assert answer["complete"] is False, "the withheld record may be the resident's"
    assert by_source(demo.overview())["wirausaha-baru"]["items"] == 1


def test_a_resident_known_under_two_names_has_all_of_their_records(demo: Demo) -> None:
    answer = demo.overview("resident-renamed")
    person = DEMONSTRATION["resident-renamed"]
    names = {item["provenance"]["system"]: str(item.get("name") or item).upper() for item in answer["items"]}
    assert {"dukcapil", "e-kelurahan", "wirausaha-baru"} <= set(names)
    assert person.name.upper() in names["dukcapil"]
    assert (person.alias or "").upper() in names["e-kelurahan"]


def test_a_resident_without_a_number_has_an_answer_and_no_error(demo: Demo) -> None:
    response = demo.get("/v1/me/overview", "resident-no-nik")
    assert response.status_code == 200
    answer = response.json()
    assert answer["items"] == []
    assert {source["state"] for source in by_source(answer).values()} == {"unlinked"}
    assert {entry["result"] for entry in entries(demo, response)} == {"nothing-found"}
    for path in PERSONAL:
        assert demo.get(path, "resident-no-nik").status_code == 200, path


# Whose is whose


def test_another_residents_application_is_not_there_and_the_attempt_is_on_record(demo: Demo) -> None:
    theirs = applications_of(demo, DAMAGED)[0]["id"]
    assert demo.get(f"/v1/me/applications/{theirs}", DAMAGED).status_code == 200
    refused = demo.get(f"/v1/me/applications/{theirs}", "resident")
    not_found(refused)
    not_found(demo.get(f"/v1/me/applications/{theirs}/documents/surat", "resident"))
    (entry,) = entries(demo, refused)
    assert (entry["result"], entry["records"], entry["operation"]) == ("refused", 0, "getMyApplication")
    # The one whose application it is sees that somebody tried; who, is for the operator to find out.
    (told,) = log_of(demo, DAMAGED, refused)
    assert (told["result"], told["actor"], told["records"]) == ("refused", "resident", 0)
    assert log_of(demo, "resident", refused) == []


@pytest.mark.parametrize("spoil", [lambda one: one[:-4] + "AAAA", lambda _one: "apl_x", lambda one: one[4:]])
def test_an_id_that_is_none_of_ours_is_not_there(demo: Demo, spoil: Callable[[str], str]) -> None:
    not_found(demo.get(f"/v1/me/applications/{spoil(applications_of(demo, 'resident')[0]['id'])}", "resident"))


def test_an_application_that_is_withdrawn_is_not_there_any_more(demo: Demo) -> None:
    simulator = demo.simulators()["e-kelurahan"]
    key = simulator.add(kind="permohonan", nik=DEMONSTRATION["resident"].nik, keperluan="Uji penarikan")
    (found,) = [item["id"] for item in applications_of(demo, "resident") if item["text"] == "Uji penarikan"]
    assert demo.get(f"/v1/me/applications/{found}", "resident").json()["item"]["id"] == found
    simulator.withdraw(key)
    gone = demo.get(f"/v1/me/applications/{found}", "resident")
    not_found(gone)
    assert [entry["result"] for entry in entries(demo, gone)] == ["nothing-found"]


# Officers


def test_an_officer_says_why(demo: Demo) -> None:
    for headers in ({}, {"Gerbang-Purpose": "own-access"}):
        # Other tests of this demo may have used up the twenty refusals a minute that are recorded of one account.
        answer = eventually(
            lambda headers=headers: demo.get("/v1/applications", OFFICER, **headers),
            lambda refused: entries(demo, refused),
        )
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/problems/purpose-required")
        assert [(entry["result"], entry["records"]) for entry in entries(demo, answer)] == [("refused", 0)]
    assert demo.get("/v1/applications", OFFICER, **{"Gerbang-Purpose": "curiosity"}).status_code == 422


def test_an_officer_sees_their_own_kelurahan_with_numbers_shortened(demo: Demo) -> None:
    response = demo.get("/v1/applications?limit=200", OFFICER, **OFFICER_PURPOSE)
    answer = response.json()
    assert len(answer["items"]) > 20
    assert {item["location"]["region"]["code"] for item in answer["items"]} == {MANTUIL}
    numbers = [number for item in answer["items"] for number in item["applicant"]["identifiers"]]
    assert numbers
    for number in numbers:
        assert re.fullmatch(r"\*+\S{1,4}", number["value"]), "a number is shown in full"
    assert "637199" not in response.text
    found = entries(demo, response)
    assert sum(entry["records"] for entry in found) == len(answer["items"])
    assert {entry["purpose"] for entry in found} == {"application-handling"}
    assert {entry["role"] for entry in found} == {"officer"}


def test_an_officer_asks_for_another_kelurahan_in_vain(demo: Demo) -> None:
    elsewhere = demo.get("/v1/applications?limit=200&region=63.71.01.1003", OFFICER, **OFFICER_PURPOSE)
    assert elsewhere.status_code == 403
    assert [error["pointer"] for error in elsewhere.json()["errors"]] == ["query:region"]
    theirs = applications_of(demo, DAMAGED)[0]
    assert theirs["location"]["region"]["code"] != MANTUIL
    refused = demo.get(f"/v1/applications/{theirs['id']}", OFFICER, **OFFICER_PURPOSE)
    not_found(refused)
    assert [entry["result"] for entry in entries(demo, refused)] == ["refused"]
    (told,) = log_of(demo, DAMAGED, refused)
    assert (told["result"], told["actor"]) == ("refused", "officer")


def test_a_resident_sees_that_an_officer_read_their_application(demo: Demo) -> None:
    mine = applications_of(demo, "resident")[0]
    response = demo.get(f"/v1/applications/{mine['id']}", OFFICER, **OFFICER_PURPOSE, Accept_Language="en")
    assert response.status_code == 200
    assert response.json()["item"]["id"] == mine["id"]
    assert "637199" not in response.text
    (told,) = log_of(demo, "resident", response)
    assert (told["actor"], told["operation"], told["result"]) == ("officer", "getApplication", "shown")
    assert (told["purpose"], told["systems"], told["records"]) == ("Menangani permohonan", ["e-kelurahan"], 1)
    assert "specific" not in told["classes"]


def test_a_lookup_shows_residents_of_the_own_kelurahan_only(demo: Demo) -> None:
    def look_up(account: str, purpose: str = "identity-verification") -> httpx.Response:
        headers = {"Authorization": f"Bearer {demo.token(OFFICER)}"}
        body = {"nik": DEMONSTRATION[account].nik, "purpose": purpose}
        return demo.client.post("/v1/residents/lookup", json=body, headers=headers)

    found = look_up("resident")
    assert [item["name"] for item in found.json()["items"]] == ["GALUH KENANGA PELANGI"]
    assert "637199" not in found.text
    assert "religion" not in found.text or found.json()["items"][0]["religion"] is None
    (told,) = log_of(demo, "resident", found)
    assert (told["actor"], told["operation"]) == ("officer", "lookUpResident")

    elsewhere = look_up(DAMAGED)
    assert elsewhere.status_code == 200
    assert elsewhere.json()["items"] == []
    assert DEMONSTRATION[DAMAGED].name.split()[0].upper() not in elsewhere.text
    (told,) = log_of(demo, DAMAGED, elsewhere)
    assert (told["records"], told["actor"]) == (0, "officer")

    assert look_up("resident", "own-access").status_code == 403


# On record


@pytest.mark.parametrize("path", PERSONAL)
def test_every_personal_read_stands_in_the_log(demo: Demo, path: str) -> None:
    response = demo.get(path, "resident")
    assert response.status_code == 200
    found = entries(demo, response)
    assert found
    shown = len(response.json()["items"])
    if path != "/v1/me/access-log":
        assert sum(entry["records"] for entry in found) == shown
        assert {entry["request_id"] for entry in log_of(demo, "resident", response)} == {found[0]["request_id"]}
    for entry in found:
        assert (entry["role"], entry["client"], entry["purpose"]) == ("resident", "gerbang-mobile", "own-access")
        assert entry["acr"] == "1"
        assert "637199" not in str(entry)
    assert entries(demo, demo.get("/v1/programmes")) == []


def test_a_document_is_an_access_of_its_own(demo: Demo) -> None:
    applications = [
        demo.get(f"/v1/me/applications/{item['id']}", "resident").json()["item"]
        for item in applications_of(demo, "resident")
    ]
    with_documents = next(one["id"] for one in applications if one["documents"])
    (document, *_) = next(one["documents"] for one in applications if one["documents"])
    response = demo.get(f"/v1/me/applications/{with_documents}/documents/{document['id']}", "resident")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert response.headers["content-disposition"].startswith("attachment;")
    assert [entry["result"] for entry in entries(demo, response)] == ["document"]
    missing = demo.get(f"/v1/me/applications/{with_documents}/documents/no-such-document", "resident")
    not_found(missing)
    assert [entry["result"] for entry in entries(demo, missing)] == ["nothing-found"]


# When the log cannot be written


@contextmanager
def table_away(demo: Demo) -> Iterator[None]:
    """The table of accesses under another name, so that nothing can be added to it."""
    with closing(sqlite3.connect(demo.home / "gerbang.db", timeout=HANG_SECONDS)) as database:
        database.execute("alter table access_entries rename to access_entries_away")
        database.commit()
        try:
            yield
        finally:
            database.execute("alter table access_entries_away rename to access_entries")
            database.commit()


@contextmanager
def database_locked(demo: Demo) -> Iterator[None]:
    """Somebody else is writing, and does not come to an end."""
    with closing(sqlite3.connect(demo.home / "gerbang.db", timeout=HANG_SECONDS, isolation_level=None)) as database:
        database.execute("begin immediate")
        try:
            yield
        finally:
            database.execute("rollback")


@pytest.mark.parametrize("disturb", [table_away, database_locked])
def test_without_the_log_nothing_personal_is_shown_and_public_reads_go_on(
    demo: Demo, disturb: Callable[[Demo], Any]
) -> None:
    mine = applications_of(demo, "resident")[0]["id"]
    theirs = applications_of(demo, DAMAGED)[0]["id"]
    # Whoever asks is known already: signing in needs the database as well.
    assert demo.get("/v1/me/applications", "resident").status_code == 200
    assert demo.get("/v1/applications", OFFICER, **OFFICER_PURPOSE).status_code == 200
    personal = ["/v1/me/overview", "/v1/me/access-log", f"/v1/me/applications/{mine}", f"/v1/me/applications/{theirs}"]
    if disturb is database_locked:
        personal = personal[:1]  # each is waited for, until the gateway gives up
    with disturb(demo):
        for path in personal:
            # There is an answer while the database is still away: it is not waited for without end.
            answer = demo.get(path, "resident")
            assert answer.status_code == 503, path
            assert answer.json()["type"].endswith("/problems/access-log-unavailable")
            assert int(answer.headers["retry-after"]) >= 1
            assert "items" not in answer.text
        assert demo.get("/v1/applications", OFFICER, **OFFICER_PURPOSE).status_code == 503
        for path in PUBLIC:
            assert demo.get(path).status_code == 200, path
    answer = eventually(lambda: demo.get("/v1/me/overview", "resident"), lambda seen: seen.status_code == 200)
    assert entries(demo, answer)
    not_found(demo.get(f"/v1/me/applications/{theirs}", "resident"))
