"""One question to many systems under one deadline: what each contributed, failed to, or was not asked for."""

import asyncio
import json
import re
import time
from datetime import timedelta

import pytest

from adapters.contract import Bad, Batch
from adapters.errors import (
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from gateway.ground.turns import Turns
from schemas.application import APPLICATION
from schemas.case import CaseStatus
from schemas.envelope import Cause
from tests.gateway.fakes import (
    MANTUIL,
    NIK,
    OTHER_NIK,
    PEKAUMAN,
    Fake,
    Wire,
    application,
    appointment,
    complaint,
    enrolment,
    gateway_before,
    resident,
)

pytestmark = pytest.mark.anyio


def raising(error):
    async def before(_name, _call):
        raise error

    return before


async def hanging(_name, _call):
    await asyncio.Event().wait()


def sources(answer):
    return {source["system"]: source for source in answer.json()["sources"]}


@pytest.fixture
def kelurahan():
    system = Fake("e-kelurahan", asks=("application",))
    system.records["application"] = [Wire("1", application()), Wire("2", application(OTHER_NIK))]
    return system


@pytest.fixture
def other():
    system = Fake("other", asks=("application",))
    system.records["application"] = [Wire("1", application(number="lain"))]
    return system


FAILURES = [
    (UpstreamTimeoutError("late"), "timeout", 504),
    (UpstreamUnavailableError("gone"), "unavailable", 503),
    (UpstreamUnavailableError("open", cause=Cause.CIRCUIT_OPEN), "circuit-open", 503),
    (UpstreamUnavailableError("full", cause=Cause.CONCURRENCY_LIMIT), "concurrency-limit", 503),
    (UpstreamUnavailableError("spent", cause=Cause.QUOTA_SPENT), "quota-spent", 503),
    (CredentialsRefusedError("we"), "credentials-refused", 502),
    (QueryRefusedError("this"), "query-refused", 502),
    (UpstreamMalformedError("what"), "malformed", 502),
    (RuntimeError(f"a bug that tells {NIK}"), "malformed", 502),
    (RecursionError(), "malformed", 502),
]


@pytest.mark.parametrize(("error", "cause", "status"), FAILURES, ids=lambda value: str(value)[:20])
async def test_a_system_that_fails_costs_the_others_nothing_and_says_why(
    tmp_path, kelurahan, other, caplog, error, cause, status
):
    kelurahan.before = raising(error)
    async with gateway_before(tmp_path, kelurahan, other) as gateway:
        some = await gateway.get("/v1/me/applications", "resident")
        other.before = raising(error)
        none = await gateway.get("/v1/me/applications", "resident")
        other.before = raising(UpstreamTimeoutError("late") if cause != "timeout" else UpstreamMalformedError("-"))
        mixed = await gateway.get("/v1/me/applications", "resident")
    assert some.status_code == 200
    assert [item["number"] for item in some.json()["items"]] == ["lain"]
    assert some.json()["complete"] is False
    assert (sources(some)["e-kelurahan"]["state"], sources(some)["e-kelurahan"]["cause"]) == ("failed", cause)
    assert sources(some)["other"]["state"] == "fresh"
    assert (none.status_code, none.json()["type"].rpartition("/")[2]) == (status, cause)
    assert none.json()["complete"] is False
    assert len(none.json()["sources"]) == 2
    assert (mixed.status_code, mixed.json()["type"].rpartition("/")[2]) == (503, "sources-failed")
    assert ("retry-after" in none.headers) is (status == 503)
    assert NIK not in some.text + none.text + caplog.text


async def test_a_failure_gives_way_to_answers(tmp_path, kelurahan, other, monkeypatch):
    turns = []
    take = Turns.take

    async def noted(order, place):
        turns.append(place)
        await take(order, place)

    monkeypatch.setattr(Turns, "take", noted)
    async with gateway_before(tmp_path, kelurahan, other) as gateway:
        await gateway.get("/v1/me/applications", "resident")
        answered = max(turns)
        turns.clear()
        kelurahan.before = other.before = raising(UpstreamUnavailableError("gone"))
        await gateway.get("/v1/me/applications", "resident")
    assert len(turns) == 2
    assert all(failed > answered for failed in turns)


async def test_a_retry_that_a_system_names_reaches_the_caller(tmp_path, kelurahan):
    async with gateway_before(tmp_path, kelurahan) as gateway:
        at = gateway.clock() + timedelta(seconds=90)
        kelurahan.before = raising(UpstreamUnavailableError("later", retry_at=at))
        answer = await gateway.get("/v1/me/applications", "resident")
    assert answer.headers["retry-after"] == "90"
    assert sources(answer)["e-kelurahan"]["retry_at"] == at.isoformat()


async def test_a_retry_without_its_zone_says_nothing_and_costs_nobody_an_answer(tmp_path, kelurahan, other):
    async with gateway_before(tmp_path, kelurahan, other) as gateway:
        at = gateway.clock().replace(tzinfo=None) + timedelta(seconds=90)
        kelurahan.before = raising(UpstreamUnavailableError("later", retry_at=at))
        answer = await gateway.get("/v1/me/applications", "resident")
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    source = sources(answer)["e-kelurahan"]
    assert (source["state"], source["cause"], "retry_at" in source) == ("failed", "unavailable", False)


async def test_a_bad_record_is_set_aside_and_counted_alone(tmp_path, caplog):
    system = Fake(asks=("application",))
    system.records["application"] = [
        Wire("1", application()),
        Wire("2"),
        Bad("not even wire"),
        Wire(3, application()),
        Wire("", application()),
        Wire("5", resident()),
        Wire("1", application(text="another with the same key")),
    ]
    system.strict = False
    async with gateway_before(tmp_path, system) as gateway:
        answer = await gateway.get("/v1/me/applications", "resident")
    document = answer.json()
    assert len(document["items"]) == 1
    assert document["sources"][0]["set_aside"] == 6
    assert document["complete"] is False
    assert document["items"][0]["doubts"] == [{"code": "id-duplicate", "field": None, "original": None}]
    assert NIK not in caplog.text


async def test_what_a_system_does_not_filter_the_gateway_does_and_does_not_count(tmp_path):
    system = Fake(asks=("application",), strict=False)
    system.records["application"] = [
        Wire("1", application(status=CaseStatus.READY)),
        Wire("2", application()),
        Wire("3", application(OTHER_NIK, status=CaseStatus.READY)),
    ]
    async with gateway_before(tmp_path, system) as gateway:
        answer = await gateway.get("/v1/me/applications?status=ready", "resident")
    assert [item["status"] for item in answer.json()["items"]] == ["ready"]
    assert (sources(answer)["register"]["items"], sources(answer)["register"]["withheld"]) == (1, 1)
    assert answer.json()["complete"] is False, "the withheld record may be the resident's"


async def test_an_officer_who_asks_for_another_kelurahan_is_told_that_they_may_not(tmp_path):
    system = Fake(asks=("application",), strict=False)
    system.records["application"] = [Wire("1", application()), Wire("2", application(region=PEKAUMAN))]
    async with gateway_before(tmp_path, system) as gateway:
        refused = await gateway.get(
            f"/v1/applications?region={PEKAUMAN}", "officer", purpose="application-handling", accept_language="en"
        )
        asked = system.asked["application"]
        own = await gateway.get(f"/v1/applications?region={MANTUIL}", "officer", purpose="application-handling")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "forbidden")
    assert refused.json()["errors"] == [
        {"pointer": "query:region", "detail": "an officer may query their own kelurahan only"}
    ]
    assert asked == 0, "no system is asked"
    assert [item["location"]["region"]["code"] for item in own.json()["items"]] == [MANTUIL]


