"""openid-client, an independent implementation from npm, goes through what our provider offers."""

import asyncio
import json

import pytest

from gateway.oidc.grants.token_exchange import EXCHANGE_GRANT
from tests.gateway.oidc.partners import registered
from tests.gateway.oidc.sockets import served_house

pytestmark = pytest.mark.anyio

AUDIENCE = "https://e-kelurahan.example/api"


async def test_b13_b17_openid_client_binds_refreshes_exchanges_and_signs_a_device_in_and_out(
    tmp_path, anyio_backend, peers
):
    async with served_house(tmp_path) as house:
        scopes = ["openid", "profile.read"]
        grants = ["authorization_code", "refresh_token", EXCHANGE_GRANT]
        partner = await registered(house, scopes=scopes, grant_types=grants, exchange_audiences=[AUDIENCE])
        await registered(house, "e-kelurahan", resource=AUDIENCE, grant_types=[])
        given = {
            "issuer": house.settings.issuer_url,
            "account": "resident",
            "password": house.password("resident"),
            "partner": {**partner.told, "redirectUri": partner.redirect_uri, "audience": AUDIENCE},
        }
        done = await asyncio.to_thread(peers.run, "bound_tokens.mjs", json.dumps(given))
    assert len(json.loads(done)) == 6
