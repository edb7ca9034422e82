"""Single records, public and personal, and the lists nested under them."""

from datetime import UTC, datetime

import pytest

from adapters.errors import UpstreamUnavailableError
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION, Contribution
from schemas.health import APPOINTMENT
from schemas.programme import PROGRAMME
from schemas.service import SERVICE
from tests.gateway.fakes import (
    OTHER_NIK,
    Fake,
    Wire,
    appointment,
    complaint,
    consultation,
    enrolment,
    gateway_before,
    programme,
    service,
)

pytestmark = pytest.mark.anyio

CONTRIBUTIONS = tuple(Contribution(id=str(number), text=f"Masukan {number}") for number in range(8, 13))


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    system = Fake(
        asks=("appointment",), feeds=("service", "complaint", "consultation", "programme", "enrolment"), needs=()
    )
    system.strict = False
    system.records = {
        "appointment": [Wire("1", appointment()), Wire("2", appointment(OTHER_NIK)), Wire("3")],
        "service": [Wire("1", service("domicile"))],
        "complaint": [Wire("1", complaint("Gelap")), Wire("2", complaint("Rahasia", confidential=True))],
        "consultation": [Wire("1", consultation("Forum", contributions=CONTRIBUTIONS))],
        "programme": [Wire("1", programme("A")), Wire("2", programme("B", year=2025))],
        "enrolment": [
            Wire("1", enrolment()),
            Wire("2", enrolment(OTHER_NIK)),
            Wire("3", enrolment(exact=False, year=2024)),
        ],
    }
    # This fake supports a query for one record; see below for systems that do not.
    async with gateway_before(tmp_path, system) as opened:
        opened.system = system
        yield opened


PUBLIC = [
    (SERVICE, "/v1/services", "name", "Surat domicile"),
    (COMPLAINT, "/v1/complaints", "text", "Gelap"),
    (CONSULTATION, "/v1/consultations", "title", "Forum"),
    (PROGRAMME, "/v1/programmes", "name", "A"),
]


@pytest.mark.parametrize(("resource", "path", "field", "value"), PUBLIC, ids=lambda value: str(value)[:20])
async def test_a_public_record_has_its_source_and_can_be_revalidated(gateway, resource, path, field, value):
    address = f"{path}/{gateway.id_of(resource, gateway.system, '1')}"
    answer = await gateway.get(address)
    assert answer.status_code == 200
    assert answer.json()["item"][field] == value
    assert answer.json()["sources"][0]["state"] == "held"
    assert (await gateway.get(address, if_none_match=answer.headers["etag"])).status_code == 304
    assert "Siti" not in answer.text
    for wrong in ("x", f"{resource.prefix}_x", gateway.id_of(resource, gateway.system, "9")):
        assert (await gateway.get(f"{path}/{wrong}")).status_code == 404


async def test_a_confidential_record_is_not_found(gateway):
    assert (await gateway.get(f"/v1/complaints/{gateway.id_of(COMPLAINT, gateway.system, '2')}")).status_code == 404


async def test_a_record_of_an_expired_snapshot_is_not_reported_as_not_found(gateway):
    there, not_ours = gateway.id_of(SERVICE, gateway.system, "1"), "svc_x"
    gateway.clock.forward(days=2)
    answer = await gateway.get(f"/v1/services/{there}")
    assert answer.status_code == 503
    assert answer.json()["sources"][0]["state"] == "failed"
    assert (await gateway.get(f"/v1/services/{not_ours}")).status_code == 404


@pytest.mark.parametrize("has_a_question", [True, False])
async def test_an_appointment_is_shown_to_its_patient_only(gateway, has_a_question):
    system = gateway.system
    if not has_a_question:
        (row,) = [row for row in system.spec.reads if row.resource is APPOINTMENT]
        object.__setattr__(row, "one", None)
    path = "/v1/me/appointments/"
    mine, theirs, bad = (path + gateway.id_of(APPOINTMENT, system, key) for key in "123")
    answer = await gateway.get(mine, "resident")
    assert answer.status_code == 200
    assert answer.json()["sources"][0]["items"] == 1
    assert answer.headers["cache-control"] == "private, no-store"
    for address, who in ((theirs, "resident"), (mine, "other"), (path + "apt_x", "resident")):
        assert (await gateway.get(address, who)).status_code == 404
    assert (await gateway.get(mine, "officer", purpose="application-handling")).status_code == 403
    # The record exists, but cannot be read.
    assert (await gateway.get(bad, "resident")).status_code == 502

    async def away(name, call):
        raise UpstreamUnavailableError("away")

    system.before = away
    assert (await gateway.get(mine, "resident")).status_code == 503


