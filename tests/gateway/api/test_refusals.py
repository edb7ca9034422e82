"""A refused request for personal data (403) leaves an access entry; readiness shows when none can be written."""

import asyncio
import dataclasses
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.storage.limits import DatabaseLimits
from gateway.storage.tables.access_log import AccessEntryRow
from tests.gateway.fakes import NIK, OTHER_NIK, Fake, Wire, application, gateway_before, principal

pytestmark = pytest.mark.anyio

LOOKUP = {"nik": OTHER_NIK, "purpose": "identity-verification"}


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    system = Fake(asks=("application",), feeds=(), needs=())
    system.strict = False
    system.records = {"application": [Wire("1", application())]}
    limits = DatabaseLimits(lock=timedelta(seconds=1))
    async with gateway_before(tmp_path, system, database_limits=limits) as opened:
        opened.people["narrow"] = principal("narrow", without={"applications.read"})
        yield opened


async def entries(gateway):
    async with gateway.deps.database.session() as session:
        return list((await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all())


async def test_a_missing_scope_is_logged_and_shown_to_the_account_holder(gateway):
    assert (await gateway.get("/v1/me/applications", "narrow")).status_code == 403
    (entry,) = await entries(gateway)
    assert (entry.principal, entry.client, entry.subject) == ("account-narrow", "app", "account-narrow")
    assert entry.subject_fingerprint == gateway.deps.gate.person_fingerprint(NIK)
    assert (entry.operation, entry.resource, entry.result) == ("listMyApplications", "applications", "refused")
    assert (entry.records, entry.systems, entry.classes, entry.purpose) == (0, [], [], "own-access")
    told = (await gateway.get("/v1/me/access-log", "narrow")).json()["items"]
    assert [(one["result"], one["operation"], one["client"]) for one in told] == [
        ("refused", "listMyApplications", "app")
    ]


@pytest.mark.parametrize(
    ("who", "path", "resource", "subject"),
    [
        ("officer", "/v1/applications", "application", None),
        ("operator", "/v1/me/applications", "application", None),
        ("operator", "/v1/me", "resident", None),
    ],
)
async def test_a_missing_role_or_purpose_is_logged(gateway, who, path, resource, subject):
    scopes = frozenset({"applications.read", "profile.read"})
    gateway.people["operator"] = dataclasses.replace(gateway.people["operator"], scopes=scopes)
    assert (await gateway.get(path, who)).status_code == 403
    (entry,) = await entries(gateway)
    assert (entry.principal, entry.resource, entry.result) == (f"account-{who}", resource, "refused")
    assert (entry.subject, entry.subject_fingerprint, entry.purpose) == (subject, None, "not-stated")


async def test_a_refused_lookup_of_an_officer_is_logged_for_the_data_subject(gateway):
    asked = {**LOOKUP, "purpose": "own-access"}
    headers = {"authorization": "Bearer officer", "gerbang-purpose": "own-access"}
    answer = await gateway.http.post("/v1/residents/lookup", json=asked, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "purpose-required")
    (entry,) = await entries(gateway)
    assert (entry.role, entry.subject, entry.operation) == ("officer", None, "lookUpResident")
    assert entry.subject_fingerprint == gateway.deps.gate.person_fingerprint(OTHER_NIK)


async def test_other_refusals_are_not_logged(gateway):
    assert (await gateway.get("/v1/me/applications")).status_code == 401
    assert (await gateway.get("/v1/me/applications", "nobody")).status_code == 401
    assert (await gateway.get("/v1/admin/clients", "resident")).status_code == 403
    assert (await gateway.get("/v1/nowhere", "resident")).status_code == 404
    assert await entries(gateway) == []


async def test_repeated_refusals_are_limited_per_account(gateway, caplog):
    for _ in range(30):
        assert (await gateway.get("/v1/me/applications", "narrow")).status_code == 403
    assert len(await entries(gateway)) == 20
    assert caplog.text.count("refusal not recorded") == 10
    gateway.clock.forward(minutes=1)
    assert (await gateway.get("/v1/me/applications", "narrow")).status_code == 403
    assert len(await entries(gateway)) == 21


async def test_a_refusal_is_answered_though_it_cannot_be_recorded(gateway, monkeypatch, caplog):
    async def fails(_entries):
        raise AccessLogUnavailableError("the access log cannot be written")

    monkeypatch.setattr(gateway.deps.log, "record", fails)
    assert (await gateway.get("/v1/me/applications", "narrow")).status_code == 403
    assert "refusal not recorded" in caplog.text


@pytest.mark.slow
async def test_readiness_shows_that_the_access_log_cannot_be_written(gateway, tmp_path):
    async with asyncio.timeout(120):
        other = sqlite3.connect(tmp_path / "gerbang.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = await gateway.get("/v1/me/applications", "resident")
        ready = await gateway.get("/readyz")
        other.rollback()
        other.close()
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (503, "access-log-unavailable")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert ready.json()["checks"] == {"database": True, "snapshots": True, "access_log": False, "serving": True}
    assert (await gateway.get("/v1/me/applications", "resident")).status_code == 200
    assert (await gateway.get("/readyz")).json()["checks"]["access_log"] is True
