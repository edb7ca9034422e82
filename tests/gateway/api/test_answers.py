"""Headers of every answer: ETags, languages, encodings, request ids, timings, and caching."""

import gzip
import json
import logging
import re
from contextlib import asynccontextmanager

import pytest
from fastapi import Request

from gateway.api.request_headers import preferred_language
from gateway.policy.principal import Role
from schemas.application import APPLICATION
from schemas.texts import Language
from tests.gateway.fakes import (
    NIK,
    OTHER_NIK,
    Fake,
    Wire,
    application,
    enrolment,
    gateway_before,
    principal,
    programme,
    resident,
)

pytestmark = pytest.mark.anyio

PUBLIC = [
    "/v1/programmes",
    "/v1/agencies",
    "/v1/regions",
    "/v1/codes",
    "/v1/codes/case-status",
    "/v1/systems",
    "/v1/systems/register",
]
NEGOTIATED = {*PUBLIC, "/v1/me/access-log", "/v1/me/applications"} - {"/v1/systems", "/v1/systems/register"}
"""Lists with several formats."""
PRIVATE = ["/v1/me", "/v1/me/overview", "/v1/me/access-log", "/v1/me/applications"]


@asynccontextmanager
async def opened_gateway(home):
    system = Fake(asks=("application", "resident"), feeds=("programme", "enrolment"))
    system.records = {
        "application": [Wire("1", application()), Wire("2", application(OTHER_NIK))],
        "resident": [Wire("1", resident())],
        "programme": [Wire(str(number), programme(f"P{number:02}")) for number in range(30)],
        "enrolment": [Wire("1", enrolment())],
    }
    async with gateway_before(home, system) as opened:
        opened.system = system
        yield opened


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory, anyio_backend):
    """Yield one gateway for all tests that only read from it."""
    async with opened_gateway(tmp_path_factory.mktemp("gateway")) as opened:
        yield opened


@pytest.fixture
async def own_gateway(tmp_path, anyio_backend):
    """Yield a separate gateway for one test."""
    async with opened_gateway(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("path", PUBLIC)
async def test_public_answers_are_cacheable_and_can_be_revalidated(gateway, path):
    plain = await gateway.get(path, accept_encoding="identity")
    assert plain.status_code == 200
    assert re.fullmatch(r'(W/)?"[0-9a-f]{32}"', plain.headers["etag"])
    assert re.fullmatch(r"public, max-age=\d+, stale-while-revalidate=\d+", plain.headers["cache-control"])
    chosen = {"Accept"} if path in NEGOTIATED else set()
    assert set(plain.headers["vary"].split(", ")) == {"Accept-Language", "Accept-Encoding", "Origin"} | chosen
    opaque = plain.headers["etag"].removeprefix("W/")
    for given in (opaque, f"W/{opaque}", f'"other", W/{opaque}', "*"):
        same = await gateway.get(path, accept_encoding="identity", if_none_match=given)
        assert (same.status_code, same.content) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert same.headers[name] == plain.headers[name]
        assert "content-type" not in same.headers
    changed = await gateway.get(path, accept_encoding="identity", if_none_match='"other"')
    assert changed.content == plain.content


@pytest.mark.parametrize(("path", "strong"), [("/v1/programmes", False), ("/v1/regions", True)])
async def test_each_encoding_has_the_same_contents_and_a_strong_validator_of_its_own(gateway, path, strong):
    async def raw(**headers):
        async with gateway.http.stream("GET", path, headers=headers) as answer:
            return answer, b"".join([part async for part in answer.aiter_raw()])

    identity, plain = await raw(**{"accept-encoding": "identity"})
    zipped, packed = await raw(**{"accept-encoding": "br;q=1, gzip;q=0.5"})
    _, again = await raw(**{"accept-encoding": "GZIP"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert (gzip.decompress(packed), again) == (plain, packed)
    # A strong ETag promises identical bytes, so they must not contain the time.
    assert packed[4:8] == b"\0\0\0\0"
    assert (zipped.headers["etag"] != identity.headers["etag"]) == strong
    assert int(zipped.headers["content-length"]) == len(packed) < len(plain)
    for refused in ("gzip;q=0", "gzip; q=0.000", "br", "identity", "xgzip"):
        answer, content = await raw(**{"accept-encoding": refused})
        assert ("content-encoding" in answer.headers, content) == (False, plain)
    other = await gateway.get(path, accept_encoding="gzip", if_none_match=identity.headers["etag"])
    assert other.status_code == (200 if strong else 304)


@pytest.mark.parametrize("path", ["/v1/programmes", "/v1/agencies", "/livez", "/openapi.json", "/problems"])
async def test_a_head_is_a_get_without_its_body(gateway, path):
    got = await gateway.get(path)
    head = await gateway.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    changing = {"x-request-id", "server-timing", "ratelimit", "content-length"}
    assert {n: v for n, v in head.headers.items() if n not in changing} == {
        n: v for n, v in got.headers.items() if n not in changing
    }


@pytest.mark.parametrize("path", PRIVATE)
async def test_personal_answers_are_never_stored(gateway, path):
    answer = await gateway.get(path, "resident", accept_encoding="gzip", if_none_match="*")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    chosen = {"Accept"} if path in NEGOTIATED else set()
    encodings = set() if path == "/v1/me/access-log" else {"Accept-Encoding"}
    vary = {"Authorization", "Cookie", "Accept-Language", "Origin"} | chosen | encodings
    assert set(answer.headers["vary"].split(", ")) == vary
    assert "etag" not in answer.headers
    for nik in (NIK, OTHER_NIK):
        assert nik not in answer.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "id"),
        ("en", "en"),
        ("EN-us", "en"),
        ("id, en;q=0.9", "id"),
        ("id;q=0.2, en;q=0.3", "en"),
        ("fr, de;q=0.5", "id"),
        ("en;q=0", "id"),
        ("*", "id"),
        ("en;q=abc", "id"),
        (";;;,,q=1", "id"),
        ("idn, eng", "id"),
    ],
)
async def test_texts_come_in_the_readers_language(gateway, header, language):
    answer = await gateway.get("/v1/programmes?limit=1", accept_language=header)
    assert answer.headers["content-language"] == language == preferred_language(header)
    assert answer.json()["items"][0]["name"] == ("P00" if language == "id" else "P00 (en)")