async def test_an_officer_is_not_told_of_other_kelurahan(tmp_path):
    system = Fake(asks=("application", "resident"), strict=False)
    system.records["application"] = [Wire("1", application()), Wire("2", application(region=PEKAUMAN))]
    system.records["resident"] = [Wire("r", resident())]
    async with gateway_before(tmp_path, system) as gateway:
        listed = await gateway.get("/v1/applications", "officer", purpose="application-handling")
        looked_up = await gateway.http.post(
            "/v1/residents/lookup",
            headers={"authorization": "Bearer officer"},
            json={"nik": NIK, "purpose": "identity-verification"},
        )
        nobody = await gateway.http.post(
            "/v1/residents/lookup",
            headers={"authorization": "Bearer officer"},
            json={"nik": "6371990101900099", "purpose": "identity-verification"},
        )
    assert [item["location"]["region"]["code"] for item in listed.json()["items"]] == [MANTUIL]
    for answer in (listed, looked_up):
        assert answer.status_code == 200
        assert "withheld" not in answer.json()["sources"][0]
        assert answer.json()["complete"] is True
    # Somebody of another kelurahan looks exactly like nobody.
    assert looked_up.json() == nobody.json()


async def test_who_has_no_number_is_told_what_is_unlinked_and_no_system_is_asked(tmp_path):
    system = Fake(asks=("application", "resident", "appointment"), feeds=("enrolment",))
    async with gateway_before(tmp_path, system) as gateway:
        answer = await gateway.get("/v1/me/overview", "no-nik")
    assert answer.status_code == 200
    assert {source["state"] for source in answer.json()["sources"]} == {"unlinked"}
    assert answer.json()["complete"] is True
    assert set(system.asked) <= {"enrolment"}


