"""What a system can bear is kept: slots, calls a minute, calls a day."""

import asyncio
import time
from datetime import datetime, timedelta

import pytest

from adapters.contract import Limits
from adapters.errors import Cause, NotSentError, UpstreamUnavailableError
from adapters.transports import RateLimitedOfficeSettings
from adapters.upstream import HttpRequest
from gateway.ground.clock import WITA, now
from gateway.ground.deadline import Deadline
from gateway.shared.contract import Rate
from gateway.shared.memory import MemoryShared
from gateway.upstream.layers.health import OfficeLoad
from gateway.upstream.layers.quota import QuotaMeter, midnight_after
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.anyio

GET = HttpRequest("GET", "/x")
HANG_SECONDS = 120


async def slow(seen):
    await asyncio.sleep(0.05)
    await seen.reply()


async def ask(made, count, seconds=HANG_SECONDS):
    return await asyncio.gather(*(made.up(seconds).send(GET) for _ in range(count)), return_exceptions=True)


def causes(outcomes):
    return [outcome.cause for outcome in outcomes if isinstance(outcome, UpstreamUnavailableError)]


async def test_what_exceeds_the_slots_waits(server, reach):
    server.script = slow
    outcomes = await ask(reach(concurrent=3), 20)
    assert [outcome.status for outcome in outcomes] == [200] * 20
    assert server.most_at_once == 3


async def test_who_gets_no_slot_before_the_deadline_is_told_so_and_was_not_sent(server, reach):
    asked, released = asyncio.Event(), asyncio.Event()

    async def hold(seen):
        asked.set()
        await released.wait()
        await seen.reply()

    server.script = hold
    made = reach(concurrent=1, slowest=timedelta(seconds=HANG_SECONDS))
    first = asyncio.create_task(made.up(HANG_SECONDS).send(GET))
    await asked.wait()
    assert causes(await ask(made, 3, seconds=0.1)) == [Cause.CONCURRENCY_LIMIT] * 3
    with pytest.raises(NotSentError):
        await made.up(0.1).send(HttpRequest("POST", "/x", safe=False))
    released.set()
    assert (await first).status == 200
    assert len(server.seen) == 1
    assert (await made.up(HANG_SECONDS).send(GET)).status == 200
    assert made.upstreams.status("register", None).circuit == "closed"


async def test_the_queue_for_slots_is_bounded(server, reach):
    server.script = slow
    outcomes = await ask(reach(concurrent=1, tuning={"most_waiting": 4}), 20)
    assert (
        causes(outcomes).count(Cause.CONCURRENCY_LIMIT) == 15 or causes(outcomes).count(Cause.CONCURRENCY_LIMIT) == 16
    )
    assert len(server.seen) == 20 - len(causes(outcomes))


async def test_slots_are_given_back_whatever_happens(server, reach):
    async def any_fault(seen):
        number = len(server.seen) % 4
        if number == 0:
            seen.reset()
        elif number == 1:
            await seen.reply(b"[" * 1000)
        elif number == 2:
            await asyncio.sleep(60)
        else:
            await seen.reply()

    server.script = any_fault
    made = reach(concurrent=2, tuning={"circuit_failures": 20, "circuit_cool": "PT0.000001S"})
    for _ in range(6):
        await ask(made, 4, seconds=0.1)
    server.script = slow
    assert [outcome.status for outcome in await ask(made, 4)] == [200] * 4


async def test_processes_divide_the_slots(server, reach):
    server.script = slow
    await ask(reach(concurrent=8, tuning={"processes": 4}), 12)
    assert server.most_at_once == 2


async def test_the_calls_of_a_minute_are_kept_and_a_short_wait_is_waited(server, reach):
    made = reach(per_minute=600)  # 300 at once, then one each 0.2 s
    began = time.monotonic()
    for _ in range(300):
        await made.shared.take(
            f"minute/{OfficeRef('register').key}", Rate.per_minute(600), patience=timedelta(minutes=1)
        )
    outcomes = await ask(made, 3)
    assert [outcome.status for outcome in outcomes] == [200] * 3
    assert time.monotonic() - began > 0.5


