"""Answers are compared beside the requests that brought them: bounded, forgotten afterwards, and whole at the end."""

import threading
import weakref

import pytest

from gateway.ground.clock import now
from gateway.observability.drift import queue
from gateway.observability.drift.detector import DriftDetector, DriftKind
from gateway.observability.drift.queue import DriftQueue
from gateway.records.normaliser import NormalisedAnswer
from tests.gateway.fakes import Fake, Wire, application, gateway_before

pytestmark = pytest.mark.anyio

HANG_SECONDS = 60.0


class Row(dict):
    """A wire record that can be seen to be forgotten."""


def answer(*items, reasons=()):
    return NormalisedAnswer("surat", "thing", items, (), tuple(reasons))


def found(detector):
    return [(drift.key.sample, drift.times) for drift in detector.open("surat")]


@pytest.fixture
def detector():
    return DriftDetector(now)


async def test_an_answer_is_compared_later_and_in_its_turn(detector):
    waiting = DriftQueue(detector)
    waiting.put(answer(reasons=["odd"]))
    waiting.put(answer(reasons=["odd"]))
    assert found(detector) == []
    waiting.drain()
    assert found(detector) == [("odd", 2)]
    assert waiting.dropped == 0


async def test_of_too_many_answers_some_are_left_out_and_counted(detector, monkeypatch):
    monkeypatch.setattr(queue, "MOST_ANSWERS", 3)
    waiting = DriftQueue(detector)
    for number in range(5):
        waiting.put(answer(reasons=[f"odd {number}"]))
    assert waiting.dropped == 2
    waiting.drain()
    assert [sample for sample, _ in found(detector)] == ["odd 0", "odd 1", "odd 2"]
    waiting.put(answer(reasons=["later"]))
    waiting.drain()
    assert ("later", 1) in found(detector)


async def test_of_too_many_records_some_are_left_out_but_never_a_large_answer_alone(detector, monkeypatch):
    monkeypatch.setattr(queue, "MOST_RECORDS", 10)
    waiting = DriftQueue(detector)
    waiting.put(answer(*[{}] * 50, reasons=["large"]))
    waiting.put(answer({}, reasons=["beside it"]))
    assert waiting.dropped == 1
    waiting.drain()
    for number in range(3):
        waiting.put(answer(*[{}] * 4, reasons=[f"small {number}"]))
    waiting.drain()
    assert [sample for sample, _ in found(detector)] == ["large", "small 0", "small 1"]


async def test_nothing_of_an_answer_is_held_once_it_is_compared(detector):
    waiting = DriftQueue(detector)
    row = Row(nama="Galuh")
    held = weakref.ref(row)
    waiting.put(answer(row))
    del row
    assert held() is not None
    waiting.drain()
    assert held() is None


async def test_one_answer_that_cannot_be_compared_costs_no_other(detector, monkeypatch, caplog):
    compare = detector.notice

    def fails_once(given):
        if given.reasons == ("bad",):
            raise ValueError("Galuh")
        compare(given)

    monkeypatch.setattr(detector, "notice", fails_once)
    waiting = DriftQueue(detector)
    waiting.put(answer(reasons=["bad"]))
    waiting.put(answer(reasons=["odd"]))
    waiting.drain()
    assert found(detector) == [("odd", 1)]
    assert "drift not compared" in caplog.text
    assert "Galuh" not in caplog.text


async def test_the_thread_compares_by_itself_and_ends(detector, monkeypatch):
    compared, compare = threading.Event(), detector.notice

    def tells(given):
        compare(given)
        compared.set()

    monkeypatch.setattr(detector, "notice", tells)
    before = set(threading.enumerate())
    waiting = DriftQueue(detector)
    waiting.start()
    waiting.put(answer(reasons=["odd"]))
    assert compared.wait(HANG_SECONDS)
    assert found(detector) == [("odd", 1)]
    await waiting.aclose()
    assert [thread for thread in set(threading.enumerate()) - before if thread.name == "drift"] == []


async def test_what_waits_at_the_end_is_compared(detector, monkeypatch):
    monkeypatch.setattr(queue, "_PAUSE", HANG_SECONDS)
    waiting = DriftQueue(detector)
    waiting.start()
    waiting.put(answer(reasons=["odd"]))
    await waiting.aclose()
    assert found(detector) == [("odd", 1)]


async def test_a_queue_that_was_never_started_ends_too(detector):
    waiting = DriftQueue(detector)
    waiting.put(answer(reasons=["odd"]))
    await waiting.aclose()
    assert found(detector) == [("odd", 1)]


async def test_the_gateway_answers_without_the_comparison_and_shows_the_drift_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "_PAUSE", HANG_SECONDS)
    system = Fake(asks=("application",))
    system.records = {"application": [Wire("1", application()), Wire("2")]}
    async with gateway_before(tmp_path, system) as gateway:
        answered = await gateway.http.get("/v1/applications", headers={"authorization": "Bearer resident"})
        assert answered.json()["sources"][0]["set_aside"] == 1
        assert gateway.deps.noticer.open(system.live.spec.id) == ()
        gateway.deps.drift_queue.drain()
        (drift,) = gateway.deps.noticer.open(system.live.spec.id)
        assert drift.key.kind is DriftKind.TYPE_CHANGED
        (shown,) = (await gateway.http.get("/v1/systems")).json()["items"]
        assert shown["drift"] == 1