async def test_a_file_of_people_is_unlinked_from_whom_it_cannot_be_searched_for(tmp_path):
    system = Fake(feeds=("enrolment",), needs=())
    async with gateway_before(tmp_path, system) as gateway:
        (source,) = (await gateway.get("/v1/me/overview", "no-nik")).json()["sources"]
    assert source["state"] == "unlinked"


async def test_a_public_snapshot_says_nothing_of_a_person_since_it_names_nobody(tmp_path):
    system = Fake(feeds=("complaint",))
    system.records["complaint"] = [Wire("1", complaint("Gelap"))]
    async with gateway_before(tmp_path, system) as gateway:
        public = (await gateway.get("/v1/complaints")).json()
        own = (await gateway.get("/v1/me/overview", "resident")).json()
    assert len(public["items"]) == 1
    (source,) = own["sources"]
    assert (source["state"], own["items"]) == ("not-asked", [])


async def test_a_record_with_a_doubtful_number_proves_nothing(tmp_path):
    system = Fake(asks=("application", "resident"), strict=False)
    system.records = {
        "application": [Wire("1", application(exact=False))],
        "resident": [Wire("r", resident()), Wire("s", resident(exact=False))],
    }
    async with gateway_before(tmp_path, system) as gateway:
        overview = (await gateway.get("/v1/me/overview", "resident")).json()
    by_resource = {source["resource"]: source for source in overview["sources"]}
    assert [item["resource"] for item in overview["items"]] == ["resident"]
    assert (by_resource["application"]["state"], by_resource["application"]["withheld"]) == ("unlinked", 1)
    assert (by_resource["resident"]["state"], by_resource["resident"]["withheld"]) == ("fresh", 1)
    assert overview["complete"] is False


async def test_a_scope_that_is_missing_is_said_and_the_system_is_not_asked(tmp_path):
    system = Fake(asks=("application", "resident", "appointment"))
    async with gateway_before(tmp_path, system) as gateway:
        principal = gateway.people["resident"]
        gateway.people["narrow"] = type(principal)(
            **{name: getattr(principal, name) for name in principal.__slots__} | {"scopes": frozenset({"profile.read"})}
        )
        overview = (await gateway.get("/v1/me/overview", "narrow")).json()
    states = {source["resource"]: (source["state"], source.get("cause")) for source in overview["sources"]}
    denied = ("denied", "insufficient-scope")
    assert states == {"resident": ("fresh", None), "application": denied, "appointment": denied}
    assert overview["complete"] is True
    assert set(system.asked) == {"resident"}


