"""Every route of the gateway is found and called as FastAPI does it: same arguments, same problems."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api.problems.parameters import query_parameters
from gateway.api.routing.lean_route import LeanRoute, UnsupportedSignatureError
from tests.gateway.api.routing.comparing import Received, Sent, TwoWays
from tests.gateway.fakes import NIK, Fake, gateway_before
from tests.loops import examples, volume

WITH_BODIES = {
    "lookUpResident": "body_params",
    "verifyResident": "body_params",
    "registerClient": "body_params",
    "replaceClientCredentials": "body_params",
    "setClientExpiry": "body_params",
}
"""Operations that are called by FastAPI's own handler, with the reason."""


class Asked:
    """The gateway with recorded endpoints, for synchronous tests whose examples share it."""

    def __init__(self, ways: TwoWays, portal: Any) -> None:
        self.ways, self._portal = ways, portal
        self.contexts = list(iter_route_contexts(ways.app.routes))
        self.operations = [context for context in self.contexts if isinstance(context.original_route, APIRoute)]

    def __call__(self, sent: Sent) -> Received:
        received: Received = self._portal.call(self.ways.send, sent)
        return received


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        before = gateway_before(tmp_path_factory.mktemp("gateway"), Fake(asks=("application",), feeds=("service",)))
        with portal.wrap_async_context_manager(before) as opened:
            ways = TwoWays(opened.app)
            yield Asked(ways.record_endpoints(patch.setattr).build(), portal)


def one_method(context: RouteContext) -> str:
    return min(context.methods or {"GET"})


def who(name: str | None) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"authorization", f"Bearer {name}".encode()),) if name else ()


def test_every_operation_without_a_body_is_called_by_a_plan(asked: Asked) -> None:
    refused = {}
    for context in asked.operations:
        try:
            LeanRoute(context)
        except UnsupportedSignatureError as reason:
            refused[str(context.operation_id)] = str(reason)
    assert refused == WITH_BODIES
    assert len(asked.operations) > 90


QUERIES = [
    b"",
    b"limit=1",
    b"limit=0",
    b"limit=1&limit=2",
    b"limit=2&limit=many",
    b"limit=",
    b"limit",
    b"=1",
    b"&&",
    b"cursor=x&limit=201",
    b"unknown=1",
    b"unknown=1&unknown=2&other=3",
    b"_asked=1",
    b"parameters=1",
    b"text=jalan+utara&status=submitted",
    b"text=%ff%fe",
    b"text=\xff\xc3",
    b"text=a;limit=1",
    b"q=jalan",
    b"q=" + NIK.encode(),
    b"%6Cimit=3",
    b"limit%00=3",
]
PEOPLE = ("resident", "resident", None, "resident", "officer", "resident", "machine", "ended")


def test_every_operation_gets_the_same_arguments_and_gives_the_same_problems(asked: Asked) -> None:
    statuses = set()
    for place, context in enumerate(asked.operations):
        path = str(context.path).replace("{", "").replace("}", "").replace(":path", "/deeper")
        step = volume(3, long=1, quick=9)
        for number, query in tuple(enumerate(QUERIES))[place % step :: step]:
            name = PEOPLE[(place + number) % len(PEOPLE)]
            received = asked(Sent(path, query, one_method(context), who(name)))
            statuses.add(received.status)
            assert received.called or received.status >= 400
    assert statuses == {200, 401, 403, 415, 422}


SAMPLES = [
    *("", "0", "1", "50", "201", "x", "submitted", "2026-11-23", "2026-11-23T09:00:00+08:00", "63.71.01.1001", "true"),
    *("114.5,-3.4,114.7,-3.2", "city", "own-access", "complaint-handling", "é😀", "a\x00b", " ", "9" * 40, NIK),
]
VALUES = st.sampled_from(SAMPLES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(data=st.data())
@settings(max_examples=examples(1000), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_parameter_or_header_makes_a_difference(asked: Asked, data: st.DataObject) -> None:
    context = data.draw(st.sampled_from(asked.operations))
    known = sorted({*query_parameters(context.original_route), "limit", "text", "x"})
    query = data.draw(st.lists(st.tuples(st.sampled_from(known), VALUES), max_size=4))
    raw = data.draw(st.just(urlencode(query).encode()) | st.binary(max_size=20))
    parts = [data.draw(VALUES) if part.startswith("{") else part for part in str(context.path).split("/")]
    header = st.binary(max_size=20) | VALUES.map(str.encode)
    names = st.sampled_from([b"gerbang-purpose", b"authorization", b"accept", b"cookie", b"content-type"])
    headers = data.draw(st.lists(st.tuples(names, header), max_size=3))
    name = data.draw(st.sampled_from([None, "resident", "resident", "officer", "no-nik", "operator", "machine"]))
    body = data.draw(st.just(b"{}") | st.binary(max_size=8))
    asked(Sent("/".join(parts), raw, one_method(context), (*who(name), *headers), body))


def test_every_path_is_found_for_every_method(asked: Asked) -> None:
    statuses = set()
    for number, context in enumerate(asked.contexts):
        for method in ("GET", "HEAD", "POST", ("PUT", "DELETE", "UNHEARD-OF")[number % 3]):
            path = str(context.path) + ("", "", "/", "\n")[number % 4]
            statuses.add(asked(Sent(path, method=method, headers=who("operator"))).status)
    assert statuses >= {200, 404, 405}


@given(data=st.data())
@settings(max_examples=examples(1000), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_makes_a_difference(asked: Asked, data: st.DataObject) -> None:
    parts = sorted({part for context in asked.contexts for part in str(context.path).split("/")})
    odd = st.sampled_from(["", ".", "..", "%2e", "a\nb", "\n", "a/b"]) | VALUES
    path = "/" + "/".join(data.draw(st.lists(st.sampled_from(parts) | odd, max_size=5)))
    method = data.draw(st.sampled_from(["GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "get"]))
    asked(Sent(path, method=method, scope={"root_path": data.draw(st.sampled_from(["", "", "/v1", "/v1/me", "/x"]))}))


def test_the_names_of_a_route_stand_in_the_scope(asked: Asked) -> None:
    found = asked(Sent("/v1/complaints/cmp_x")).scope
    assert found["route"].operation_id == "getComplaint"
    assert found["path_params"] == {"complaint_id": "cmp_x"}
    assert asked(Sent("/oauth2/jwks")).scope["route"].path == "/oauth2/jwks"


@pytest.mark.parametrize("body", [b"", b"{", b'{"nik": "1"}', json.dumps({"nik": NIK, "purpose": "x"}).encode()])
def test_bodies_are_read_by_fastapi(asked: Asked, body: bytes) -> None:
    headers = ((b"content-type", b"application/json"), *who("officer"))
    received = asked(Sent("/v1/residents/lookup", method="POST", headers=headers, body=body))
    assert received.status in {400, 422}
    assert received.scope["route"].operation_id == "lookUpResident"
