"""Requests of the API begin in turns, in the order in which they were received; health and sign-in begin at once."""

import asyncio
from itertools import pairwise

import pytest

from gateway.api.early_refusals import STARTS_IN_A_ROUND
from gateway.api.edge import Edge, EdgeSettings
from gateway.api.ready_answers import ReadyAnswers, allow_keeping
from gateway.ground.clock import now
from gateway.ground.deadline import RECEIVED_AT
from gateway.settings import Deadlines
from gateway.snapshots.validity import UNLIMITED

pytestmark = pytest.mark.anyio

HEADERS = [(b"cache-control", b"public"), (b"etag", b'"1"'), (b"content-length", b"0")]


class Application:
    """Notes the target and the context of each request that begins, and lets its answer be kept."""

    def __init__(self):
        self.begun = []
        self.contexts = []

    async def __call__(self, scope, receive, send):
        self.begun.append(scope["path"])
        self.contexts.append(scope["state"]["context"])
        allow_keeping(scope, UNLIMITED)
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def ask(application):
    edge = Edge(ReadyAnswers(application, now), EdgeSettings(Deadlines(default=300, longest=300)), None)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message):
        pass

    def start(path, received=0.0):
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        return asyncio.create_task(edge({**scope, RECEIVED_AT: received}, receive, send))

    return start


async def test_some_begin_in_each_round_in_the_order_in_which_they_were_received(application, ask):
    first = [ask(f"/v1/first/{number}") for number in range(STARTS_IN_A_ROUND)]
    later = [ask(f"/v1/{number}", received=100.0 - number) for number in range(30)]
    counts = [0]
    while len(application.begun) < len(first) + len(later):
        await asyncio.sleep(0)
        counts.append(len(application.begun))
    assert max(after - before for before, after in pairwise(counts)) == STARTS_IN_A_ROUND
    assert application.begun[len(first) :] == [f"/v1/{number}" for number in reversed(range(30))]
    await asyncio.gather(*first, *later)


async def test_health_and_sign_in_do_not_wait(application, ask):
    waiting = [ask(f"/v1/{number}") for number in range(10 * STARTS_IN_A_ROUND)]
    at_once = [ask(path) for path in ("/livez", "/readyz", "/oauth2/token", "/auth/login")]
    await asyncio.gather(*at_once)
    assert len(application.begun) <= 4 + 4 * STARTS_IN_A_ROUND
    await asyncio.gather(*waiting)


async def test_a_request_that_has_waited_gets_the_answer_that_is_ready_by_then(application, ask):
    await asyncio.gather(*(ask("/v1/complaints") for _ in range(10 * STARTS_IN_A_ROUND)))
    assert application.begun == ["/v1/complaints"]


async def test_the_time_of_a_request_counts_from_its_turn_and_its_arrival_is_kept(application, ask):
    await ask("/v1/me/cases", received=5.0)
    deadline = application.contexts[0].deadline
    assert deadline.received == 5.0
    assert deadline.remaining() > 200
