"""Invalid requests: each gets a problem with the invalid field and the request id; none gets a 5xx."""

import json
from functools import partial
from urllib.parse import quote

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.application import APPLICATION
from schemas.facility import FACILITY
from tests.gateway.fakes import NIK, Fake, Wire, application, facility, gateway_before, programme, resident, service
from tests.loops import examples

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory, anyio_backend):
    """Yield one gateway for all tests: a refused request changes nothing."""
    system = Fake(asks=("application", "resident", "appointment"), feeds=("programme", "service", "facility", "queue"))
    system.records = {
        "application": [Wire("1", application())],
        "resident": [Wire("1", resident())],
        "programme": [Wire("1", programme("A"))],
        "service": [Wire("1", service("domicile"))],
        "facility": [Wire("pekauman", facility("Pekauman"))],
    }
    async with gateway_before(tmp_path_factory.mktemp("gateway"), system) as opened:
        opened.system = system
        yield opened


def slug(answer):
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["type"].rpartition("/")[2]


def pointers(answer):
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/services/", "/v2/services", "/v1/services/%00", "/%2e%2e/etc", "/v1//services"]
)
async def test_unknown_addresses_are_not_found(gateway, path):
    assert slug(await gateway.get(path)) == (404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "UNHEARD-OF"])