@pytest.mark.slow
async def test_one_deadline_for_all_and_an_adapter_that_never_comes_back_keeps_nobody(tmp_path, kelurahan, other):
    kelurahan.before = hanging
    async with gateway_before(tmp_path, kelurahan, other) as gateway:
        began = time.monotonic()
        answer = await gateway.get("/v1/me/applications", "resident", prefer="wait=1")
        took = time.monotonic() - began
        one = await gateway.get(
            f"/v1/me/applications/{gateway.id_of(APPLICATION, kelurahan, '1')}", "resident", prefer="wait=1"
        )
    assert answer.headers["preference-applied"] == "wait=1"
    for timed in (answer, one):
        (took_of_it,) = re.findall(r"e-kelurahan;dur=([0-9.]+)", timed.headers["server-timing"])
        assert 0 < float(took_of_it) < 60_000
    assert 0.9 < took < 60
    assert sources(answer)["e-kelurahan"]["cause"] == "timeout"
    assert len(answer.json()["items"]) == 1
    assert one.status_code == 504


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=3", "wait=3"),
        ("respond-async, wait=100", "wait=15"),
        ("wait=0", "wait=1"),
        ('wait="2"', "wait=2"),
        ("wait=2s", None),
        ("waiting=2", None),
        ("wait=-1", None),
        ("", None),
    ],
)
async def test_a_caller_moves_the_deadline_within_its_bounds(tmp_path, prefer, applied):
    async with gateway_before(tmp_path) as gateway:
        answer = await gateway.get("/v1/agencies", prefer=prefer)
    assert answer.headers.get("preference-applied") == applied


async def test_paging_of_a_system_comes_to_an_end(tmp_path):
    system = Fake(asks=("application",), page=3)
    system.records["application"] = [Wire(str(number), application()) for number in range(10)]
    async with gateway_before(tmp_path, system, max_records=20) as gateway:
        whole = await gateway.get("/v1/me/applications", "resident")
        system.records["application"] *= 3
        over = await gateway.get("/v1/me/applications", "resident")
        system._page = lambda _held, _mark: Batch((), next="again")
        circle = await gateway.get("/v1/me/applications", "resident")
    assert len(whole.json()["items"]) == 10
    assert (over.status_code, over.json()["type"].rpartition("/")[2]) == (422, "too-many")
    assert (circle.status_code, circle.json()["type"].rpartition("/")[2]) == (502, "malformed")


async def test_one_record_that_cannot_be_read_is_no_record_that_is_not_there(tmp_path):
    system = Fake(asks=("application",))
    system.records["application"] = [Wire("1")]
    async with gateway_before(tmp_path, system) as gateway:
        unreadable = await gateway.get(f"/v1/me/applications/{gateway.id_of(APPLICATION, system, '1')}", "resident")
        unknown = await gateway.get(f"/v1/me/applications/{gateway.id_of(APPLICATION, system, '9')}", "resident")
    assert (unreadable.status_code, unreadable.json()["type"].rpartition("/")[2]) == (502, "malformed")
    assert unknown.status_code == 404


async def test_documents_are_shown_with_their_record_and_faults_stay_the_systems(tmp_path, kelurahan):
    kelurahan.documents["1", "letter"] = b"%PDF-1.7"
    async with gateway_before(tmp_path, kelurahan) as gateway:
        own, others = gateway.id_of(APPLICATION, kelurahan, "1"), gateway.id_of(APPLICATION, kelurahan, "2")
        shown = await gateway.get(f"/v1/me/applications/{own}/documents/letter", "resident")
        missing = await gateway.get(f"/v1/me/applications/{own}/documents/other", "resident")
        refused = await gateway.get(f"/v1/me/applications/{others}/documents/letter", "resident")
        log = (await gateway.get("/v1/me/access-log", "resident")).json()["items"]

        async def broken(name, _call):
            if name == "document":
                raise ValueError(f"a bug that tells {NIK}")

        kelurahan.before = broken
        fault = await gateway.get(f"/v1/me/applications/{own}/documents/letter", "resident")
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, b"%PDF-1.7", "application/pdf")
    assert shown.headers["content-disposition"] == 'attachment; filename="application-letter.pdf"'
    assert shown.headers["cache-control"] == "private, no-store"
    assert [missing.status_code, refused.status_code] == [404, 404]
    # The newest first: what was looked for in vain is on record, and another's is on record for them.
    assert [(entry["operation"], entry["result"], entry["records"]) for entry in log] == [
        ("getMyApplicationDocument", "nothing-found", 0),
        ("getMyApplicationDocument", "document", 1),
    ]
    assert (fault.status_code, NIK in fault.text) == (502, False)


