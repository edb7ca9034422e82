"""The operator's address: metrics and nothing else, bounded, and independent of the public address."""

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import parser

from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings
from gateway.observability.metrics.exposition import OPENMETRICS, TEXT
from gateway.observability.metrics.families import MetricFamily, MetricKind
from gateway.observability.metrics.metrics import Metrics
from gateway.server.operator_address import OPERATOR_CONNECTIONS, OperatorAddress
from gateway.server.serving import listen, serve

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]

HANG_SECONDS = 30


@asynccontextmanager
async def serving(app=None, limits=None, metrics=None):
    """A gateway with both addresses: a client of each, and the metrics."""
    stop, ready = asyncio.Event(), asyncio.Event()
    metrics = metrics or Metrics()

    async def started():
        ready.set()

    with listen("127.0.0.1", 0) as sock, listen("127.0.0.1", 0) as operator_sock:
        operator = OperatorAddress(metrics, operator_sock)
        running = asyncio.create_task(serve(app or FastAPI(), sock, stop, started, limits, operator))
        public_url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        async with asyncio.timeout(HANG_SECONDS):
            await ready.wait()
            async with httpx.AsyncClient(trust_env=False, timeout=HANG_SECONDS) as http:
                yield http, public_url, operator.url
            stop.set()
            await running


def value(text, name):
    (found,) = [
        sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]
    return found


async def test_the_metrics_are_served_in_both_formats():
    async with serving() as (http, _, url):
        plain = await http.get(url)
        open_metrics = await http.get(url, headers={"Accept": "application/openmetrics-text;version=1.0.0,*/*;q=0.1"})
    assert (plain.status_code, plain.headers["content-type"]) == (200, TEXT)
    assert plain.headers["cache-control"] == "no-store"
    assert value(plain.text, "gerbang_http_connections") == 0
    assert (open_metrics.status_code, open_metrics.headers["content-type"]) == (200, OPENMETRICS)
    assert open_metrics.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/metrics/", 404),
        ("GET", "/livez", 404),
        ("GET", "/v1/complaints", 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/metrics", 405),
        ("HEAD", "/metrics", 405),
    ],
)
async def test_nothing_else_is_served(method, path, status):
    async with serving() as (http, _, url):
        answer = await http.request(method, url.removesuffix("/metrics") + path, content=b"x" * 1000)
    assert answer.status_code == status
    assert answer.headers.get("allow") == ("GET" if status == 405 else None)


async def test_the_public_address_has_no_metrics():
    async with serving() as (http, public_url, _):
        assert (await http.get(f"{public_url}/metrics")).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000,
        b"GET /metrics HTTP/1.1\r\n" + b"bad header line\r\n" * 10 + b"\r\n",
        b"\x00" * 1000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_garbage_ends_its_connection_only(sent):
    async with serving() as (http, _, url):
        port = httpx.URL(url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        assert not answer.startswith(b"HTTP/1.1 200")
        assert (await http.get(url)).status_code == 200


async def test_idle_connections_are_limited_and_scrapes_go_on():
    most = OPERATOR_CONNECTIONS.most_idle
    async with serving() as (http, _, url):
        port = httpx.URL(url).port
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(most + 5)]
        await asyncio.gather(*(reader.read() for reader, _ in opened[:5]))  # the oldest were closed
        assert (await http.get(url)).status_code == 200
        for _, writer in opened:
            writer.close()


async def test_the_metrics_are_read_while_the_public_address_refuses_requests():
    app, entered, leave = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow() -> None:
        entered.set()
        await leave.wait()

    limits = ConnectionLimits(ConnectionSettings(most_requests=1))
    async with serving(app, limits) as (http, public_url, url):
        first = asyncio.create_task(http.get(f"{public_url}/slow"))
        await entered.wait()
        refused = await http.get(f"{public_url}/slow")
        text = (await http.get(url)).text
        leave.set()
        assert (await first).status_code == 200
    assert refused.status_code == 503
    assert value(text, "gerbang_http_requests_in_progress") == 1
    assert value(text, "gerbang_http_requests_refused_total") == 1


async def test_more_scrapes_than_allowed_at_once_are_refused():
    metrics, full, leave = Metrics(), asyncio.Event(), asyncio.Event()
    most = OPERATOR_CONNECTIONS.most_requests
    waiting = []

    async def slow():
        waiting.append(1)
        if len(waiting) == most:
            full.set()
        await leave.wait()
        return []

    metrics.add_probe((MetricFamily("gerbang_slow", MetricKind.GAUGE, "-"),), slow)
    async with serving(metrics=metrics) as (http, _, url):
        scrapes = [asyncio.create_task(http.get(url)) for _ in range(most)]
        await full.wait()
        refused = await http.get(url)
        leave.set()
        answered = await asyncio.gather(*scrapes)
    assert refused.status_code == 503
    assert {answer.status_code for answer in answered} == {200}


async def test_the_address_is_free_again_after_the_end():
    async with serving() as (http, _, url):
        await http.get(url)
    port = httpx.URL(url).port
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", port)) != 0
    with listen("127.0.0.1", port):
        pass


def test_the_url_of_an_ipv6_address_has_brackets():
    class Listening:
        def getsockname(self):
            return ("::1", 9464, 0, 0)

    assert OperatorAddress(Metrics(), Listening()).url == "http://[::1]:9464/metrics"