async def test_contributions_are_paged_and_have_no_names(gateway):
    path = f"/v1/consultations/{gateway.id_of(CONSULTATION, gateway.system, '1')}/contributions"
    seen, cursor = [], ""
    while cursor is not None:
        answer = (await gateway.get(f"{path}?limit=2{cursor and f'&cursor={cursor}'}")).json()
        seen += [item["text"] for item in answer["items"]]
        cursor = answer["next"]
        assert answer["sources"][0]["items"] == 5
    assert seen == [contribution.text for contribution in CONTRIBUTIONS]
    assert set(answer["items"][0]) == {"id", "text", "topic", "answer", "at"}
    first = (await gateway.get(f"{path}?limit=2")).json()["next"]
    for other in ("x", (await gateway.get("/v1/programmes?limit=1")).json()["next"]):
        wrong = await gateway.get(f"{path}?cursor={other}")
        assert wrong.json()["type"].endswith("cursor-invalid")
    assert (await gateway.get(f"/v1/services?cursor={first}")).status_code == 422
    assert (await gateway.get("/v1/consultations/cns_x/contributions")).status_code == 404


async def test_a_page_of_contributions_neither_repeats_nor_skips_when_others_come_and_go(gateway):
    path = f"/v1/consultations/{gateway.id_of(CONSULTATION, gateway.system, '1')}/contributions"
    first = (await gateway.get(f"{path}?limit=2")).json()
    # One that was received before the others is published late, and the last one of the first page is withdrawn.
    late = Contribution(id="99", at=datetime(2026, 11, 1, tzinfo=UTC), text="Terlambat")
    kept = (late, CONTRIBUTIONS[0], *CONTRIBUTIONS[2:])
    gateway.system.records["consultation"] = [Wire("1", consultation("Forum", contributions=kept))]
    (feeder,) = [one for one in gateway.deps.feeds._fetchers if one.key.resource == CONSULTATION.name]
    gateway.deps.snapshots.put(feeder.key, await feeder.fetch(feeder.row.fresh))
    second = (await gateway.get(f"{path}?cursor={first['next']}")).json()
    assert [item["id"] for item in (*first["items"], *second["items"])] == ["8", "9", "10", "11", "12"]
    assert [item["id"] for item in (await gateway.get(path)).json()["items"]] == ["99", "8", "10", "11", "12"]


async def test_an_enrolment_is_shown_to_its_holder_and_opened_from_the_sealed_snapshot(gateway):
    answer = await gateway.get("/v1/me/enrolments?year=2026", "resident")
    (item,) = answer.json()["items"]
    assert (item["holder"]["name"], answer.json()["sources"][0]["items"]) == ("Siti Contoh", 1)
    assert (await gateway.get("/v1/me/enrolments?year=2025", "resident")).json()["items"] == []
    opened = await gateway.get(f"/v1/me/enrolments/{item['id']}", "resident")
    assert opened.json()["item"] == item
    assert opened.json()["sources"][0]["state"] == "held"
    for who, id_ in (("other", item["id"]), ("resident", "enr_x"), ("resident", item["id"].replace("enr", "apl"))):
        assert (await gateway.get(f"/v1/me/enrolments/{id_}", who)).status_code == 404, who
    assert opened.json()["complete"], "what is withheld beside the record does not concern it"
    listed = (await gateway.get("/v1/me/enrolments", "resident")).json()
    assert (listed["complete"], listed["sources"][0]["withheld"]) == (False, 1)
    assert (await gateway.get("/v1/me/enrolments", "officer", purpose="application-handling")).status_code == 403