async def test_the_same_asked_at_the_same_time_by_the_same_person_reaches_the_system_once(tmp_path, kelurahan):
    let_go = asyncio.Event()

    async def slow(_name, _call):
        await let_go.wait()

    kelurahan.before = slow
    async with gateway_before(tmp_path, kelurahan) as gateway:
        asked = [asyncio.create_task(gateway.get("/v1/me/applications", "resident")) for _ in range(5)]
        asked += [asyncio.create_task(gateway.get("/v1/me/applications?status=ready", "resident"))]
        asked += [asyncio.create_task(gateway.get("/v1/me/applications", "other"))]
        while kelurahan.asked["application"] < 3:  # noqa: ASYNC110 - the fake counts, it has no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        let_go.set()
        same, others = (await asyncio.gather(*asked))[:5], asked[5:]
        log = (await gateway.get("/v1/me/access-log", "resident")).json()["items"]
    assert kelurahan.asked["application"] == 3
    assert len({json.dumps(answer.json()) for answer in same}) == 1
    assert others[0].result().json()["items"] == []
    assert {item["applicant"]["identifiers"][0]["value"] for item in others[1].result().json()["items"]} == {
        "*" * 12 + OTHER_NIK[-4:]
    }
    # Each of them saw the data, so each of them stands on record.
    assert len(log) == 6


async def test_of_a_subject_a_system_sees_only_what_it_needs(tmp_path):
    curious = Fake("curious", asks=("appointment",), needs=(), strict=False)
    entitled = Fake("entitled", asks=("appointment",))
    for system in (curious, entitled):
        system.records["appointment"] = [Wire("1", appointment())]
    async with gateway_before(tmp_path, curious, entitled) as gateway:
        answer = await gateway.get("/v1/me/appointments", "resident")
    assert len(answer.json()["items"]) == 2
    assert [call.subject for call in curious.calls] == [None]
    assert [call.subject.nik for call in entitled.calls] == [NIK]
    assert NIK not in repr(entitled.calls)


async def test_health_is_one_page_and_never_held(tmp_path):
    system = Fake(asks=("appointment",))
    system.records["appointment"] = [Wire(str(number), appointment()) for number in range(3)]
    async with gateway_before(tmp_path, system) as gateway:
        whole = await gateway.get("/v1/me/appointments?limit=3", "resident")
        over = await gateway.get("/v1/me/appointments?limit=2", "resident")
        held = gateway.deps.results._cache._short_lived.currsize
    assert (len(whole.json()["items"]), whole.json()["next"]) == (3, None)
    assert (over.status_code, over.json()["type"].rpartition("/")[2]) == (422, "too-many")
    assert held == 0


async def test_an_enrolment_comes_from_the_sealed_snapshot_and_nobody_is_asked_again(tmp_path):
    system = Fake(feeds=("enrolment",))
    system.records["enrolment"] = [Wire("1", enrolment()), Wire("2", enrolment(OTHER_NIK))]
    async with gateway_before(tmp_path, system) as gateway:
        for who in ("resident", "other", "resident"):
            overview = (await gateway.get("/v1/me/overview", who)).json()
            assert [item["resource"] for item in overview["items"]] == ["enrolment"]
            assert [(source["state"], source["items"]) for source in overview["sources"]] == [("held", 1)]
    assert system.asked["enrolment"] == 1
