"""NIK verification at the counter: by an officer of the kelurahan, with a second factor and a purpose; it is logged."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from adapters.errors import UpstreamUnavailableError
from gateway.storage.tables.access_log import AccessEntryRow
from tests.gateway.counters import (
    account_of,
    code_of,
    living,
    opens_an_account,
    register,
    somebody_elses_code,
    without_the_log,
)
from tests.gateway.fakes import MANTUIL, NIK, OTHER_NIK, PEKAUMAN, PEOPLE, Fake, Wire, gateway_before, principal

pytestmark = pytest.mark.anyio

PATH = "/v1/residents/verification"


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    async with gateway_before(tmp_path, register()) as opened:
        opened.people["officer"] = replace(PEOPLE["officer"], acr=2)
        opened.people["weak"] = PEOPLE["officer"]
        opened.people["elsewhere"] = replace(PEOPLE["officer"], acr=2, region=PEKAUMAN)
        opened.people["scopeless"] = replace(
            principal("s", nik=None, roles=PEOPLE["officer"].roles, region=MANTUIL, without=("residents.verify",)),
            acr=2,
        )
        await opens_an_account(opened)
        yield opened


async def verify(gateway, who="officer", nik=NIK, code=None, **changes):
    code = code or await code_of(gateway)
    body = {"nik": nik, "purpose": "identity-verification", "code": code, **changes}
    return await gateway.http.post(PATH, json=body, headers={"authorization": f"Bearer {who}"})


async def test_an_officer_of_the_kelurahan_verifies_and_it_is_on_record(gateway):
    answer = await verify(gateway)
    assert (answer.status_code, answer.json()) == (200, {"verified": True})
    assert answer.headers["cache-control"] == "private, no-store"
    row = await account_of(gateway)
    assert row.nik_verified_by == "counter:account-officer"
    async with gateway.deps.database.session() as session:
        [entry] = (await session.scalars(select(AccessEntryRow))).all()
    assert (entry.operation, entry.purpose, entry.role) == ("verifyResident", "identity-verification", "officer")
    assert entry.subject_fingerprint == gateway.deps.gate.person_fingerprint(NIK)
    again = await verify(gateway)
    assert again.status_code == 200, "the same NIK once more is no harm"


@pytest.mark.parametrize(
    ("who", "changes", "status", "slug"),
    [
        ("resident", {}, 403, "insufficient-scope"),
        ("operator", {}, 403, "insufficient-scope"),
        ("scopeless", {}, 403, "insufficient-scope"),
        ("weak", {}, 401, "stronger-sign-in-needed"),
        ("elsewhere", {}, 404, "not-found"),
        ("officer", {"nik": OTHER_NIK}, 404, "not-found"),
        ("officer", {"nik": "6371990101010001"}, 404, "not-found"),
        ("officer", {"code": "0000 0000"}, 409, "verification-code-refused"),
        ("officer", {"purpose": "own-access"}, 403, "purpose-required"),
        ("officer", {"code": "x"}, 422, "invalid-request"),
    ],
)
async def test_everybody_and_everything_else_is_refused(gateway, who, changes, status, slug):
    answer = await verify(gateway, who, **changes)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].endswith(slug)
    assert (await account_of(gateway)).nik_fingerprint is None
    assert NIK not in answer.text


async def away(name, call):
    raise UpstreamUnavailableError("away")


async def test_a_failed_register_is_not_reported_as_not_found(tmp_path, anyio_backend):
    knows_nobody, second = Fake("first", asks=("resident",)), Fake("second", asks=("resident",))
    second.records["resident"] = [Wire("1", living(NIK, MANTUIL))]
    async with gateway_before(tmp_path, knows_nobody, second) as gateway:
        gateway.people["officer"] = replace(PEOPLE["officer"], acr=2)
        second.before = away
        answer = await verify(gateway, code="0000 0000")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "unavailable")
        assert [source["state"] for source in answer.json()["sources"]] == ["fresh", "failed"]
        second.before = None
        assert (await verify(gateway, code="0000 0000")).status_code == 409, "known, and the code is none"
        assert (await verify(gateway, nik=OTHER_NIK, code="0000 0000")).status_code == 404


async def test_an_unreadable_record_is_not_reported_as_not_found(tmp_path, anyio_backend):
    damaged = Fake(asks=("resident",))
    damaged.records["resident"] = [Wire("1")]
    async with gateway_before(tmp_path, damaged) as gateway:
        gateway.people["officer"] = replace(PEOPLE["officer"], acr=2)
        answer = await verify(gateway, code="0000 0000")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (502, "malformed")
        async with gateway.deps.database.session() as session:
            [entry] = (await session.scalars(select(AccessEntryRow))).all()
        assert (entry.result, entry.records) == ("nothing-found", 0)


async def test_a_nik_belongs_to_one_account(gateway):
    first = await verify(gateway)
    assert first.status_code == 200
    code = await somebody_elses_code(gateway)
    answer = await verify(gateway, code=code)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "nik-taken")


async def test_without_the_access_log_nothing_is_verified(gateway, monkeypatch):
    without_the_log(gateway, monkeypatch)
    answer = await verify(gateway)
    assert answer.status_code == 503
    assert (await account_of(gateway)).nik_fingerprint is None


async def test_codes_cannot_be_guessed(gateway):
    statuses = [(await verify(gateway, code="0000 0000")).status_code for _ in range(21)]
    assert statuses == [409] * 20 + [429]
    assert (await verify(gateway)).status_code == 429
