"""The breaker opens when asking fails, says until when, and lets a healed system answer again within seconds."""

import asyncio
from datetime import timedelta

import pytest

from adapters.errors import (
    Cause,
    NotSentError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpRequest
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.layers.circuit import BreakerState, CircuitBreaker
from gateway.upstream.layers.retry_after import retry_after
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.anyio

HANG_SECONDS = 120

GET = HttpRequest("GET", "/x")
POST = HttpRequest("POST", "/x", safe=False)


class Time:
    at = 100.0

    def __call__(self):
        return self.at


async def hang(seen):
    await asyncio.sleep(60)


async def failing(made, count, seconds=0.1):
    outcomes = await asyncio.gather(*(made.up(seconds).send(GET) for _ in range(count)), return_exceptions=True)
    return [getattr(outcome, "cause", outcome) for outcome in outcomes]


async def opened(made):
    """Ask a system that hangs until its circuit is open; whoever had no time to ask says nothing about it."""
    async with asyncio.timeout(HANG_SECONDS):
        while made.upstreams.status("register", None).circuit is not BreakerState.OPEN:
            assert set(await failing(made, 1)) == {Cause.TIMEOUT}


async def healed(made):
    """Ask all the time, as callers do, until there is a good answer."""
    async with asyncio.timeout(HANG_SECONDS):
        while True:
            try:
                assert (await made.up(HANG_SECONDS).send(GET)).status == 200
            except UpstreamUnavailableError:
                retry_at = made.upstreams.status("register", None).retry_at
                assert retry_at is None or retry_at <= now() + timedelta(seconds=10)
                await asyncio.sleep(0.05)
            else:
                return


async def test_a_hanging_system_is_not_waited_for_any_more_and_comes_back_by_itself(server, reach):
    server.script = hang
    made = reach()
    await opened(made)
    asked = len(server.seen)
    with pytest.raises(UpstreamUnavailableError) as caught:
        await made.up(HANG_SECONDS).send(GET)
    assert len(server.seen) == asked
    assert caught.value.cause is Cause.CIRCUIT_OPEN
    assert caught.value.retry_at is not None
    assert caught.value.retry_at - now() <= timedelta(seconds=2)
    with pytest.raises(NotSentError) as unsent:
        await made.up(HANG_SECONDS).send(POST)
    assert unsent.value.retry_at is not None
    status = made.upstreams.status("register", None)
    assert (status.circuit, status.cause, status.succeeded_at) == (BreakerState.OPEN, Cause.TIMEOUT, None)
    server.script = lambda seen: seen.reply()
    await healed(made)
    status = made.upstreams.status("register", None)
    assert (status.circuit, status.cause, status.retry_at) == (BreakerState.CLOSED, Cause.TIMEOUT, None)
    assert status.succeeded_at is not None
    assert status.seconds is not None


async def test_a_system_that_is_restarted_comes_back(server, reach):
    made = reach()
    await made.up().send(GET)
    await server.stop()
    assert await failing(made, 6, HANG_SECONDS) == [Cause.UNAVAILABLE] * 6
    assert await failing(made, 1, HANG_SECONDS) == [Cause.CIRCUIT_OPEN]
    await server.start()
    await healed(made)


async def test_errors_of_the_system_are_answers_until_the_circuit_opens(server, reach):
    server.script = lambda seen: seen.reply(b"SQLSTATE", 500)
    made = reach()
    for _ in range(5):
        assert (await made.up().send(GET)).status == 500
    with pytest.raises(UpstreamUnavailableError, match="circuit"):
        await made.up().send(GET)
    assert len(server.seen) == 5


async def test_a_caller_who_goes_away_says_nothing_about_the_system(server, reach):
    server.script = hang
    made = reach()
    for _ in range(10):
        asking = asyncio.create_task(made.up(30).send(GET))
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert made.upstreams.status("register", None).circuit is BreakerState.CLOSED


async def test_a_caller_whose_own_limit_is_the_deadline_does(server, reach):
    server.script = hang
    made = reach()

    async def impatient():
        with pytest.raises((TimeoutError, UpstreamTimeoutError)):
            async with asyncio.timeout(0.1):
                await made.up(0.1).send(GET)

    # After five that had the time to ask.
    async with asyncio.timeout(HANG_SECONDS):
        while made.upstreams.status("register", None).circuit is not BreakerState.OPEN:
            await impatient()


async def test_malformed_answers_open_nothing(server, reach):
    server.script = lambda seen: seen.reply(b"[" * 1000)
    made = reach()
    for _ in range(12):
        with pytest.raises(UpstreamMalformedError):
            await made.up().send(GET)


async def test_who_waits_for_a_slot_while_the_circuit_opens_is_not_sent(server, reach):
    server.script = hang
    made = reach(concurrent=5, slowest=timedelta(seconds=1))
    outcomes = await failing(made, 30, HANG_SECONDS)
    # Four slots were given away before the fifth failure opened the circuit.
    assert 5 <= outcomes.count(Cause.TIMEOUT) <= 9
    assert outcomes.count(Cause.CIRCUIT_OPEN) == 30 - outcomes.count(Cause.TIMEOUT)
    assert len(server.seen) == outcomes.count(Cause.TIMEOUT)


async def test_too_many_requests_is_heeded(server, reach):
    server.script = lambda seen: seen.reply(status=429, headers={"Retry-After": "600"})
    made = reach()
    asked_at = now()
    with pytest.raises(UpstreamUnavailableError) as caught:
        await made.up().send(GET)
    assert caught.value.cause is Cause.UNAVAILABLE
    assert asked_at + timedelta(seconds=599) < caught.value.retry_at <= now() + timedelta(seconds=600)
    server.script = lambda seen: seen.reply()
    assert await failing(made, 5, HANG_SECONDS) == [Cause.CIRCUIT_OPEN] * 5
    assert len(server.seen) == 1


async def test_too_many_requests_is_heeded_no_longer_than_the_system_said(server, reach):
    server.script = lambda seen: seen.reply(status=429, headers={"Retry-After": "1"})
    made = reach()
    asked_at = now()
    with pytest.raises(UpstreamUnavailableError):
        await made.up().send(GET)
    server.script = lambda seen: seen.reply()
    await healed(made)
    assert now() - asked_at > timedelta(seconds=0.9)
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 3 ", 3),
        ("", 5),
        ("soon", 5),
        ("-1", 5),
        ("9" * 500, 10**8),
        ("Mon, 23 Nov 2026 01:00:30 GMT", 30),
        ("²", 5),
    ],
)
def test_retry_after_is_read(text, seconds):
    at = now().replace(2026, 11, 23, 9, 0, 0, 0)
    assert retry_after(text, at) == timedelta(seconds=seconds)


