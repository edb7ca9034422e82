"""Whose address counts, behind proxies and without them."""

from ipaddress import ip_network

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from gateway.api.edge import Edge, EdgeSettings
from gateway.api.ready_answers import ReadyAnswers
from gateway.ground.client_address import client_address, client_network, is_proxy
from gateway.ground.clock import now

OURS = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))


@pytest.mark.parametrize(
    ("peer", "said", "counts"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # nobody that we trust says so
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # the left one is the caller's own invention
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8:1::1", "[2001:db8:2::5]:443", "2001:db8:2::5"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_nearest_address_that_is_not_a_proxy_of_ours(peer, said, counts):
    assert client_address(peer, said, OURS) == counts


def test_one_household_is_one_caller():
    assert client_network("2001:db8::1") == client_network("2001:db8::ffff:1") != client_network("2001:db8:0:1::1")
    assert client_network("192.0.2.1") != client_network("192.0.2.2")


@pytest.mark.anyio
@pytest.mark.parametrize(("trusted", "counts"), [((), "10.0.0.1"), (OURS, "198.51.100.1")])
async def test_what_endpoints_see(trusted, counts):
    async def endpoint(scope, receive, send):
        request = Request(scope)
        said = request.headers.get("x-forwarded-for", "nothing")
        await PlainTextResponse(f"{request.client.host} {said}")(scope, receive, send)

    layer = Edge(ReadyAnswers(endpoint, now), EdgeSettings(trusted_proxies=trusted), lambda *_: None)
    transport = httpx.ASGITransport(layer, client=("10.0.0.1", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        forwarded = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.1, 10.9.9.9")]
        answer = await http.get("/", headers=forwarded)
    assert answer.text == f"{counts} nothing"


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("10.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("2001:db8:1::1", True),
        ("192.0.2.7", False),
        ("2001:db8:2::1", False),
        ("gateway.sock", False),
    ],
)
def test_a_proxy_is_a_peer_from_a_trusted_network(peer, trusted):
    assert is_proxy(peer, OURS) is trusted
