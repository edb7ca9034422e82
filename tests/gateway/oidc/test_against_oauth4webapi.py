"""oauth4webapi, an independent implementation from npm, is a machine, an agency's API, and an app on a telephone."""

import asyncio
import json

import pytest

from tests.gateway.oidc.partners import registered
from tests.gateway.oidc.sockets import served_house

pytestmark = pytest.mark.anyio

RESOURCE = "https://e-kelurahan.example/api"


async def test_b14_b18_b19_oauth4webapi_gets_judges_looks_at_and_ends_tokens(tmp_path, anyio_backend, peers):
    async with served_house(tmp_path) as house:
        # That it holds a scope of people gives a machine nothing.
        scopes = ["client.read", "profile.read"]
        machine = await registered(house, "machine", algorithm="ES256", scopes=scopes, audiences=[RESOURCE])
        register = await registered(house, "register", algorithm="ES256", resource=RESOURCE)
        stranger = await registered(house, "stranger", algorithm="ES256", resource="https://stranger.example/api")
        given = {
            "issuer": house.settings.issuer_url,
            "account": "resident",
            "password": house.password("resident"),
            "resource": RESOURCE,
            "machine": machine.told,
            "register": register.told,
            "stranger": stranger.told,
        }
        done = await asyncio.to_thread(peers.run, "machines.mjs", json.dumps(given))
    assert len(json.loads(done)) == 6
