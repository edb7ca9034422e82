"""Identical public requests at once: the application answers the first, and the others get its ready answer."""

import asyncio
import logging
from datetime import timedelta

import httpx
import pytest
from starlette.responses import PlainTextResponse

from gateway.api.edge import Edge, EdgeSettings
from gateway.api.pending_answers import PendingAnswers, PendingEnd
from gateway.api.ready_answers import ReadyAnswers, allow_keeping
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.settings import Deadlines
from gateway.snapshots.validity import UNLIMITED

pytestmark = pytest.mark.anyio

LONG = Deadlines(default=300, longest=300)


class Application:
    """Answers each request when `release` says so; `started` has the requests that reached it."""

    def __init__(self, status=200, *, validity=UNLIMITED):
        self.status, self.validity = status, validity
        self.started = []
        self.error = None
        self.may_answer = asyncio.Event()
        self.second_started = asyncio.Event()

    async def __call__(self, scope, receive, send):
        number = len(self.started)
        self.started.append(scope)
        if number == 1:
            self.second_started.set()
        await self.may_answer.wait()
        if self.error is not None and number == 0:
            raise self.error
        if self.validity is not None:
            allow_keeping(scope, self.validity)
        headers = [
            (b"cache-control", b"public"),
            (b"etag", b'"1"'),
            (b"content-length", b"4"),
            (b"x-n", b"%d" % number),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"body"})


