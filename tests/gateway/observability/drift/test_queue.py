"""The drift queue: bounded, processed in the background, released after the comparison, drained at shutdown."""

import dataclasses
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
    """A wire record that supports weak references."""


def answer(*items, reasons=()):
    return NormalisedAnswer("surat", "thing", items, (), tuple(reasons))


def found(detector):
    return [(drift.key.sample, drift.times) for drift in detector.open("surat")]


@pytest.fixture
def detector():
    return DriftDetector(now)


async def test_answers_are_compared_in_the_background_in_order(detector):
    waiting = DriftQueue(detector)
    waiting.put(answer(reasons=["odd"]))
    waiting.put(answer(reasons=["odd"]))
    assert found(detector) == []
    waiting.drain()
    assert found(detector) == [("odd", 2)]
    assert waiting.dropped == 0


async def test_answers_over_the_limit_are_dropped_and_counted(detector, monkeypatch):
    monkeypatch.setattr(queue, "MAX_ANSWERS", 3)
    waiting = DriftQueue(detector)
    for number in range(5):
        waiting.put(answer(reasons=[f"odd {number}"]))
    assert waiting.dropped == 2
    waiting.drain()
    assert [sample for sample, _ in found(detector)] == ["odd 0", "odd 1", "odd 2"]
    waiting.put(answer(reasons=["later"]))
    waiting.drain()
    assert ("later", 1) in found(detector)


async def test_records_over_the_limit_are_dropped_except_a_single_large_answer(detector, monkeypatch):
    monkeypatch.setattr(queue, "MAX_RECORDS", 10)
    waiting = DriftQueue(detector)
    waiting.put(answer(*[{}] * 50, reasons=["large"]))
    waiting.put(answer({}, reasons=["beside it"]))
    assert waiting.dropped == 1
    waiting.drain()
    for number in range(3):
        waiting.put(answer(*[{}] * 4, reasons=[f"small {number}"]))
    waiting.drain()
    assert [sample for sample, _ in found(detector)] == ["large", "small 0", "small 1"]


async def test_a_sample_of_the_answers_of_one_kind_is_compared_each_time(detector, monkeypatch):
    compared = []
    monkeypatch.setattr(detector, "compare", compared.append)
    waiting = DriftQueue(detector)
    answers = [answer({"number": number}) for number in range(5)]
    other = dataclasses.replace(answers[0], resource="other")
    odd = answer({}, reasons=["odd"])
    for one in (*answers, other, odd):
        waiting.put(one)
    waiting.drain()
    assert compared == [*answers[: queue.SAMPLE], other, odd]
    assert waiting.dropped == 0
    waiting.put(answers[-1])
    waiting.drain()
    assert compared[-1] == answers[-1], "the next sample begins with the comparison of this one"


async def test_a_compared_answer_is_released(detector):
    waiting = DriftQueue(detector)
    row = Row(nama="Galuh")
    held = weakref.ref(row)
    waiting.put(answer(row))
    del row
    assert held() is not None
    waiting.drain()
    assert held() is None


async def test_an_answer_that_cannot_be_compared_does_not_lose_the_others(detector, monkeypatch, caplog):
    compare = detector.compare

    def fails_once(given):
        if given.reasons == ("bad",):
            raise ValueError("Galuh")
        compare(given)

    monkeypatch.setattr(detector, "compare", fails_once)
    waiting = DriftQueue(detector)
    waiting.put(answer(reasons=["bad"]))
    waiting.put(answer(reasons=["odd"]))
    waiting.drain()
    assert found(detector) == [("odd", 1)]
    assert "drift not compared" in caplog.text
    assert "Galuh" not in caplog.text


async def test_the_thread_compares_answers_and_stops(detector, monkeypatch):
    compared, compare = threading.Event(), detector.compare

    def tells(given):
        compare(given)
        compared.set()

    monkeypatch.setattr(detector, "compare", tells)
    before = set(threading.enumerate())
    waiting = DriftQueue(detector)
    waiting.start()
    waiting.put(answer(reasons=["odd"]))
    assert compared.wait(HANG_SECONDS)
    assert found(detector) == [("odd", 1)]
    await waiting.aclose()
    assert [thread for thread in set(threading.enumerate()) - before if thread.name == "drift"] == []


async def test_queued_answers_are_compared_at_shutdown(detector, monkeypatch):
    monkeypatch.setattr(queue, "_DELAY_SECONDS", HANG_SECONDS)
    waiting = DriftQueue(detector)
    waiting.start()
    waiting.put(answer(reasons=["odd"]))
    await waiting.aclose()
    assert found(detector) == [("odd", 1)]


async def test_a_queue_that_was_never_started_can_be_closed(detector):
    waiting = DriftQueue(detector)
    waiting.put(answer(reasons=["odd"]))
    await waiting.aclose()
    assert found(detector) == [("odd", 1)]


async def test_the_gateway_answers_before_the_comparison_and_shows_the_drift_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "_DELAY_SECONDS", HANG_SECONDS)
    system = Fake(asks=("application",))
    system.records = {"application": [Wire("1", application()), Wire("2")]}
    async with gateway_before(tmp_path, system) as gateway:
        answered = await gateway.http.get("/v1/me/applications", headers={"authorization": "Bearer resident"})
        assert answered.json()["sources"][0]["set_aside"] == 1
        assert gateway.deps.drift_detector.open(system.live.spec.id) == ()
        gateway.deps.drift_queue.drain()
        (drift,) = gateway.deps.drift_detector.open(system.live.spec.id)
        assert drift.key.kind is DriftKind.TYPE_CHANGED
        (shown,) = (await gateway.http.get("/v1/systems")).json()["items"]
        assert shown["drift"] == 1