async def test_a_language_may_be_sent_in_several_lines(gateway):
    headers = [("accept-language", "fr"), ("accept-language", "en;q=0.3")]
    answer = await gateway.http.get("/v1/agencies", headers=headers)
    assert answer.headers["content-language"] == Language.ENGLISH
    headers = [("prefer", "respond-async"), ("prefer", "wait=2")]
    assert (await gateway.http.get("/v1/agencies", headers=headers)).headers["preference-applied"] == "wait=2"


@pytest.mark.parametrize("given", ["abc", "A.b_c-9", "x" * 64, "1732369443123456", "0" * 16])
async def test_the_callers_request_id_is_used(gateway, given):
    answer = await gateway.get("/v1/agencies", x_request_id=given)
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b", "é", "<script>", NIK, f"nik-{NIK}"])
async def test_an_invalid_request_id_or_one_with_a_nik_is_replaced(gateway, given):
    headers = {"x-request-id": given.encode()}
    answer = await gateway.http.get("/v1/agencies", headers=headers)
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", answer.headers["x-request-id"])


async def test_headers_that_only_our_proxies_may_set_are_removed(own_gateway):
    seen = {}

    async def look(request: Request):
        seen.update(request.headers)

    own_gateway.app.add_api_route("/look", look, response_model=None)
    sent = {
        "X-Kota-Nik": NIK,
        "X-Forwarded-For": "10.0.0.1",
        "x-forwarded-user": "root",
        "Forwarded": "for=10.0.0.1",
        "Remote-User": "root",
        "OIDC_CLAIM_sub": "root",
        "X-Real-IP": "10.0.0.1",
        "X-Authenticated-User": "root",
        "X-Harmless": "yes",
    }
    await own_gateway.http.get("/look", headers=sent)
    assert seen["x-harmless"] == "yes"
    assert not {name.lower() for name in sent} & set(seen) - {"x-harmless"}


async def test_server_timing_has_the_total_and_each_source(gateway):
    timing = (await gateway.get("/v1/me/overview", "resident")).headers["server-timing"]
    assert re.fullmatch(r"total;dur=\d+\.\d, register;dur=\d+\.\d", timing)
    public = await gateway.get("/v1/programmes")
    assert re.fullmatch(r"total;dur=\d+\.\d", public.headers["server-timing"])