async def test_a_405_lists_the_allowed_methods(gateway, method):
    answer = await gateway.http.request(method, "/v1/services")
    assert slug(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"


async def test_allow_lists_the_methods_of_all_routes_of_an_address(gateway):
    answer = await gateway.http.request("PATCH", "/v1/admin/clients/x")
    assert (slug(answer), answer.headers["allow"]) == ((405, "method-not-allowed"), "DELETE, GET, HEAD")
    answer = await gateway.http.get("/v1/residents/lookup")
    assert (slug(answer), answer.headers["allow"]) == ((405, "method-not-allowed"), "POST")


WRONG_PARAMETERS = [
    ("/v1/services?limit=0", "query:limit"),
    ("/v1/services?limit=201", "query:limit"),
    ("/v1/services?limit=many", "query:limit"),
    ("/v1/services?agncy=x", "query:agncy"),
    (f"/v1/services?cursor={'x' * 3000}", "query:cursor"),
    ("/v1/programmes?year=next", "query:year"),
    ("/v1/regions?level=village", "query:level"),
    ("/v1/regions?lvel=city", "query:lvel"),
    ("/v1/agencies?page=1", "query:page"),
    ("/v1/codes?text=status", "query:text"),
    ("/v1/codes/case-status?page=1", "query:page"),
    ("/v1/systems?page=1", "query:page"),
    ("/v1/systems/register?page=1", "query:page"),
    ("/v1/me/overview?kind=resident", "query:kind"),
    ("/v1/me/access-log?limit=-1", "query:limit"),
    ("/v1/me/applications?status=lost", "query:status"),
    ("/v1/me/applications?submitted_from=yesterday", "query:submitted_from"),
    ("/v1/me/applications/apl_x?full=1", "query:full"),
    (f"/v1/me/applications/{'x' * 600}", "path:application_id"),
    ("/v1/me/applications/apl_x/documents/a!b", "path:document_id"),
    ("/v1/me/applications/apl_x/documents/%20", "path:document_id"),
    ("/v1/health/facilities/fac_x/queue?clinic=1", "query:clinic"),
    ("/v1/transit/stops/stp_x/departures?departs=1", "query:departs"),
    ("/v1/search", "query:q"),
    ("/v1/search?q=a", "query:q"),
    ("/v1/search?q=jalan&limit=101", "query:limit"),
    ("/v1/search?q=jalan&cursor=x", "query:cursor"),
    ("/v1/services/svc_x?full=1", "query:full"),
    ("/v1/services/svc_x/readiness?full=1", "query:full"),
    ("/v1/me/appointments/apt_x?full=1", "query:full"),
    ("/v1/consultations/cns_x/contributions?limit=0", "query:limit"),
    ("/v1/consultations?bbox=1,2,3", "query:bbox"),
]


@pytest.mark.parametrize(("path", "pointer"), WRONG_PARAMETERS)
async def test_a_wrong_parameter_is_named(gateway, path, pointer):
    answer = await gateway.get(path, "resident")
    assert slug(answer) == (422, "invalid-request")
    assert set(pointers(answer)) == {pointer}
    english = await gateway.get(path, "resident", accept_language="en")
    assert pointers(english)[pointer] != pointers(answer)[pointer]


KNOWN = [
    ("/v1/services?agncy=x", "agency, cursor, kind, limit, status, text"),
    ("/v1/regions?kind=x", "level, parent, text"),
    ("/v1/search?q=jalan&query=x", "limit, q"),
    ("/v1/me?x=1", "cursor, limit"),
    ("/v1/me/applications?x=1", "cursor, kind, limit, region, status, submitted_from, submitted_until"),
]


@pytest.mark.parametrize(("path", "known"), KNOWN)
async def test_an_unknown_parameter_is_refused_with_the_known_ones(gateway, path, known):
    for language, sentence in (("id", "yang dikenal: "), ("en", "known parameters: ")):
        (told,) = pointers(await gateway.get(path, "resident", accept_language=language)).values()
        assert told.endswith(sentence + known)
    # An operation without parameters lists none.
    assert pointers(await gateway.get("/v1/systems?x=1")) == {"query:x": "tidak dikenal di sini; hilangkan"}


@pytest.mark.parametrize(
    "number", [NIK, "6371 9945 0290 0011", "63.71.99.450290.0011", "0001260123456", "x6371994502900011y"]
)
@pytest.mark.parametrize("path", ["/v1/search?q=", "/v1/services?text=", "/v1/complaints?text="])
async def test_words_with_a_personal_number_are_refused_and_not_repeated(gateway, path, number, caplog):
    with caplog.at_level("INFO"):
        answer = await gateway.get(path + quote(f"surat {number}"), "resident")
    assert slug(answer) == (422, "personal-number")
    told = [vars(record) for record in caplog.records if record.name.startswith("gateway")]
    assert told
    assert number not in answer.text + str(told)
    assert answer.json()["errors"][0]["pointer"] == "query:" + path.rpartition("?")[2].rstrip("=")


@pytest.mark.parametrize("words", ["jalan 12", "081190000011", "2026-11-23", "RT 007 RW 001"])
async def test_other_numbers_are_words(gateway, words):
    assert (await gateway.get("/v1/search?q=" + quote(words))).status_code == 200


async def test_an_unknown_purpose_is_refused_and_named(gateway):
    answer = await gateway.get("/v1/applications", "officer", purpose="curiosity")
    assert slug(answer) == (422, "invalid-request")
    assert "application-handling" in pointers(answer)["header:Gerbang-Purpose"]


LOOKUP = {"nik": NIK, "purpose": "identity-verification"}
JSON = "application/json"


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"{", JSON, (400, "malformed-request")),
        (b'{"nik": \xff}', JSON, (400, "malformed-request")),
        (b"[" * 30_000, JSON, (400, "malformed-request")),
        (b'{"nik": "' + b"1" * 70_000, JSON, (413, "request-too-large")),
        (b"", JSON, (422, "invalid-request")),
        (b"null", JSON, (422, "invalid-request")),
        (b"[]", JSON, (422, "invalid-request")),
        (b"{}", JSON, (422, "invalid-request")),
        (b'{"nik": 1e400, "purpose": []}', JSON, (422, "invalid-request")),
        (b'{"\\ud800": 1}', JSON, (422, "invalid-request")),
        (b'{"nik": "\\ud800", "purpose": "\\udfff"}', JSON, (422, "invalid-request")),
        (json.dumps(LOOKUP).encode(), "text/plain", (415, "unsupported-media-type")),
        (json.dumps(LOOKUP).encode(), "application/xml", (415, "unsupported-media-type")),
        (json.dumps(LOOKUP).encode(), "", (415, "unsupported-media-type")),
        (b"nik=1", "application/x-www-form-urlencoded", (415, "unsupported-media-type")),
        (json.dumps(LOOKUP).encode(), "application/json; charset=utf-8", None),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_wrong_body(gateway, content, media_type, expected):
    headers = {"authorization": "Bearer officer", "content-type": media_type}
    answer = await gateway.http.post("/v1/residents/lookup", content=content, headers=headers)
    assert (slug(answer) if expected else (answer.status_code, None)) == (expected or (200, None))


async def test_a_wrong_field_is_named_and_not_repeated(gateway):
    body = {"nik": "637199450290", "purpose": "curiosity", "nama": "Siti"}
    headers = {"authorization": "Bearer officer"}
    answer = await gateway.http.post("/v1/residents/lookup", json=body, headers=headers)
    assert slug(answer) == (422, "invalid-request")
    assert set(pointers(answer)) == {"/nik", "/purpose", "/nama"}
    for sent in ("637199450290", "curiosity", "Siti"):
        assert sent not in answer.text


