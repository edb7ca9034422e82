"""The metrics of a gateway that answers requests: right after each request, bounded, and without anything personal."""

import re
from datetime import timedelta

import pytest
from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics import parser as openmetrics_parser

from adapters.errors import Cause, UpstreamUnavailableError
from gateway.observability.metrics.exposition import OPENMETRICS, TEXT
from gateway.policy.access_log.sqlite_store import SqliteStore
from gateway.policy.access_log.stores import StoreUnavailableError
from gateway.storage.engine import DatabaseError
from tests.gateway.fakes import NIK, Fake, Wire, application, gateway_before, programme

pytestmark = pytest.mark.anyio

LABELS = {
    *("operation", "method", "status", "system", "office", "outcome", "cause", "resource", "state", "result"),
    *("version", "python", "generation", "le", "class", "by"),
}


async def values(gateway):
    """The present value of every series, by its name and the values of its labels."""
    text = (await gateway.deps.metrics.exposition(TEXT)).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def system():
    system = Fake(feeds=("programme",), asks=("application",), fresh=timedelta(minutes=20), keep=timedelta(hours=2))
    system.records["programme"] = [Wire("A", programme("A")), Wire("broken")]
    system.records["application"] = [Wire("1", application()), Wire("2", application())]
    return system


async def test_requests_are_counted_by_operation(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        await gateway.get("/v1/programmes")
        await gateway.http.head("/v1/programmes")
        await gateway.get("/v1/programmes?unknown=1")
        await gateway.get("/v1/me/applications", "resident")
        await gateway.get("/v1/me/applications")
        await gateway.get("/oauth2/jwks")
        await gateway.http.delete("/v1/programmes")
        found = await values(gateway)
    counted = {key[1:]: value for key, value in found.items() if key[0] == "gerbang_http_requests_total" and value}
    assert counted == {
        ("listProgrammes", "GET", "2xx"): 1,
        ("listProgrammes", "HEAD", "2xx"): 1,
        ("listProgrammes", "GET", "4xx"): 1,
        ("listMyApplications", "GET", "2xx"): 1,
        ("listMyApplications", "GET", "4xx"): 1,
        ("/oauth2/jwks", "GET", "2xx"): 1,
        ("unknown", "DELETE", "4xx"): 1,
    }
    assert found["gerbang_http_request_duration_seconds_count", "listProgrammes", "GET"] == 2
    assert found["gerbang_ready_answers_requests_total", "hit"] == 1  # the HEAD


async def test_systems_feeds_and_the_access_log_are_read(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        await gateway.get("/v1/me/applications", "resident")
        gateway.clock.forward(minutes=5)
        found = await values(gateway)
        assert found["gerbang_upstream_circuit_open", "register", ""] == 0
        assert found["gerbang_upstream_slots", "register", ""] == 8
        assert found["gerbang_upstream_slots_used", "register", ""] == 0
        assert found["gerbang_records_total", "register", "application"] == 2
        assert found["gerbang_records_set_aside_total", "register", "programme"] == 1
        programmes = ("register", "", "programme")
        assert found["gerbang_snapshot_state", *programmes, "held"] == 1
        assert found["gerbang_snapshot_state", *programmes, "failed"] == 0
        assert found["gerbang_snapshot_age_seconds", *programmes] == 300
        assert found["gerbang_snapshot_records", *programmes] == 1
        assert found["gerbang_snapshot_set_aside_records", *programmes] == 1
        assert found["gerbang_feed_fetches_total", *programmes, "succeeded"] == 1
        assert found["gerbang_access_log_entries_total",] == found["gerbang_access_log_commits_total",] == 1
        assert found["gerbang_access_log_waiting_entries",] == found["gerbang_outbox_waiting_messages",] == 0
        assert found["gerbang_database_up",] == found["gerbang_access_log_writable",] == 1
        assert found["gerbang_metrics_source_errors_total",] == 0
        gateway.clock.forward(minutes=30)
        assert (await values(gateway))["gerbang_snapshot_state", *programmes, "stale"] == 1


async def test_a_failed_question_is_counted_once_by_its_cause(tmp_path, system):
    async def refuse(_name, _call):
        raise UpstreamUnavailableError("gone")

    async with gateway_before(tmp_path, system) as gateway:
        system.before = refuse
        await gateway.get("/v1/me/applications", "resident")
        found = await values(gateway)
    assert found["gerbang_upstream_failures_total", "register", "", Cause.UNAVAILABLE.value] == 1
    assert found["gerbang_upstream_last_failure_timestamp_seconds", "register", ""] == gateway.clock().timestamp()


async def test_a_silent_database_and_access_log_are_reported(tmp_path, system, monkeypatch):
    async with gateway_before(tmp_path, system) as gateway:

        def silent(*_):
            raise DatabaseError("the database has gone")

        def refuse(*_):
            raise StoreUnavailableError

        monkeypatch.setattr(gateway.deps.database, "begin", silent)
        monkeypatch.setattr(SqliteStore, "insert", refuse)
        monkeypatch.setattr(SqliteStore, "try_insert", refuse)
        assert (await gateway.get("/v1/me/applications", "resident")).status_code == 503
        found = await values(gateway)
        monkeypatch.undo()
    assert found["gerbang_database_up",] == found["gerbang_access_log_writable",] == 0
    assert found["gerbang_access_log_failed_entries_total",] == 1
    assert ("gerbang_outbox_waiting_messages",) not in found


async def test_entries_that_wait_for_their_commit_are_measured(tmp_path, system, monkeypatch):
    async with gateway_before(tmp_path, system) as gateway:
        counts = gateway.deps.log.counts
        seen = []

        def look(_store, entries):
            seen.append((counts.waiting, counts.oldest_waiting_seconds > 0, len(entries)))
            raise StoreUnavailableError

        monkeypatch.setattr(SqliteStore, "insert", look)
        await gateway.get("/v1/me/applications", "resident")
        assert seen == [(1, True, 1)]
        assert (counts.waiting, counts.oldest_waiting_seconds, counts.failed, counts.written) == (0, 0.0, 1, 0)


async def test_no_request_makes_a_new_label(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        await gateway.get("/v1/programmes")
        await gateway.http.request("BREW", "/v1/programmes")
        await gateway.get("/v1/nothing")
        before = set(await values(gateway))
        for number in range(50):
            await gateway.get(f"/v1/{number}/nothing?nik={NIK}")
            await gateway.get(f"/v1/programmes?text={number}")
            await gateway.http.request(f"BREW{number}", f"/v1/programmes/{number}")
        assert set(await values(gateway)) == before


async def test_nothing_personal_and_nothing_that_was_sent_is_in_it(tmp_path, system):
    canaries = [NIK, "canary-token", "canary-path", "canary-word", "canary-agent", "Siti Contoh"]
    async with gateway_before(tmp_path, system) as gateway:
        answer = await gateway.get("/v1/me/applications", "resident", user_agent="canary-agent")
        record = answer.json()["items"][0]["id"]
        for path in (
            f"/v1/me/applications/{record}",
            f"/v1/me/applications/{NIK}",
            f"/v1/canary-path/{NIK}?q=canary-word",
            "/v1/search?q=canary-word",
        ):
            await gateway.get(path, "resident", user_agent="canary-agent", x_request_id="canary-word")
            await gateway.get(path, "canary-token")
        for content_type in (TEXT, OPENMETRICS):
            text = (await gateway.deps.metrics.exposition(content_type)).decode()
            assert not [one for one in (*canaries, record) if one in text]
            assert not re.search(r"[0-9]{16}(?![0-9])[^\n]*\}", text)
    families = parser.text_string_to_metric_families((await gateway.deps.metrics.exposition()).decode())
    assert {label for family in families for sample in family.samples for label in sample.labels} <= LABELS


async def test_openmetrics_has_the_same_series(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        await gateway.get("/v1/programmes")
        plain = set(await values(gateway))
        text = (await gateway.deps.metrics.exposition(OPENMETRICS)).decode()
    found = openmetrics_parser.text_string_to_metric_families(text)
    assert {(one.name, *one.labels.values()) for family in found for one in family.samples} == plain
    assert openmetrics.exposition.CONTENT_TYPE_LATEST == OPENMETRICS


async def test_the_public_address_serves_no_metrics(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        answer = await gateway.get("/metrics", "operator")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/not-found")
