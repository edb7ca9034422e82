"""Answers that arrive together are processed one after another, the most urgent first."""

import asyncio

import pytest

from gateway.federation.processing_order import ProcessingOrder
from gateway.ground.deadline import Deadline

pytestmark = pytest.mark.anyio


@pytest.fixture
def order():
    return ProcessingOrder()


async def test_a_task_alone_does_not_wait(order):
    step = order.turn(Deadline(1.0))
    with pytest.raises(StopIteration):
        step.send(None)


async def test_the_earliest_deadline_goes_first_and_equal_ones_as_they_came(order):
    done = []

    async def process(name, at):
        await order.turn(Deadline(at))
        done.append(name)

    deadlines = {"first": 9.0, "late": 8.0, "early": 5.0, "early too": 5.0, "last": 8.5}
    await asyncio.gather(*(process(name, at) for name, at in deadlines.items()))
    assert done == ["first", "early", "early too", "late", "last"]


async def test_the_loop_does_other_work_between_two_of_them(order):
    events = []

    async def process(name):
        await order.turn(Deadline(1.0))
        events.append(name)
        # What became ready while this one was processed, such as a request for a ready answer.
        asyncio.get_running_loop().call_soon(events.append, f"after {name}")

    await asyncio.gather(*(process(name) for name in "abc"))
    await asyncio.sleep(0)
    assert events.index("after a") < events.index("b") or events.index("after a") < events.index("c")
    assert events.index("after b") < events.index("c")


async def test_a_task_that_was_cancelled_holds_up_nobody(order):
    done = []

    async def process(name, at):
        await order.turn(Deadline(at))
        done.append(name)

    tasks = [asyncio.create_task(process(name, at)) for name, at in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert done == ["a", "c"]


async def test_it_is_free_again_when_all_have_gone_on(order):
    await asyncio.gather(*(order.turn(Deadline(1.0)) for _ in range(3)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    step = order.turn(Deadline(1.0))
    with pytest.raises(StopIteration):
        step.send(None)