@pytest.mark.parametrize("path", ["/v1/agencies", "/v1/me", "/nowhere", "/oauth2/authorize"])
async def test_every_answer_forbids_sniffing_and_referrers(gateway, path):
    answer = await gateway.get(path)
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get_list("referrer-policy") in (["no-referrer"], ["same-origin"])


async def test_the_log_line_of_a_request_has_its_route_but_no_query(gateway, caplog):
    with caplog.at_level(logging.INFO, "gateway.request"):
        await gateway.get(f"/v1/me/applications/apl_{NIK}", "resident", x_request_id="r1")
        await gateway.get(f"/v1/{NIK}?nik={NIK}")
    first, second = [record for record in caplog.records if record.name == "gateway.request"]
    assert (first.route, first.status, first.method) == ("/v1/me/applications/{application_id}", 404, "GET")
    assert first.request_id == "r1"
    assert (second.route, second.status) == ("-", 404)
    assert NIK not in json.dumps([vars(first), vars(second)], default=str)


async def test_an_access_appears_in_the_data_subjects_access_log(own_gateway):
    shown = await own_gateway.get("/v1/applications", "officer", purpose="complaint-handling", x_request_id="q1")
    assert len(shown.json()["items"]) == 2
    stolen = own_gateway.id_of(APPLICATION, own_gateway.system, "2")
    refused = await own_gateway.get(f"/v1/me/applications/{stolen}", "resident", x_request_id="q2")
    assert refused.status_code == 404
    mine = (await own_gateway.get("/v1/me/access-log", "resident", accept_language="en")).json()["items"]
    theirs = (await own_gateway.get("/v1/me/access-log?limit=1", "other")).json()
    assert [(e["request_id"], e["actor"], e["purpose"], e["records"], e["result"]) for e in mine] == [
        ("q1", "officer", "Handling a complaint", 1, "shown")
    ]
    assert mine[0]["classes"] == ["general", "personal"]
    (newest,) = theirs["items"]
    assert (newest["request_id"], newest["actor"], newest["result"], newest["records"]) == (
        "q2",
        "resident",
        "refused",
        0,
    )
    older = (await own_gateway.get(f"/v1/me/access-log?limit=1&cursor={theirs['next']}", "other")).json()
    assert [e["request_id"] for e in older["items"]] == ["q1"]
    stolen = await own_gateway.get(f"/v1/me/access-log?cursor={theirs['next']}", "resident")
    assert stolen.status_code == 422


async def test_accesses_of_an_earlier_account_with_the_nik_are_shown(own_gateway):
    # Its entries have the first of its roles by name: a developer, who has no access to records of others.
    own_gateway.people["former"] = principal("former", roles=(Role.DEVELOPER, Role.RESIDENT))
    assert (await own_gateway.get("/v1/me/access-log", "former", x_request_id="q1")).status_code == 200
    told = await own_gateway.get("/v1/me/access-log", "resident")
    assert told.status_code == 200
    (entry,) = told.json()["items"]
    assert (entry["request_id"], entry["actor"], entry["resource"]) == ("q1", "resident", "access")


async def test_without_the_access_log_personal_answers_are_503_and_public_ones_200(own_gateway):
    await own_gateway.deps.log.aclose()
    for path in PRIVATE:
        answer = await own_gateway.get(path, "resident")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "access-log-unavailable")
        assert "Contoh" not in answer.text
    for path in PUBLIC:
        assert (await own_gateway.get(path)).status_code == 200
    own_gateway.deps.log.start()
    assert (await own_gateway.get("/v1/me", "resident")).status_code == 200


async def test_operational_answers(gateway):
    assert (await gateway.get("/livez")).json() == {"alive": True}
    ready = await gateway.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "checks": {"database": True, "snapshots": True, "access_log": True, "serving": True}},
    )
    assert ready.headers["cache-control"] == "no-store"


async def test_a_gateway_that_is_about_to_stop_is_not_ready(gateway):
    gateway.app.state.stopping = True
    ready = await gateway.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["serving"]) == (503, False)
    assert (await gateway.get("/livez")).status_code == 200
