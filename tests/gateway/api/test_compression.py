"""Compression of private answers: only of the caller's own records, never of words that somebody else may choose."""

import dataclasses
import gzip
from datetime import timedelta
from typing import get_args, get_type_hints

import pytest

from schemas.application import APPLICATION
from schemas.filters import Words
from tests.gateway.fakes import (
    MANTUIL,
    PEOPLE,
    Fake,
    Wire,
    application,
    complaint,
    gateway_before,
    resident,
)
from tests.schemas.bodies import every_resource

pytestmark = pytest.mark.anyio

LONG = "Pemasangan lampu di gang. " * 40
"""Makes every answer longer than the shortest one that is compressed."""
CSV = "text/csv"
OWN = ["/v1/me/overview", "/v1/me/applications", "/v1/me/complaints"]
CREDENTIALS = {"Authorization", "Cookie"}


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    system = Fake(asks=("application", "resident", "complaint"))
    system.records = {
        "application": [Wire("1", application(text=LONG, region=MANTUIL))],
        "resident": [Wire("1", resident())],
        "complaint": [Wire("1", complaint(LONG))],
    }
    async with gateway_before(tmp_path, system) as opened:
        opened.system = system
        operator = dataclasses.replace(PEOPLE["operator"], auth_time=opened.clock())
        opened.people["strong"] = dataclasses.replace(operator, acr=2)
        yield opened


async def raw(gateway, path, who="resident", encoding="gzip", **more):
    """The answer and its bytes as they were sent."""
    sent = {"authorization": f"Bearer {who}", "accept-encoding": encoding, **more}
    async with gateway.http.stream("GET", path, headers=sent) as answer:
        content = b"".join([part async for part in answer.aiter_raw()])
    assert answer.status_code == 200, content
    return answer, content


async def assert_plain(gateway, path, who="resident", **more):
    answer, content = await raw(gateway, path, who, **more)
    assert len(content) > 1000, "so short that it is never compressed"
    assert "content-encoding" not in answer.headers
    assert "Accept-Encoding" not in answer.headers["vary"].split(", ")
    assert LONG.encode() in content


def vary(answer):
    return set(answer.headers["vary"].split(", "))


@pytest.mark.parametrize("path", OWN)
async def test_own_records_are_compressed_for_who_accepts_it(gateway, path):
    plain, content = await raw(gateway, path, encoding="identity")
    zipped, packed = await raw(gateway, path)
    assert LONG.encode() in content
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) == len(packed) < len(content)
    unpacked = gzip.decompress(packed)
    assert (unpacked[:500], len(unpacked)) == (content[:500], len(content))
    for answer in (plain, zipped):
        assert vary(answer) >= CREDENTIALS | {"Accept-Language", "Accept-Encoding"}
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers


async def test_one_own_record_and_own_lists_of_other_formats_are_compressed(gateway):
    one = gateway.id_of(APPLICATION, gateway.system, "1")
    for path, more in ((f"/v1/me/applications/{one}", {}), ("/v1/me/applications", {"accept": CSV})):
        answer, packed = await raw(gateway, path, **more)
        assert answer.headers["content-encoding"] == "gzip"
        assert LONG.encode() in gzip.decompress(packed)


@pytest.mark.parametrize("filters", ["status=submitted", f"region={MANTUIL}", "limit=10"])
async def test_filters_without_words_do_not_matter(gateway, filters):
    answer, _ = await raw(gateway, f"/v1/me/applications?{filters}")
    assert answer.headers["content-encoding"] == "gzip"


async def test_a_short_answer_is_not_compressed(gateway):
    answer, content = await raw(gateway, "/v1/me")
    assert len(content) < 1000
    assert "content-encoding" not in answer.headers
    assert "Accept-Encoding" in vary(answer)


async def test_an_answer_to_words_stays_plain(gateway):
    """The words may come from a link that somebody else has made."""
    await assert_plain(gateway, "/v1/me/complaints?text=lampu")
    await assert_plain(gateway, "/v1/search?q=lampu")


async def test_what_an_officer_sees_stays_plain(gateway):
    """One resident's text stands beside another resident's data."""
    one = gateway.id_of(APPLICATION, gateway.system, "1")
    for path in ("/v1/applications", f"/v1/applications/{one}"):
        await assert_plain(gateway, path, "officer", **{"gerbang-purpose": "application-handling"})


async def test_the_access_log_stays_plain(gateway):
    """Each entry has the id that the client chose for its request."""
    for _ in range(5):
        await gateway.get("/v1/me", "resident", x_request_id="chosen-by-a-client")
    answer, content = await raw(gateway, "/v1/me/access-log")
    assert content.count(b"chosen-by-a-client") == 5
    assert len(content) > 1000
    assert "content-encoding" not in answer.headers


async def test_a_client_secret_stays_plain(gateway):
    body = {
        "id": "dukcapil-pelaporan",
        "title_id": "Pelaporan " * 10,
        "title_en": "Reporting " * 10,
        "owner": "Bidang Data, 0511-0000 " * 5,
        "agency": "disdukcapil",
        "purpose": "monthly figures of the register " * 6,
        "grant_types": ["client_credentials"],
        "scopes": ["client.read"],
        "credentials": {
            "secret_until": (gateway.clock() + timedelta(days=30)).isoformat(),
            "secret_reason": "its vendor knows no signatures",
        },
        "expires_at": (gateway.clock() + timedelta(days=300)).isoformat(),
    }
    headers = {"authorization": "Bearer strong", "accept-encoding": "gzip"}
    answer = await gateway.http.post("/v1/admin/clients", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["secret"]) == 43
    assert len(answer.content) > 1000
    assert "content-encoding" not in answer.headers
    listed = await gateway.http.get("/v1/admin/clients", headers=headers)
    assert len(listed.content) > 1000
    assert "content-encoding" not in listed.headers


def test_filters_of_words_have_one_name():
    """`gateway.api.lists.has_own_records_only` recognises them by it."""
    words = {
        name
        for resource in every_resource()
        for name, kind in get_type_hints(resource.query, include_extras=True).items()
        if Words in get_args(kind)
    }
    assert words == {"text"}
