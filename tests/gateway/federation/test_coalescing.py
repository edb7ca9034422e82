"""Identical questions are asked once, and nobody's leaving costs another their answer."""

import asyncio
import time
from datetime import timedelta
from unittest.mock import patch

import pytest

from gateway.federation.coalescing import LATE_SECONDS, LATE_STEPS, MOST_LATE, SharedQuestions
from gateway.ground.deadline import Deadline
from gateway.ground.turns import Turns

pytestmark = pytest.mark.anyio


class System:
    """Answers once it is let go; counts how often it was asked, and how often nobody waited any more."""

    def __init__(self):
        self.asked = self.given_up = 0
        self.let_go = asyncio.Event()
        self.begun = asyncio.Event()
        self.answered = asyncio.Event()
        self.fails = False

    async def ask(self):
        self.asked += 1
        number = self.asked
        self.begun.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.fails:
            raise LookupError("no")
        self.answered.set()
        return f"answer {number}"


def within(seconds, received=None):
    return Deadline.after(timedelta(seconds=seconds), received)


async def rounds(number):
    """Rounds of the event loop."""
    for _ in range(number):
        await asyncio.sleep(0)


async def until_dropped():
    """Until no answer that has come is kept any more."""
    for _ in range(LATE_STEPS + 2):
        await asyncio.sleep(LATE_SECONDS / LATE_STEPS)


async def waiting(under_way, system, key="q", seconds=30.0, number=1):
    """Tasks that wait for the question, after they have begun to."""
    tasks = [asyncio.create_task(under_way.share(key, within(seconds), system.ask)) for _ in range(number)]
    await asyncio.sleep(0)
    await system.begun.wait()
    return tasks


async def test_all_who_ask_the_same_at_once_share_one_answer_and_later_ones_ask_anew():
    under_way, system = SharedQuestions(Turns(1)), System()
    tasks = await waiting(under_way, system, number=50)
    assert (system.asked, len(under_way)) == (1, 1)
    system.let_go.set()
    assert set(await asyncio.gather(*tasks)) == {"answer 1"}
    await until_dropped()
    assert len(under_way) == 0
    assert await under_way.share("q", within(30), system.ask) == "answer 2"


async def test_another_question_is_another_question():
    under_way, system = SharedQuestions(Turns(1)), System()
    tasks = [*await waiting(under_way, system), *await waiting(under_way, system, key="r")]
    system.let_go.set()
    assert len(set(await asyncio.gather(*tasks))) == system.asked == 2


async def test_one_who_leaves_takes_nothing_from_the_others_not_even_the_one_who_asked_first():
    under_way, system = SharedQuestions(Turns(1)), System()
    first, second, third = await waiting(under_way, system, number=3)
    first.cancel()
    third.cancel()
    await asyncio.wait([first, third])
    system.let_go.set()
    assert await second == "answer 1"
    assert (system.asked, system.given_up) == (1, 0)


async def test_with_the_last_one_the_question_ends_and_the_next_one_does_not_join_it():
    under_way, system = SharedQuestions(Turns(1)), System()
    tasks = await waiting(under_way, system, number=2)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    late = asyncio.create_task(under_way.share("q", within(30), system.ask))
    await asyncio.sleep(0.01)
    assert (system.asked, system.given_up) == (2, 1)
    system.let_go.set()
    assert await late == "answer 2"
    await until_dropped()
    assert not under_way._questions


async def test_whoever_is_out_of_time_leaves_and_the_patient_ones_get_their_answer():
    under_way, system = SharedQuestions(Turns(1)), System()
    (patient,) = await waiting(under_way, system)
    with pytest.raises(TimeoutError):
        await under_way.share("q", within(0.01), system.ask)
    assert (system.asked, system.given_up) == (1, 0)
    system.let_go.set()
    assert await patient == "answer 1"


async def test_the_patient_do_not_join_a_question_that_ends_long_before_their_own_time():
    under_way, system = SharedQuestions(Turns(1)), System()
    (hasty,) = await waiting(under_way, system, seconds=2)
    patient = asyncio.create_task(under_way.share("q", within(15), system.ask))
    alike = asyncio.create_task(under_way.share("q", within(14), system.ask))
    await asyncio.sleep(0.01)
    assert system.asked == 2
    system.let_go.set()
    await asyncio.gather(hasty, patient, alike)
    await until_dropped()
    assert not under_way._questions