async def test_a_retry_after_of_years_is_not_believed(server, reach):
    server.script = lambda seen: seen.reply(status=429, headers={"Retry-After": "999999999"})
    with pytest.raises(UpstreamUnavailableError) as caught:
        await reach().up().send(GET)
    assert caught.value.retry_at <= now() + timedelta(minutes=15)


async def test_a_quota_that_an_adapter_found_spent_holds_for_everybody_and_is_tried_now_and_then(
    server, reach, monkeypatch
):
    time = Time()
    monkeypatch.setattr(CircuitBreaker.__init__, "__defaults__", (time,))
    made = reach(tuning={"quota_retry": timedelta(seconds=0.4)})
    await made.up().send(GET)
    midnight = now() + timedelta(hours=5)
    spent = UpstreamUnavailableError("quota", retry_at=midnight, cause=Cause.QUOTA_SPENT)
    made.upstreams.record_failure("register", None, spent)
    for _ in range(3):
        with pytest.raises(UpstreamUnavailableError) as caught:
            await made.up().send(GET)
        assert (caught.value.cause, caught.value.retry_at) == (Cause.QUOTA_SPENT, midnight)
        made.upstreams.record_failure("register", None, caught.value)  # as the federation does with every error
    assert len(server.seen) == 1
    assert made.upstreams.status("register", None).retry_at == midnight
    time.at += 0.5
    await made.up().send(GET)
    assert made.upstreams.status("register", None).circuit is BreakerState.CLOSED


async def test_other_processes_hear_of_a_hold(server, reach):
    made = reach()
    other = Upstreams(made.shared, now)
    try:
        await made.up().send(GET)
        made.upstreams.record_failure(
            "register",
            None,
            UpstreamUnavailableError("quota", retry_at=now() + timedelta(hours=5), cause=Cause.QUOTA_SPENT),
        )
        await asyncio.sleep(0.01)
        made.upstreams = other
        assert await failing(made, 1) == [Cause.QUOTA_SPENT]
    finally:
        await other.aclose()


def breaker(time, **tuning):
    settings = UpstreamSettings(circuit_cool=timedelta(seconds=2), **tuning)
    return CircuitBreaker(OfficeRef("a"), settings, MemoryShared(), now, time)


async def admitted(one):
    try:
        await one.admit(UpstreamRequest(Deadline(0), 1))
    except UpstreamUnavailableError:
        return False
    return True


async def test_one_try_at_each_pace_even_while_the_one_before_hangs():
    time = Time()
    one = breaker(time)
    for _ in range(5):
        one.record_failure()
    tries = []
    for tenth in range(100):
        time.at = 100 + tenth / 10
        if await admitted(one):
            tries.append(tenth)
        one.record_failure()  # stragglers of before keep failing, and change nothing
    assert tries == [20, 40, 60, 80]
    one.record_answer()
    assert await admitted(one)
    one.record_failure()
    assert await admitted(one)


async def test_half_of_the_last_twenty_open_it_and_old_failures_are_forgotten():
    time = Time()
    one = breaker(time)
    for _ in range(9):
        one.record_failure()
        one.record_answer()
    assert one.state is BreakerState.CLOSED
    time.at += 60
    for _ in range(4):
        one.record_failure()
    one.record_answer()
    assert one.state is BreakerState.CLOSED
    for _ in range(6):
        one.record_failure()
        one.record_answer() if one.state is BreakerState.CLOSED else None
    assert one.state is BreakerState.OPEN
    time.at += 2
    assert one.state is BreakerState.HALF_OPEN
