"""Keys of an issuer by URL: rotation, unknown keys, and what a hostile or slow issuer may do."""

import asyncio
import json

import httpx
import pytest

from gateway.authentication.issuer_keys import RemoteKeys
from gateway.authentication.jose import PrivateKey

pytestmark = pytest.mark.anyio

URL = "https://issuer.example/jwks"


class Issuer:
    """Serves a key set, in whichever way it is told to."""

    def __init__(self, *keys):
        self.keys = list(keys)
        self.fetches = 0
        self.answer = self.good

    async def __call__(self, request):
        self.fetches += 1
        return await self.answer()

    async def good(self):
        return httpx.Response(200, json={"keys": [key.public().document() for key in self.keys]})

    async def broken(self):
        raise httpx.ConnectError("refused")

    async def hanging(self):
        await asyncio.sleep(60)

    async def endless(self):
        async def parts():
            while True:
                yield b" " * 65536

        return httpx.Response(200, content=parts())

    async def ten_megabytes(self):
        return httpx.Response(200, content=b'{"keys": [' + b" " * 10_000_000 + b"]}")

    async def drip(self):
        async def parts():
            for byte in json.dumps({"keys": []}).encode():
                yield bytes([byte])
                await asyncio.sleep(1)

        return httpx.Response(200, content=parts())

    async def elsewhere(self):
        return httpx.Response(302, headers={"Location": "https://evil.example/jwks"})

    async def page(self):
        return httpx.Response(200, html="<h1>maintenance</h1>")


class Ticks:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def issuer():
    return Issuer(PrivateKey.generate())


@pytest.fixture
async def keys(issuer, ticks, anyio_backend):
    async with httpx.AsyncClient(transport=httpx.MockTransport(issuer)) as http:
        source = RemoteKeys(URL, http, ticks)
        yield source
        await source.aclose()


async def test_d31_keys_rotate_without_a_restart(issuer, keys, ticks):
    old, new = issuer.keys[0], PrivateKey.generate()
    assert (await keys.find(old.kid)).kid == old.kid
    issuer.keys = [old, new]
    ticks.now = 61
    assert (await keys.find(new.kid)).kid == new.kid
    assert (await keys.find(old.kid)).kid == old.kid
    assert issuer.fetches == 2
    issuer.keys = [new]
    ticks.now += 601
    await keys.find(old.kid)  # answered at once; the refresh that it started takes the key away
    await asyncio.sleep(0.05)
    assert await keys.find(old.kid) is None
    assert await keys.find(new.kid)


async def test_d31_a_key_that_was_just_rotated_in_is_found_at_once(issuer, keys, ticks):
    for _ in range(3):
        issuer.keys.append(PrivateKey.generate())
        assert (await keys.find(issuer.keys[-1].kid)).kid == issuer.keys[-1].kid
    assert issuer.fetches == 3
    assert await keys.find("made up") is None
    issuer.keys.append(PrivateKey.generate())
    assert await keys.find(issuer.keys[-1].kid) is None, "made-up keys do not have the issuer asked again and again"
    ticks.now = RemoteKeys.REFETCH_SECONDS
    assert await keys.find(issuer.keys[-1].kid)
    assert issuer.fetches == 5


async def test_d31_unknown_keys_cause_at_most_one_fetch_a_minute(issuer, keys, ticks):
    for number in range(50):
        assert await keys.find(f"unknown-{number}") is None
    assert await asyncio.gather(*(keys.find(f"more-{number}") for number in range(50))) == [None] * 50
    assert issuer.fetches == 1
    ticks.now = 60
    await asyncio.gather(*(keys.find(f"again-{number}") for number in range(50)))
    assert issuer.fetches == 2


async def test_d31_many_at_once_share_the_first_fetch(issuer, keys):
    found = await asyncio.gather(*(keys.find(issuer.keys[0].kid) for _ in range(50)))
    assert all(found)
    assert issuer.fetches == 1


@pytest.mark.parametrize("how", ["broken", "hanging", "endless", "ten_megabytes", "drip", "elsewhere", "page"])
async def test_d31_a_hostile_or_slow_issuer_costs_little_and_known_keys_go_on(issuer, keys, ticks, monkeypatch, how):
    monkeypatch.setattr(RemoteKeys, "FETCH_SECONDS", 0.2)
    known = issuer.keys[0].kid
    assert await keys.find(known)
    issuer.answer = getattr(issuer, how)
    ticks.now = 61
    async with asyncio.timeout(5):
        assert await keys.find("unknown") is None
        assert await keys.find(known)
        ticks.now = 10_000
        assert await keys.find(known)
    assert issuer.fetches in {2, 3}


async def test_a_caller_that_goes_away_does_not_end_the_fetch_of_the_others(issuer, keys):
    slow = asyncio.Event()

    async def later():
        await slow.wait()
        return await issuer.good()

    issuer.answer = later
    impatient = asyncio.create_task(keys.find(issuer.keys[0].kid))
    patient = asyncio.create_task(keys.find(issuer.keys[0].kid))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    slow.set()
    assert (await patient).kid == issuer.keys[0].kid
    assert issuer.fetches == 1


async def test_whoever_waits_for_a_fetch_that_is_given_up_goes_on_without_a_key(issuer, keys):
    issuer.answer = issuer.hanging
    waiting = asyncio.create_task(keys.find(issuer.keys[0].kid))
    await asyncio.sleep(0.01)
    await keys.aclose()  # as when the issuer publishes its keys elsewhere from now on
    async with asyncio.timeout(5):
        assert await waiting is None
