"""Addresses that are not UTF-8 are answered without an internal error, and links in answers are ASCII."""

import re

import httpx
import pytest
from starlette.requests import Request

from gateway.api.formats.headers import relative_url
from tests.gateway.fakes import Fake, Wire, application, complaint, gateway_before, programme, resident

pytestmark = pytest.mark.anyio

LATIN, CHINESE = b"text=jalan%20\xff", "text=jalan 中".encode()


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    system = Fake(asks=("application", "resident"), feeds=("complaint", "programme"))
    system.records = {
        "application": [Wire("1", application())],
        "resident": [Wire("1", resident())],
        "complaint": [Wire(str(number), complaint(f"Jalan \xff {number}")) for number in range(3)],
        "programme": [Wire("1", programme("A"))],
    }
    async with gateway_before(tmp_path, system) as opened:
        yield opened


async def called(gateway, path, query, **headers):
    """Sends raw bytes as the query, as a server does that passes on unchanged what it receives."""

    async def app(scope, receive, send):
        await gateway.app({**scope, "query_string": query}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as http:
        return await http.get(path, headers=headers)


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
async def test_no_query_gives_a_fault(gateway, accept):
    for query in (LATIN, CHINESE, b"\xff=1", b'text=a"b<c>d'):
        for path in ("/v1/complaints", "/v1/me/complaints", "/v1/me", "/v1/search", "/nowhere"):
            answer = await called(gateway, path, query, accept=accept, authorization="Bearer resident")
            assert answer.status_code != 500, (path, query)
            told = answer.headers["content-type"]
            assert told.startswith((accept, "application/json", "application/problem+json")), (path, query)


async def test_a_link_repeats_the_query_and_is_escaped(gateway):
    answer = await called(gateway, "/v1/complaints", b"limit=1&" + LATIN, accept="text/csv")
    links = {rel: target for target, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["link"])}
    assert links["alternate"] == "/v1/complaints?limit=1&text=jalan%20%C3%BF"
    following = await gateway.get(links["next"])
    assert following.status_code == 200
    assert following.json()["sources"][0]["items"] == 3
    broken = await called(gateway, "/v1/complaints", b'text=x>;rel="next",<y', accept="text/csv")
    assert broken.headers["link"].count("<") == broken.headers["link"].count(">") == 1


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/v1/plans", b"", "/v1/plans"),
        ("/v1/plans", b"text=a%20b&limit=2", "/v1/plans?text=a%20b&limit=2"),
        ("/v1/é%?#", b"x=\xc3\xa9", "/v1/%C3%A9%25%3F%23?x=%C3%83%C2%A9"),
        ("/v1/\udcff", b"a=[1]|{2}", "/v1/%3F?a=%5B1%5D%7C%7B2%7D"),
    ],
)
def test_an_address_is_ascii(path, query, address):
    assert str(relative_url(Request({"type": "http", "path": path, "query_string": query, "headers": []}))) == address
