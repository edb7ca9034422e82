"""While the database does not answer, each request ends with 503; requests succeed when it answers again."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest

from gateway.storage.limits import DatabaseLimits
from tests.gateway.fakes import Fake, Wire, complaint, gateway_before
from tests.gateway.forwarder import forwarded

pytestmark = pytest.mark.anyio

HANGING = 120.0
SECONDS = timedelta(seconds=2)
LIMITS = DatabaseLimits(connect=SECONDS, pool=SECONDS, lock=timedelta(seconds=1), statement=SECONDS, request=SECONDS)
TOKEN = {"grant_type": "client_credentials", "client_id": "gerbang-mobile"}


def system():
    made = Fake(asks=(), feeds=("complaint",), needs=())
    made.strict = False
    made.records = {"complaint": [Wire("1", complaint("Gelap"))]}
    return made


async def statuses(gateway):
    """Return the status of each kind of request, all sent concurrently."""
    answers = await asyncio.gather(
        gateway.get("/v1/me/sessions", "resident"),
        gateway.get("/v1/me/access-log", "resident"),
        gateway.http.post("/oauth2/token", data=TOKEN),
        gateway.get("/oauth2/authorize?response_type=code&client_id=somebody"),
        gateway.get("/v1/complaints"),
        gateway.get("/readyz"),
    )
    return [answer.status_code for answer in answers], answers


@pytest.mark.postgres
async def test_every_request_ends_while_the_database_is_silent_and_is_served_when_it_is_back(postgres, tmp_path):
    with forwarded(postgres) as (forwarder, url):
        async with (
            asyncio.timeout(HANGING),
            gateway_before(tmp_path, system(), database_url=url, database_limits=LIMITS) as gateway,
        ):
            before, _ = await statuses(gateway)
            assert (before[0], before[1], before[4], before[5]) == (200, 200, 200, 200)
            forwarder.silence()
            for _ in range(2):
                silent, answers = await statuses(gateway)
                assert silent == [503, 503, 503, 503, 200, 503]
            own, log, token, page, _, ready = answers
            assert own.json()["type"].endswith("/problems/database-unavailable")
            assert log.json()["type"].endswith("/problems/access-log-unavailable")
            assert token.json()["error"] == "temporarily_unavailable"
            assert page.headers["content-type"].startswith("text/html")
            assert all(int(answer.headers["retry-after"]) > 0 for answer in (own, log, token, page))
            assert ready.json()["checks"]["database"] is False
            forwarder.resume()
            # The readiness check of the access log is cached for a second; the timeout above bounds the wait.
            while (again := (await statuses(gateway))[0]) != before:
                assert again[:5] == before[:5]
                await asyncio.sleep(0.1)
        forwarder.resume()


@pytest.mark.slow
async def test_a_request_behind_a_lock_is_answered_with_503_and_the_next_is_served(tmp_path):
    async with asyncio.timeout(HANGING), gateway_before(tmp_path, system(), database_limits=LIMITS) as gateway:
        other = sqlite3.connect(tmp_path / "gerbang.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        locked = await gateway.http.post("/oauth2/par", data={"client_id": "nobody"})
        other.rollback()
        other.close()
        assert (locked.status_code, locked.json()["error"]) == (503, "temporarily_unavailable")
        again = await gateway.http.post("/oauth2/par", data={"client_id": "nobody"})
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
