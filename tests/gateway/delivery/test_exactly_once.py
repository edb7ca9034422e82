"""The transitions of a write, with a system of which each answer is chosen."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import BaseModel

from adapters.contract import Absent, Call, Http, OfficeSettings, Pending, Refused, Stored, Writes
from adapters.errors import (
    Cause,
    CredentialsRefusedError,
    NotSentError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from gateway.delivery.exactly_once import ATTEMPTS, LOOKS, carry_out
from gateway.delivery.outcomes import Delivered, NotSent, OutcomeUnknown, Rejected
from gateway.ground.clock import now

pytestmark = pytest.mark.anyio

STORED = Stored("surat/0007", "S-0007")
LOST = UpstreamTimeoutError("no answer")
UNSENT = NotSentError("no connection")
SETTLE = 4.0


class Command(BaseModel):
    """Nothing in particular."""


class Up:
    """Knows whether it wrote."""

    def __init__(self, *, wrote: bool) -> None:
        self.wrote = wrote


class Script:
    """A write whose answers are given one after the other; what has run out is an error of the test."""

    def __init__(self, sends=(), looks=(), *, idempotent=False, can_look=True, wrote=True) -> None:
        self.sends, self.looks, self.waited = list(sends), list(looks), []
        self.sent = 0
        self._up = Up(wrote=wrote)
        self.write = Writes(
            name="command",
            command=Command,
            transport=Http(),
            idempotent=idempotent,
            settle=timedelta(seconds=SETTLE),
            send=self._send,
            look=self._look if can_look else None,
        )

    async def _send(self, _call, _command, _code):
        self.sent += 1
        return _played(self.sends)

    async def _look(self, _call, _command, _code):
        return _played(self.looks)

    def call(self):
        return Call(settings=OfficeSettings(), up=self._up, now=now())

    async def run(self):
        async def sleep(seconds):
            self.waited.append(seconds)

        return await carry_out(self.write, self.call, Command(), "GB-1", sleep=sleep)


def _played(script):
    step = script.pop(0)
    if isinstance(step, BaseException):
        raise step
    return step


async def test_a_clear_answer_ends_it():
    assert await Script([STORED]).run() == Delivered("surat/0007", "S-0007")
    assert await Script([Refused("full", "Penuh")]).run() == Rejected("full", "Penuh")


async def test_what_did_not_leave_is_sent_again_a_few_times():
    assert await Script([UNSENT, UNSENT, STORED]).run() == Delivered("surat/0007", "S-0007")
    script = Script([UNSENT] * ATTEMPTS)
    assert await script.run() == NotSent("no connection")


async def test_what_the_upstream_knows_did_not_leave_counts_as_unsent():
    script = Script([UpstreamMalformedError("no form"), STORED], wrote=False)
    assert await script.run() == Delivered("surat/0007", "S-0007")


async def test_a_refusal_of_us_is_not_tried_again():
    script = Script([CredentialsRefusedError("no")], wrote=False)
    assert isinstance(await script.run(), NotSent)
    assert script.sent == 1


async def test_a_system_that_wants_to_be_asked_much_later_is_left_alone():
    later = now() + timedelta(minutes=5)
    script = Script([NotSentError("quota", retry_at=later)])
    assert await script.run() == NotSent("quota", later)
    soon = Script([NotSentError("busy", retry_at=now() + timedelta(seconds=3)), STORED])
    assert isinstance(await soon.run(), Delivered)
    assert 2 < soon.waited[0] <= 3


@pytest.mark.parametrize("failure", [LOST, UpstreamUnavailableError("lost", cause=Cause.UNAVAILABLE), KeyError("bug")])
async def test_a_doubt_is_looked_up_before_anything_is_sent_again(failure):
    script = Script([failure], [STORED])
    assert await script.run() == Delivered("surat/0007", "S-0007", looked_up=True)
    assert script.waited == [SETTLE]
    again = Script([failure, STORED], [Absent()])
    assert await again.run() == Delivered("surat/0007", "S-0007")
    assert (again.waited[0], again.sent) == (SETTLE, 2)


async def test_what_is_never_there_was_not_sent():
    script = Script([LOST] * ATTEMPTS, [Absent()] * ATTEMPTS)
    assert isinstance(await script.run(), NotSent)
    assert script.sent == ATTEMPTS


async def test_a_look_that_fails_is_tried_again_and_never_taken_for_absence():
    assert await Script([LOST], [LOST, STORED]).run() == Delivered("surat/0007", "S-0007", looked_up=True)
    script = Script([LOST], [LOST] * LOOKS)
    assert await script.run() == OutcomeUnknown("no answer")
    assert script.sent == 1
    assert isinstance(await Script([LOST], [KeyError("bug")]).run(), OutcomeUnknown)


async def test_what_can_be_neither_looked_up_nor_repeated_stays_unknown():
    script = Script([LOST], can_look=False)
    assert isinstance(await script.run(), OutcomeUnknown)
    assert script.sent == 1


async def test_what_does_no_harm_is_repeated_without_looking():
    assert await Script([LOST, STORED], can_look=False, idempotent=True).run() == Delivered("surat/0007", "S-0007")
    # The first attempt may have been stored, so that the later ones were not sent proves nothing.
    script = Script([LOST, UNSENT, UNSENT], can_look=False, idempotent=True)
    assert isinstance(await script.run(), OutcomeUnknown)


async def test_a_cancellation_before_anything_left_goes_through():
    with pytest.raises(asyncio.CancelledError):
        await Script([asyncio.CancelledError()], wrote=False).run()


async def test_a_cancellation_later_is_looked_up_and_not_sent_again():
    found = Script([asyncio.CancelledError()], [STORED])
    assert await found.run() == Delivered("surat/0007", "S-0007", looked_up=True)
    absent = Script([asyncio.CancelledError()], [Absent()])
    assert isinstance(await absent.run(), NotSent)
    assert absent.sent == 1


@pytest.mark.parametrize(
    ("look", "outcome"), [(STORED, Delivered("surat/0007", "S-0007", looked_up=True)), (Absent(), NotSent("no answer"))]
)
async def test_a_cancellation_while_it_is_looked_up_does_not_end_the_looking(look, outcome):
    script, settling = Script([LOST], [look]), asyncio.Event()

    async def sleep(_seconds):
        settling.set()
        await asyncio.sleep(0.05)

    task = asyncio.create_task(carry_out(script.write, script.call, Command(), "GB-1", sleep=sleep))
    await settling.wait()
    task.cancel()
    assert await task == outcome
    assert script.sent == 1


async def test_what_is_pending_is_looked_for_and_never_sent_again():
    script = Script([Pending()], [Pending(), STORED])
    assert await script.run() == Delivered("surat/0007", "S-0007", looked_up=True)
    assert script.sent == 1


@pytest.mark.parametrize("idempotent", [True, False])
async def test_what_stays_pending_is_unknown(idempotent):
    script = Script([Pending()], [Pending()] * LOOKS, idempotent=idempotent)
    assert await script.run() == OutcomeUnknown("the system reports the outcome later")
    assert script.sent == 1


async def test_what_was_pending_may_be_refused_later():
    assert await Script([Pending()], [Refused("closed", "tutup")]).run() == Rejected("closed", "tutup")


@pytest.mark.parametrize("sends", [[LOST, asyncio.CancelledError()], [LOST]])
async def test_a_cancellation_after_a_doubt_that_stays_still_tells_of_it(sends):
    """What may be repeated is not looked up: cancelled before it is sent again, the first attempt is in doubt."""
    script = Script(sends, can_look=False, idempotent=True)

    async def sleep(_seconds):
        script._up.wrote = False
        if len(sends) == 1:
            raise asyncio.CancelledError

    outcome = await carry_out(script.write, script.call, Command(), "GB-1", sleep=sleep)
    assert outcome == OutcomeUnknown("no answer")
    assert script.sent == len(sends)


async def test_a_cancellation_while_nothing_has_left_goes_through_the_pause():
    script = Script([UNSENT])

    async def sleep(_seconds):
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await carry_out(script.write, script.call, Command(), "GB-1", sleep=sleep)
