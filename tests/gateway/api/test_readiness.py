"""Readiness for a service: requirements that are met, missing, or unknowable while a system fails."""

import pytest

from schemas.identifiers import Identifier, IdentifierScheme
from schemas.service import SERVICE, Evidence, Requirement
from schemas.texts import Text
from tests.gateway.fakes import NIK, Fake, Wire, gateway_before, numbers, resident, service

pytestmark = pytest.mark.anyio

KK = Identifier(scheme=IdentifierScheme.KK, value="6371991708170011")
REQUIREMENTS = (
    Requirement(name=Text(id="Fotokopi KTP", en="Copy of the identity card"), evidence=Evidence.IDENTITY_CARD),
    Requirement(name=Text(id="Fotokopi KK"), evidence=Evidence.FAMILY_CARD),
    Requirement(name=Text(id="Pas foto"), required=False),
)


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    system = Fake(asks=("resident", "application"), feeds=("service",))
    person = resident()
    system.records = {
        "resident": [Wire("1", person.model_copy(update={"identifiers": (*numbers(NIK), KK)}))],
        "service": [Wire("1", service("domicile", requirements=REQUIREMENTS)), Wire("2", service("open"))],
    }
    async with gateway_before(tmp_path, system) as opened:
        opened.system = system
        opened.path = f"/v1/services/{opened.id_of(SERVICE, system, '1')}/readiness"
        yield opened


def states(answer):
    assert answer.status_code == 200, answer.text
    return [item["state"] for item in answer.json()["items"]]


async def test_each_requirement_is_checked_and_no_record_is_shown(gateway):
    answer = await gateway.get(gateway.path, "resident", accept_language="en")
    assert states(answer) == ["met", "met", "missing"]
    first, _, last = answer.json()["items"]
    assert first["name"] == "Copy of the identity card"
    assert [one["resource"] for one in first["met_by"]] == ["resident"]
    assert first["met_by"][0]["id"].startswith("res_")
    assert (last["required"], last["evidence"], last["met_by"], last["waits_for"]) == (False, None, [], [])
    assert answer.json()["complete"] is True
    assert [one["resource"] for one in answer.json()["sources"]] == ["service", "resident"]
    assert "Siti" not in answer.text
    assert KK.value not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


async def test_readiness_uses_the_callers_own_records(gateway):
    answer = await gateway.get(gateway.path, "other")
    assert states(answer) == ["missing", "missing", "missing"]


async def test_a_failed_register_makes_requirements_unknowable_not_missing(gateway):
    async def broken(name, call):
        raise ConnectionError

    gateway.system.before = broken
    answer = await gateway.get(gateway.path, "resident")
    assert states(answer) == ["unknowable-now", "unknowable-now", "missing"]
    assert answer.json()["complete"] is False
    assert answer.json()["items"][0]["waits_for"] == [
        {"resource": "resident", "system": "register", "office": None, "id": None}
    ]
    assert {one["state"] for one in answer.json()["sources"]} == {"held", "failed"}


async def test_without_a_proven_link_requirements_are_unknowable(gateway):
    assert states(await gateway.get(gateway.path, "no-nik")) == ["unknowable-now", "unknowable-now", "missing"]


async def test_the_access_to_the_records_is_logged(gateway):
    await gateway.get(gateway.path, "resident")
    log = (await gateway.get("/v1/me/access-log", "resident")).json()["items"]
    assert [(one["operation"], one["resource"], one["records"]) for one in log] == [
        ("getServiceReadiness", "resident", 1)
    ]


async def test_a_service_without_requirements_queries_no_system(gateway):
    answer = await gateway.get(f"/v1/services/{gateway.id_of(SERVICE, gateway.system, '2')}/readiness", "resident")
    assert (states(answer), gateway.system.asked["resident"]) == ([], 0)
    assert answer.headers["cache-control"] == "private, no-store"


async def test_readiness_is_for_residents_and_existing_services_only(gateway):
    assert (await gateway.get(gateway.path)).status_code == 401
    assert (await gateway.get(gateway.path, "officer", purpose="application-handling")).status_code == 403
    assert (await gateway.get("/v1/services/svc_x/readiness", "resident")).status_code == 404
    unknown = gateway.id_of(SERVICE, gateway.system, "9")
    assert (await gateway.get(f"/v1/services/{unknown}/readiness", "resident")).status_code == 404
