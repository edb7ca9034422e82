"""Ready answers: always the bytes that the application would send, kept only while they are true."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.errors import UpstreamUnavailableError
from gateway.api.edge import Edge, EdgeSettings
from gateway.api.ready_answers import ReadyAnswers, allow_keeping
from gateway.ground.clock import now
from gateway.snapshots.snapshot import FetchFailure, SnapshotKey
from gateway.snapshots.validity import UNLIMITED, Validity, Version
from tests.gateway.fakes import Clock, Fake, Wire, complaint, gateway_before, incident, programme
from tests.loops import examples

pytestmark = pytest.mark.anyio

CHANGING = {"x-request-id", "server-timing", "ratelimit", "date"}
"""Headers of one request."""
FEEDS = ("complaint", "incident", "programme")
BODIES = {
    "complaint": [complaint(f"Jalan rusak {n}", title=f"Aduan {n}") for n in range(6)],
    "incident": [incident(f"Kecelakaan {n}") for n in range(6)],
    "programme": [programme(f"P{n}", year=2020 + n % 3) for n in range(6)],
}
PATHS = (
    "/v1/complaints",
    "/v1/complaints?limit=2",
    "/v1/complaints?region=63.71.01",
    "/v1/complaints?q=rusak",
    "/v1/complaints?nonsense=1",
    "/v1/places",
    "/v1/notices?limit=3",
    "/v1/traffic/incidents",
    "/v1/programmes?year=2021",
    "/v1/programmes?limit=1",
    "/v1/regions?limit=2",
    "/v1/codes",
    "/v1/systems",
    "/v1/search?q=aduan",
    "the first record",
    "the next page",
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "accept": st.sampled_from(["*/*", "text/csv", "application/geo+json", "application/json;q=0.1", "image/png"]),
        "accept-language": st.sampled_from(["en", "id", "en-GB;q=0.3, id;q=0.2", "fr"]),
        "accept-encoding": st.sampled_from(["gzip", "identity", "br, gzip;q=0", "GZIP;q=0.5"]),
        "origin": st.sampled_from(["https://app.example", "http://localhost:8000"]),
        "if-none-match": st.sampled_from(["*", '"other"', "the present tag"]),
    },
)
KEYS = st.sampled_from(FEEDS)
CHANGES = st.one_of(
    st.tuples(st.just("put"), KEYS, st.sets(st.integers(0, 5))),
    st.tuples(st.just("hide"), KEYS, st.sets(st.integers(0, 5), max_size=2)),
    st.tuples(st.just("fail"), KEYS, st.booleans()),
    st.tuples(st.just("drop"), KEYS, st.none()),
    st.tuples(st.just("clock"), st.none(), st.sampled_from([-3600, -5, 1, 61, 901, 3601, 86_401])),
)


class Hiding:
    """An overlay that hides records, as pushes about confidential ones do."""

    def __init__(self, hidden):
        self.hidden = hidden

    def merge(self, fetched):
        """The fetched snapshot without the hidden records."""
        remaining = tuple(record for record in fetched.records if record.id not in self.hidden)
        digest = f"{fetched.digest}-{sorted(self.hidden)}"
        return replace(fetched, records=remaining, count=len(remaining), digest=digest)


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory, anyio_backend):
    system = Fake(feeds=FEEDS)
    system.records = {name: [Wire(str(n), body) for n, body in enumerate(bodies)] for name, bodies in BODIES.items()}
    async with gateway_before(tmp_path_factory.mktemp("ready"), system) as opened:
        await opened.deps.feeds.aclose()  # only these tests change snapshots
        opened.fetched = {name: opened.deps.snapshots.of_resource(name)[0].snapshot for name in FEEDS}
        opened.ready = opened.app.state.ready_answers
        yield opened


def change(gateway, kind, name, value):
    """Change a snapshot, or the clock."""
    snapshots, key = gateway.deps.snapshots, SnapshotKey("register", None, name)
    if kind == "clock":
        gateway.clock.forward(seconds=value)
    elif kind == "put":
        records = tuple(record for record in gateway.fetched[name].records if int(record.key) in value)
        fetched_at = gateway.clock()
        snapshot = replace(gateway.fetched[name], records=records, count=len(records), fetched_at=fetched_at)
        snapshots.put(key, replace(snapshot, digest=str(sorted(value))))
    elif kind == "hide" and snapshots.of_resource(name)[0].snapshot is not None:
        hidden = frozenset(record.id for record in gateway.fetched[name].records if int(record.key) in value)
        snapshots.add_overlay(key, Hiding(hidden))
        snapshots.apply_overlay(key, hidden)
    elif kind == "fail":
        error = UpstreamUnavailableError("away", retry_at=gateway.clock() + timedelta(minutes=5) if value else None)
        snapshots.fail(key, FetchFailure.of(error, gateway.clock()))
    elif kind == "drop":
        snapshots.drop_outdated(key)


async def asked(gateway, path, method, headers):
    """Return status, headers in order, and body of an answer, without what belongs to one request."""
    path, _, query = path.partition("?")
    messages = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        messages.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 4711),
        "state": {},
    }
    await gateway.app(scope, receive, send)
    status = messages[0]["status"]
    kept = [(name, value) for name, value in messages[0]["headers"] if name.decode() not in CHANGING]
    # Each problem has an identifier of its own.
    return status, kept, b"".join(message["body"] for message in messages[1:]) if status < 400 else b""


async def resolved(gateway, path):
    """Return the path; for one that is named by what it leads to, where that is now."""
    if path == "the first record":
        listed = (await gateway.get("/v1/programmes", content_length="0")).json().get("items")
        return f"/v1/programmes/{listed[0]['id']}" if listed else "/v1/programmes/none"
    if path == "the next page":
        first = await gateway.get("/v1/complaints?limit=2", content_length="0")
        return first.links["next"]["url"] if "next" in first.links else "/v1/complaints?cursor=none"
    return path


async def compare(gateway, path, method, headers):
    """Compare the answer from memory with that of the application."""
    path = await resolved(gateway, path)
    # A request with a body, even an empty one, is always answered by the application.
    by_application = {"content-length": "0"}
    if headers.get("if-none-match") == "the present tag":
        present = await gateway.http.get(path, headers=headers | by_application | {"if-none-match": '"none"'})
        headers = headers | {"if-none-match": present.headers.get("etag", "*")}
    first = await asked(gateway, path, method, headers)
    again = await asked(gateway, path, method, headers)
    assert first == again == await asked(gateway, path, method, headers | by_application)


def reset(gateway):
    """Return to the snapshots and the time of the beginning."""
    gateway.clock.at = Clock().at
    for name in FEEDS:
        gateway.deps.snapshots.add_overlay(SnapshotKey("register", None, name), Hiding(frozenset()))
        change(gateway, "put", name, set(range(6)))


@given(
    method=st.sampled_from(["GET", "GET", "HEAD"]),
    callers=st.tuples(HEADERS, HEADERS),
    changes=st.lists(CHANGES, min_size=1, max_size=5),
)
@settings(deadline=None, max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_answers_from_memory_are_those_of_the_application(gateway, method, callers, changes):
    reset(gateway)
    earlier = await resolved(gateway, "the next page")
    for kind, name, value in [("clock", None, 0), *changes]:
        change(gateway, kind, name, value)
        for path in (*PATHS, earlier):
            for headers in callers:
                await compare(gateway, path, method, headers)


async def test_the_second_reader_gets_the_answer_from_memory(gateway):
    reset(gateway)
    for path in ("/v1/complaints", "/v1/places", "/v1/regions", "/v1/codes/case-status"):
        await gateway.get(path)
        before = gateway.ready.hits
        assert (await gateway.get(path)).status_code == 200
        assert gateway.ready.hits == before + 1


@pytest.mark.parametrize(
    "path", ["/v1/complaints", "/v1/complaints?limit=2", "/v1/places", "/v1/programmes?year=2021", "/v1/codes"]
)
async def test_the_application_makes_one_answer_for_identical_readers_at_once(gateway, path):
    reset(gateway)
    for kept in list(gateway.ready._store._answers):
        gateway.ready._store._drop(kept)
    alone = await asked(gateway, path, "GET", {"content-length": "0"})
    before = gateway.ready.misses
    answers = await asyncio.gather(*(asked(gateway, path, "GET", {}) for _ in range(20)))
    assert all(answer == alone for answer in answers)
    assert gateway.ready.misses == before + 1


@pytest.mark.parametrize(
    "header", ["authorization", "cookie", "dpop", "prefer", "range", "gerbang-purpose", "content-length", "if-match"]
)
async def test_a_request_that_may_be_answered_differently_never_is_from_memory(gateway, header):
    await gateway.get("/v1/programmes")
    before = gateway.ready.hits
    await gateway.http.get("/v1/programmes", headers={header: "0"})
    assert gateway.ready.hits == before


@pytest.mark.parametrize("path", ["/v1/systems", "/v1/search?q=aduan", "/v1/programmes?nonsense=1", "/nowhere", "/"])
async def test_answers_that_nobody_said_stay_true_are_not_kept(gateway, path):
    await gateway.get(path)
    before = gateway.ready.hits
    await gateway.get(path)
    assert gateway.ready.hits == before


async def test_the_tag_stays_while_what_is_shown_stays(gateway):
    reset(gateway)
    change(gateway, "put", "programme", {0, 1, 2})
    first = await gateway.get("/v1/programmes")
    gateway.clock.forward(seconds=30)
    change(gateway, "put", "programme", {0, 1, 2})
    again = await gateway.get("/v1/programmes")
    same = await gateway.get("/v1/programmes", if_none_match=first.headers["etag"])
    assert first.json()["sources"][0]["fetched_at"] < again.json()["sources"][0]["fetched_at"]
    assert first.headers["etag"] == again.headers["etag"]
    # The 304 says how fresh the caller's copy is now.
    assert (same.status_code, same.headers["gerbang-sources"]) == (304, again.headers["gerbang-sources"])
    change(gateway, "put", "programme", {0, 1})
    changed = await gateway.get("/v1/programmes", if_none_match=first.headers["etag"])
    assert (changed.status_code, len(changed.json()["items"])) == (200, 2)


async def test_the_tag_of_one_record_ignores_the_others(gateway):
    reset(gateway)
    change(gateway, "put", "programme", {0, 1})
    path = next(f"/v1/programmes/{record.id}" for record in gateway.fetched["programme"].records if record.key == "0")
    tag = (await gateway.get(path)).headers["etag"]
    change(gateway, "put", "programme", {0, 5})
    assert (await gateway.get(path, if_none_match=tag)).status_code == 304


async def test_a_304_hides_no_source_that_has_become_stale(gateway):
    reset(gateway)
    change(gateway, "put", "programme", {0})
    tag = (await gateway.get("/v1/programmes")).headers["etag"]
    gateway.clock.forward(hours=1, seconds=1)
    stale = await gateway.get("/v1/programmes", if_none_match=tag)
    assert (stale.status_code, stale.json()["sources"][0]["state"]) == (200, "stale")


def answering(status=200, headers=(), parts=(b"body",), validity=UNLIMITED):
    """An application with one answer, and how often it was asked."""
    times = []

    async def application(scope, receive, send):
        times.append(scope["path"])
        if validity is not None:
            allow_keeping(scope, validity)
        length = sum(map(len, parts))
        standard = {b"cache-control": b"public", b"etag": b'"1"', b"content-length": b"%d" % length}
        await send({"type": "http.response.start", "status": status, "headers": [*(standard | dict(headers)).items()]})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    return application, times


async def ask_twice(application, **headers):
    async def fault(_request, _error):
        raise AssertionError

    transport = httpx.ASGITransport(Edge(ReadyAnswers(application, now), EdgeSettings(), fault))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerbang", headers=headers) as client:
        return await client.get("/"), await client.get("/")


@pytest.mark.parametrize(
    "kind",
    [
        {"status": 201},
        {"headers": {b"cache-control": b"private, no-store"}},
        {"headers": {b"vary": b"Accept-Language, Authorization"}},
        {"validity": None},
        {"parts": (b"x" * 700_000, b"x" * 700_000)},
    ],
)
async def test_only_complete_public_answers_that_are_the_same_for_all_are_kept(kind):
    application, times = answering(**kind)
    first, second = await ask_twice(application)
    assert (first.content, first.status_code) == (second.content, second.status_code)
    assert len(times) == 2
    application, times = answering()
    await ask_twice(application)
    assert len(times) == 1


async def test_memory_for_ready_answers_is_bounded_and_the_oldest_go_first():
    application, times = answering(parts=(b"x" * 10_000,))
    ready = ReadyAnswers(application, now, most_bytes=100_000)
    transport = httpx.ASGITransport(Edge(ready, EdgeSettings(), None))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerbang") as client:
        for number in range(1000):
            await client.get(f"/{number}")
        assert 5 <= ready.count <= 10
        for number in (999, 998, 1000 - ready.count):
            await client.get(f"/{number}")
        assert len(times) == 1000
        await client.get("/0")
        assert len(times) == 1001


async def test_answers_that_are_no_longer_true_do_not_stay_until_they_are_the_oldest():
    version = Version()
    changing, _ = answering(parts=(b"x" * 8_000,), validity=Validity(((version, 0),), UNLIMITED.since, UNLIMITED.until))
    lasting, times = answering(parts=(b"x" * 8_000,))

    def application(scope, receive, send):
        return (changing if scope["path"].startswith("/old") else lasting)(scope, receive, send)

    ready = ReadyAnswers(application, now, most_bytes=160_000)
    transport = httpx.ASGITransport(Edge(ready, EdgeSettings(), None))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerbang") as client:
        await client.get("/first")
        for number in range(10):
            await client.get(f"/old/{number}")
        assert ready.count == 11
        version.increment()
        await client.get("/next")
        await client.get("/last")
        assert ready.count == 3
        for path in ("/first", "/next", "/last"):
            await client.get(path)
    assert times == ["/first", "/next", "/last"]