@pytest.mark.slow
async def test_whoever_would_be_sent_at_the_last_moment_is_refused_and_takes_no_turn():
    shared, place = MemoryShared(monotonic=lambda: 100.0), OfficeRef("register")
    limits = Limits(concurrent=1, slowest=timedelta(seconds=5), per_minute=60)  # thirty at once, then one each 1.9 s
    meter = QuotaMeter(place, RateLimitedOfficeSettings(), limits, meters=shared, clock=now)
    for _ in range(30):
        await meter.take(UpstreamRequest(Deadline.after(timedelta(seconds=2.2)), 1))
    for _ in range(3):
        with pytest.raises(UpstreamUnavailableError) as refused:
            await meter.take(UpstreamRequest(Deadline.after(timedelta(seconds=2.2)), 1))
        assert refused.value.cause is Cause.CONCURRENCY_LIMIT
        assert refused.value.retry_at - now() < timedelta(seconds=2)
    began = time.monotonic()
    await meter.take(UpstreamRequest(Deadline.after(timedelta(seconds=60)), 1))
    assert time.monotonic() - began > 1.5


async def test_a_minute_that_is_spent_says_when_it_goes_on(server, reach):
    made = reach(per_minute=4)  # two at once, then one each 20 s
    asked_at = datetime.now(WITA)
    outcomes = await ask(made, 3, seconds=2)
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert error.cause is Cause.CONCURRENCY_LIMIT
    assert asked_at + timedelta(seconds=19) < error.retry_at <= datetime.now(WITA) + timedelta(seconds=20)
    made.upstreams.record_failure("register", None, error)
    assert made.upstreams.status("register", None).circuit == "closed"


async def test_what_an_office_grants_counts_and_not_what_its_system_usually_bears(server, reach):
    more = reach(per_minute=4, per_day=2, granted={"per_minute": 600, "per_day": 5})
    assert causes(await ask(more, 6, seconds=2)) == [Cause.QUOTA_SPENT]
    less = reach(per_minute=600, granted={"per_minute": 2})  # one at once, then one each 30 s
    assert causes(await ask(less, 2, seconds=2)) == [Cause.CONCURRENCY_LIMIT]


async def test_the_load_of_an_office_is_its_slots_and_its_daily_quota(server, reach):
    full, released = asyncio.Event(), asyncio.Event()

    async def hold(seen):
        if server.at_once == 2:
            full.set()
        await released.wait()
        await seen.reply()

    server.script = hold
    made = reach(concurrent=2, per_day=5, slowest=timedelta(seconds=HANG_SECONDS))
    assert await made.upstreams.load("register", None) is None
    calls = [asyncio.create_task(made.up(HANG_SECONDS).send(GET)) for _ in range(3)]
    await full.wait()
    load = OfficeLoad(slots=2, slots_used=2, waiting=1, calls_today=2, calls_a_day=5)
    assert await made.upstreams.load("register", None) == load
    released.set()
    await asyncio.gather(*calls)
    assert await made.upstreams.load("register", None) == OfficeLoad(2, 0, 0, 3, 5)


async def test_the_day_is_counted_by_all_processes_and_ends_at_midnight_in_the_city(server, reach):
    moment = [datetime(2026, 11, 23, 23, 59, tzinfo=WITA)]
    made = reach(per_day=5, clock=lambda: moment[0])
    other = Upstreams(made.shared, lambda: moment[0])
    mine = made.upstreams
    try:
        assert causes(await ask(made, 3)) == []
        made.upstreams = other
        outcomes = await ask(made, 4)
        assert causes(outcomes) == [Cause.QUOTA_SPENT] * 2
        [error, _] = [outcome for outcome in outcomes if isinstance(outcome, UpstreamUnavailableError)]
        assert error.retry_at == datetime(2026, 11, 24, tzinfo=WITA)
        assert len(server.seen) == 5
        moment[0] += timedelta(minutes=1)
        assert causes(await ask(made, 1)) == []
        made.upstreams = mine
        assert causes(await ask(made, 5)) == [Cause.QUOTA_SPENT]
    finally:
        await other.aclose()


def test_midnight_is_midnight_in_the_city():
    assert midnight_after(datetime.fromisoformat("2026-11-23T15:59:59+00:00")) == datetime(2026, 11, 24, tzinfo=WITA)
    assert midnight_after(datetime.fromisoformat("2026-11-23T16:00:00+00:00")) == datetime(2026, 11, 25, tzinfo=WITA)