class Callers:
    """Requests to a gateway in front of `application`."""

    def __init__(self, application, *, clock=now, deadlines=LONG):
        async def fault(_request, error):
            return PlainTextResponse(type(error).__name__, 500)

        self.application = application
        self.ready = ReadyAnswers(application, clock)
        edge = Edge(self.ready, EdgeSettings(deadlines), fault)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://gerbang")

    def start(self, path="/v1/complaints", method="GET", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.create_task(self.http.request(method, path, headers=sent))

    async def settled(self):
        """Let every request go as far as it can."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def waiting(self, number, *, started=1, **headers):
        """Start `number` requests, of which `started` reach the application."""
        tasks = [self.start(**headers) for _ in range(number)]
        await self.settled()
        assert len(self.application.started) == started
        return tasks


@pytest.fixture
async def application():
    return Application()


@pytest.fixture
async def callers(application):
    opened = Callers(application)
    yield opened
    await opened.http.aclose()


async def test_the_application_answers_one_of_many_identical_requests(callers, application):
    tasks = await callers.waiting(50)
    application.may_answer.set()
    answers = await asyncio.gather(*tasks)
    assert {(answer.status_code, answer.content, answer.headers["x-n"]) for answer in answers} == {(200, b"body", "0")}
    assert len({answer.headers["x-request-id"] for answer in answers}) == 50
    assert len(application.started) == 1
    assert (callers.ready.misses, callers.ready.hits) == (1, 49)


async def test_a_shared_answer_is_the_one_that_the_application_sends(callers, application):
    first, second, head, same = [
        callers.start(),
        callers.start(origin="https://app.example"),
        callers.start(method="HEAD"),
        callers.start(if_none_match='"1"'),
    ]
    await callers.settled()
    application.may_answer.set()
    first, second, head, same = await asyncio.gather(first, second, head, same)
    alone = Callers(application)
    own = {"content_length": "0"}  # such requests are never shared
    expected = [
        await alone.start(**own),
        await alone.start(origin="https://app.example", **own),
        await alone.start(method="HEAD", **own),
        await alone.start(if_none_match='"1"', **own),
    ]
    changing = {"x-request-id", "server-timing", "x-n"}

    def plain(answer):
        kept = [(name, value) for name, value in answer.headers.multi_items() if name not in changing]
        return answer.status_code, kept, answer.content

    assert [plain(answer) for answer in (first, second, head, same)] == [plain(answer) for answer in expected]
    assert same.status_code == 304


@pytest.mark.parametrize(
    "others",
    [
        {"path": "/v1/complaints?limit=2"},
        {"path": "/v1/places"},
        {"accept_language": "id"},
        {"accept_encoding": "identity"},
        {"accept": "text/csv"},
        {"authorization": "Bearer x"},
        {"cookie": "a=b"},
        {"content_length": "0"},
    ],
)
async def test_different_requests_are_not_joined(callers, application, others):
    same = {"accept_language": "en", "accept_encoding": "gzip", "accept": "*/*"}
    tasks = [callers.start(**same), callers.start(**(same | others))]
    await callers.settled()
    assert len(application.started) == 2
    application.may_answer.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("path", ["/v1/me/cases", "/readyz", "/oauth2/authorize", "/v1/search?q=a"])
async def test_only_requests_to_public_routes_wait(callers, application, path):
    tasks = [callers.start(path), callers.start(path)]
    await callers.settled()
    assert len(application.started) == 2
    application.may_answer.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("kind", [{"status": 404}, {"validity": None}])
async def test_an_answer_that_cannot_be_shared_lets_each_request_go_its_own_way(kind):
    application = Application(**kind)
    callers = Callers(application)
    tasks = await callers.waiting(5)
    application.may_answer.set()
    answers = await asyncio.gather(*tasks)
    # Not one after the other: all that waited reach the application.
    assert {answer.headers["x-n"] for answer in answers} == {"0", "1", "2", "3", "4"}


async def test_an_error_is_not_shared(callers, application):
    application.error = ValueError("first")
    tasks = await callers.waiting(5)
    application.may_answer.set()
    answers = await asyncio.gather(*tasks)
    assert [answer.status_code for answer in answers] == [500, 200, 200, 200, 200]


async def test_a_first_request_that_is_cancelled_hands_over_to_one_that_waits(callers, application):
    tasks = await callers.waiting(5)
    tasks[0].cancel()
    await callers.settled()
    assert len(application.started) == 2
    tasks[1].cancel()
    await callers.settled()
    assert len(application.started) == 3
    application.may_answer.set()
    answers = await asyncio.gather(*tasks[2:])
    assert {answer.headers["x-n"] for answer in answers} == {"2"}


async def test_a_waiting_request_that_is_cancelled_affects_no_other(callers, application):
    tasks = await callers.waiting(5)
    tasks[3].cancel()
    await callers.settled()
    application.may_answer.set()
    answers = await asyncio.gather(*tasks[:3], tasks[4])
    assert {answer.headers["x-n"] for answer in answers} == {"0"}
    assert tasks[3].cancelled()


async def test_an_answer_that_is_true_no_more_is_not_given_to_those_who_waited(callers, application):
    class Ended:
        """Holds when the answer is kept, and not after."""

        def __init__(self):
            self.looks = 0

        def holds(self, _at):
            self.looks += 1
            return self.looks == 1

    application.validity = Ended()
    tasks = await callers.waiting(3)
    application.may_answer.set()
    answers = await asyncio.gather(*tasks)
    assert {answer.headers["x-n"] for answer in answers} == {"0", "1", "2"}


async def test_the_deadline_of_a_request_bounds_its_wait(application):
    callers = Callers(application, deadlines=Deadlines(default=0.1, shortest=0.1))
    tasks = [callers.start(), callers.start()]
    async with asyncio.timeout(60):
        await application.second_started.wait()
    application.may_answer.set()
    assert {answer.headers["x-n"] for answer in await asyncio.gather(*tasks)} == {"0", "1"}


async def test_a_client_that_reads_nothing_does_not_delay_those_who_wait(application):
    ready = ReadyAnswers(application, now)
    edge = Edge(ready, EdgeSettings(LONG), None)
    never = asyncio.Event()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/complaints",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 4711),
    }

    async def receive():
        return {"type": "http.request", "body": b""}

    async def blocked(_message):
        await never.wait()

    sent = []

    async def send(message):
        sent.append(message)

    slow = asyncio.create_task(edge({**scope, "state": {}}, receive, blocked))
    await asyncio.sleep(0)
    other = asyncio.create_task(edge({**scope, "state": {}}, receive, send))
    await asyncio.sleep(0)
    application.may_answer.set()
    async with asyncio.timeout(60):
        await other
    assert (sent[0]["status"], len(application.started), slow.done()) == (200, 1, False)
    never.set()
    await slow


async def test_each_request_that_waited_is_logged(callers, application, caplog):
    with caplog.at_level(logging.INFO, logger="gateway.request"):
        tasks = await callers.waiting(3)
        application.may_answer.set()
        answers = await asyncio.gather(*tasks)
    logged = {getattr(record, "request_id", None) for record in caplog.records}
    assert {answer.headers["x-request-id"] for answer in answers} <= logged


async def test_at_most_so_many_requests_wait():
    pending = PendingAnswers(most_waiting=1)
    first = pending.begin("key")
    assert pending.begin("key") is None
    deadline = Deadline.after(timedelta(minutes=5))
    waiting = asyncio.create_task(pending.wait("key", deadline))
    await asyncio.sleep(0)
    assert await pending.wait("key", deadline) is PendingEnd.TIMED_OUT
    pending.end(first, PendingEnd.ANSWERED)
    assert await waiting is PendingEnd.ANSWERED
    assert (pending.waiting, len(pending)) == (0, 0)


async def test_the_end_of_an_earlier_answer_does_not_end_a_later_one():
    pending = PendingAnswers()
    first = pending.begin("key")
    pending.end(first, PendingEnd.ANSWERED)
    second = pending.begin("key")
    pending.end(first, PendingEnd.CANCELLED)
    assert (len(pending), second.end.done()) == (1, False)
