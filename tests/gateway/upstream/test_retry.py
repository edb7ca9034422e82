"""A safe request is sent once more when the way failed; never an unsafe one, never more than a tenth of all."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import AdapterError, UpstreamUnavailableError
from adapters.upstream import HttpRequest
from gateway.upstream.layers.retry import RetryBudget

pytestmark = pytest.mark.anyio


@given(wants=st.lists(st.booleans(), max_size=400))
def test_never_more_than_a_tenth(wants):
    budget, retries = RetryBudget(), 0
    for number, wanted in enumerate(wants, 1):
        budget.earn()
        retries += wanted and budget.spend()
        assert retries <= -(-number // 10)


def test_a_tenth_is_given():
    budget, retries = RetryBudget(), 0
    for _ in range(1000):
        budget.earn()
        retries += budget.spend()
    assert retries == 100


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_one_lost_connection_is_not_noticed_by_the_adapter(method, server, reach):
    async def once(seen):
        seen.reset() if len(server.seen) == 1 else await seen.reply(b"good")

    server.script = once
    up = reach().up()
    assert (await up.send(HttpRequest(method, "/x"))).content == b"good"
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_passing_error_is_tried_again_and_then_handed_over(status, server, reach):
    server.script = lambda seen: seen.reply(b"busy", status)
    assert (await reach().up().send(HttpRequest("GET", "/x"))).status == status
    assert len(server.seen) == 2


async def test_a_system_that_says_when_to_come_back_is_not_asked_before(server, reach):
    server.script = lambda seen: seen.reply(b"busy", 503, {"Retry-After": "120"})
    assert (await reach().up().send(HttpRequest("GET", "/x"))).status == 503
    assert len(server.seen) == 1


async def test_a_lasting_failure_is_asked_about_a_tenth_more_often(server, reach):
    async def failing(seen):
        await seen.reply(b"busy", 503)

    server.script = failing
    made = reach(tuning={"circuit_failures": 20, "circuit_cool": "PT0.000001S"})
    for _ in range(60):
        await made.up().send(HttpRequest("GET", "/x"))
    assert 60 < len(server.seen) <= 66


@pytest.mark.parametrize(("status", "sent"), [(400, 1), (404, 1), (500, 1), (501, 1)])
async def test_a_clear_answer_is_not_asked_for_again(status, sent, server, reach):
    server.script = lambda seen: seen.reply(b"", status)
    await reach().up().send(HttpRequest("GET", "/x"))
    assert len(server.seen) == sent


async def test_an_unsafe_request_is_sent_once(server, reach):
    server.script = lambda seen: seen.reply(b"busy", 503)
    await reach().up().send(HttpRequest("PUT", "/x", safe=False))
    assert len(server.seen) == 1


async def test_there_is_no_retry_without_time_for_it(server, reach):
    async def late(seen):
        await asyncio.sleep(0.2)
        seen.reset()

    server.script = late
    began = time.monotonic()
    with pytest.raises(UpstreamUnavailableError):
        await reach().up(seconds=0.4).send(HttpRequest("GET", "/x"))
    assert time.monotonic() - began < 2
    assert len(server.seen) == 1


async def test_the_second_failure_is_told(server, reach):
    async def lost_then_hanging(seen):
        if len(server.seen) == 1:
            seen.reset()
        else:
            await asyncio.sleep(60)

    server.script = lost_then_hanging
    with pytest.raises(AdapterError) as caught:
        await reach().up(seconds=0.7).send(HttpRequest("GET", "/x"))
    assert caught.value.cause == "timeout"
