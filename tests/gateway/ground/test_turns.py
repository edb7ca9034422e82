"""Of the tasks that wait, a few go on in each round of the event loop, those with the smallest places first."""

import asyncio
from itertools import pairwise

import pytest

from gateway.ground.turns import Turns

pytestmark = pytest.mark.anyio


@pytest.fixture
def turns():
    return Turns(1)


async def test_a_task_alone_does_not_wait(turns):
    step = turns.take(1.0)
    with pytest.raises(StopIteration):
        step.send(None)


async def test_the_smallest_place_goes_first_and_equal_ones_as_they_came(turns):
    done = []

    async def process(name, at):
        await turns.take(at)
        done.append(name)

    places = {"first": 9.0, "late": 8.0, "early": 5.0, "early too": 5.0, "last": 8.5}
    await asyncio.gather(*(process(name, at) for name, at in places.items()))
    assert done == ["first", "early", "early too", "late", "last"]


async def test_the_loop_does_other_work_between_two_of_them(turns):
    events = []

    async def process(name):
        await turns.take(1.0)
        events.append(name)
        # What became ready while this one was processed, such as a request for a ready answer.
        asyncio.get_running_loop().call_soon(events.append, f"after {name}")

    await asyncio.gather(*(process(name) for name in "abc"))
    await asyncio.sleep(0)
    assert events.index("after a") < events.index("b") or events.index("after a") < events.index("c")
    assert events.index("after b") < events.index("c")


async def test_a_task_that_was_cancelled_holds_up_nobody(turns):
    done = []

    async def process(name, at):
        await turns.take(at)
        done.append(name)

    tasks = [asyncio.create_task(process(name, at)) for name, at in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert done == ["a", "c"]


async def test_it_is_free_again_when_all_have_gone_on(turns):
    await asyncio.gather(*(turns.take(1.0) for _ in range(3)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    step = turns.take(1.0)
    with pytest.raises(StopIteration):
        step.send(None)


async def test_no_more_than_the_bound_go_on_in_one_round():
    turns, done = Turns(3), []

    async def process(number):
        await turns.take(0.0)
        done.append(number)

    tasks = [asyncio.create_task(process(number)) for number in range(10)]
    counts = []
    while len(done) < len(tasks):
        await asyncio.sleep(0)
        counts.append(len(done))
    rounds = [after - before for before, after in pairwise([0, *counts])]
    assert max(rounds) == 3
    assert done == list(range(10))


async def test_the_place_of_the_next_one_is_known(turns):
    assert turns.first_place is None
    tasks = [asyncio.create_task(turns.take(place)) for place in (1.0, 7.0, 5.0)]
    await asyncio.sleep(0)
    assert turns.first_place == 5.0
    await asyncio.gather(*tasks)
    assert turns.first_place is None