async def test_what_goes_wrong_is_told_to_everybody_and_not_kept():
    under_way, system = SharedQuestions(Turns(1)), System()
    system.fails = True
    tasks = await waiting(under_way, system, number=3)
    system.let_go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [LookupError] * 3
    system.fails = False
    assert await under_way.share("q", within(30), system.ask) == "answer 2"


async def test_beyond_the_bound_questions_are_asked_without_being_kept():
    under_way, system = SharedQuestions(Turns(1), most=2), System()
    tasks = [asyncio.create_task(under_way.share(key % 4, within(30), system.ask)) for key in range(8)]
    await asyncio.sleep(0.01)
    assert len(under_way) == 2
    # Two were joined by one each; four more found no room to be joined.
    assert system.asked == 6
    system.let_go.set()
    await asyncio.gather(*tasks)
    await until_dropped()
    assert len(under_way) == 0


async def test_an_answer_is_joined_late_by_who_was_received_before_it_and_by_nobody_else():
    under_way, system = SharedQuestions(Turns(1)), System()
    before = time.monotonic()
    (first,) = await waiting(under_way, system)
    system.let_go.set()
    assert await first == "answer 1"
    assert await under_way.share("q", within(30, before), system.ask) == "answer 1"
    assert await under_way.share("q", within(30), system.ask) == "answer 2"
    assert (under_way.asked, under_way.joined) == (2, 1)


async def test_an_answer_is_dropped_even_if_requests_that_may_join_it_go_on_coming():
    under_way, system = SharedQuestions(Turns(1)), System()
    before = time.monotonic()
    (first,) = await waiting(under_way, system)
    system.let_go.set()
    await first
    for _ in range(LATE_STEPS + 2):
        await under_way.share("q", within(30, before), system.ask)
        await asyncio.sleep(LATE_SECONDS / LATE_STEPS)
    assert system.asked > 1
    await until_dropped()
    assert not under_way._questions


async def test_an_answer_is_kept_for_rounds_of_a_loop_that_is_late():
    under_way, system = SharedQuestions(Turns(1)), System()
    before = time.monotonic()
    (first,) = await waiting(under_way, system)
    with patch("gateway.federation.coalescing.LATE_SECONDS", 0.0):  # the timer of a step is due in each round
        system.let_go.set()
        assert await first == "answer 1"
        await rounds(LATE_STEPS - 1)
        assert await under_way.share("q", within(30, before), system.ask) == "answer 1"
        await rounds(3)
    assert not under_way._questions


async def test_an_answer_is_kept_while_requests_that_were_received_before_it_have_not_begun():
    under_way, system = SharedQuestions(Turns(1)), System()
    (first,) = await waiting(under_way, system)
    before = time.monotonic()
    system.let_go.set()
    assert await first == "answer 1"
    with patch.object(Turns, "first_place", before):
        for _ in range(3):
            await until_dropped()
        assert await under_way.share("q", within(30, before), system.ask) == "answer 1"
    await until_dropped()
    assert not under_way._questions


async def test_no_more_than_the_bound_are_kept_longer():
    under_way, system = SharedQuestions(Turns(1)), System()
    system.let_go.set()
    with patch.object(Turns, "first_place", 0.0):
        for key in range(MOST_LATE + 20):
            await under_way.share(key, within(30), system.ask)
        await until_dropped()
        assert sorted(under_way._questions) == list(range(20, MOST_LATE + 20))
    await until_dropped()
    assert not under_way._questions


async def test_an_error_is_not_joined_late():
    under_way, system = SharedQuestions(Turns(1)), System()
    (first,) = await waiting(under_way, system)
    system.let_go.set()
    await asyncio.wait([first])
    await until_dropped()
    system.fails = True
    with pytest.raises(LookupError):
        await under_way.share("q", within(30), system.ask)
    await asyncio.sleep(0)
    assert not under_way._questions
    system.fails = False
    assert await under_way.share("q", within(30), system.ask) == "answer 3"