PERSONAL = [
    ("/v1/me", "profile.read"),
    ("/v1/me/overview", "profile.read"),
    ("/v1/me/access-log", "access-log.read"),
    ("/v1/me/applications", "applications.read"),
    ("/v1/me/applications/apl_x", "applications.read"),
    ("/v1/me/applications/apl_x/documents/letter", "applications.read"),
    ("/v1/me/appointments", "health.read"),
]


@pytest.mark.parametrize(("path", "scope"), PERSONAL)
async def test_personal_data_needs_the_scope_and_the_role(gateway, path, scope):
    nobody = await gateway.get(path)
    assert slug(nobody) == (401, "not-authenticated")
    assert nobody.headers["www-authenticate"].startswith('Bearer realm="gerbang", DPoP realm="gerbang", algs="ES256 ')
    stranger = await gateway.get(path, "stranger")
    assert slug(stranger) == (401, "not-authenticated")
    assert 'error="invalid_token"' in stranger.headers["www-authenticate"]
    operator = await gateway.get(path, "operator")
    assert slug(operator) == (403, "insufficient-scope")
    assert operator.json()["scopes"] == [scope]
    assert f'scope="{scope}"' in operator.headers["www-authenticate"]


async def test_an_officer_gives_a_purpose_and_has_no_records_of_their_own(gateway):
    assert slug(await gateway.get("/v1/applications", "officer")) == (403, "purpose-required")
    assert slug(await gateway.get("/v1/applications", "officer", purpose="own-access")) == (403, "purpose-required")
    assert (await gateway.get("/v1/applications", "officer", purpose="complaint-handling")).status_code == 200
    body = LOOKUP | {"purpose": "own-access"}
    answer = await gateway.http.post("/v1/residents/lookup", json=body, headers={"authorization": "Bearer officer"})
    assert slug(answer) == (403, "purpose-required")


@pytest.mark.parametrize("prefix", ["apl_", "apt_", "fac_", ""])
async def test_a_foreign_id_or_one_of_another_resource_is_not_found(gateway, prefix):
    real = gateway.id_of(APPLICATION, gateway.system, "1").removeprefix("apl_")
    expected = 200 if prefix == "apl_" else 404
    assert (await gateway.get(f"/v1/me/applications/{prefix}{real}", "resident")).status_code == expected
    assert (await gateway.get(f"/v1/health/facilities/{prefix}{real}/queue")).status_code == 404
    own = gateway.id_of(FACILITY, gateway.system, "pekauman")
    assert (await gateway.get(f"/v1/health/facilities/{own}/queue")).status_code == 200


def every_path(app):
    paths = {str(route.path) for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())}
    return sorted(path for path in paths if not path.startswith(("/oauth2", "/account", "/auth/")))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
odd = texts | st.sampled_from(["\x00", "../..", "%", "apl_", "fac_AAAA", "0", "-1", "1e9", "9" * 40, "é😀"])


@pytest.fixture
def called(tmp_path):
    """Calls the gateway from a synchronous test, whose examples share one gateway."""
    with start_blocking_portal() as portal:
        system = Fake(asks=("application", "resident", "appointment"), feeds=("programme", "facility", "queue"))
        with portal.wrap_async_context_manager(gateway_before(tmp_path, system)) as opened:
            yield opened, lambda *given, **more: portal.call(partial(opened.http.request, *given, **more))


@given(data=st.data())
@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_query_or_header_gives_a_fault(called, data):
    gateway, call = called
    template = data.draw(st.sampled_from(every_path(gateway.app)))
    parts = [data.draw(odd) if part.startswith("{") else part for part in template.split("/")]
    names = st.sampled_from(["limit", "cursor", "year", "region", "status", "bbox", "text", "departs_from"]) | odd
    query = data.draw(st.lists(st.tuples(names, odd), max_size=4))
    header = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
    known = ["accept-language", "accept-encoding", "if-none-match", "prefer", "x-request-id", "gerbang-purpose"]
    headers = data.draw(st.dictionaries(st.sampled_from(known), header, max_size=3))
    who = data.draw(st.sampled_from([None, "resident", "officer", "no-nik", "operator"]))
    answer = call(
        data.draw(st.sampled_from(["GET", "GET", "GET", "HEAD", "POST"])),
        "/".join(quote(part, safe="") for part in parts),
        params=query,
        headers=headers | ({"authorization": f"Bearer {who}"} if who else {}),
    )
    assert answer.status_code < 500 or (answer.status_code == 503 and "sources" in answer.text)
    if answer.status_code >= 400 and answer.content:
        assert answer.headers["content-type"] == "application/problem+json"
