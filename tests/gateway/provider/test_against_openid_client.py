"""openid-client, an independent implementation from npm, goes through what our provider offers."""

import asyncio
import contextlib
import json
import socket

import pytest
import uvicorn

from gateway.clock import now
from gateway.provider.exchange import EXCHANGE_GRANT
from tests.gateway.provider.conftest import open_house
from tests.gateway.provider.partners import registered

pytestmark = pytest.mark.anyio

AUDIENCE = "https://e-kelurahan.example/api"


class Server(uvicorn.Server):
    """Ends when it is told to, and leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


async def test_openid_client_binds_refreshes_exchanges_signs_in_a_device_and_signs_out(tmp_path, anyio_backend, peers):
    listener = socket.create_server(("127.0.0.1", 0))
    issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with open_house(tmp_path, f"sqlite:///{tmp_path / 'provider.db'}", issuer=issuer, clock=now) as house:
        scopes = ["openid", "profile.read"]
        grants = ["authorization_code", "refresh_token", EXCHANGE_GRANT]
        partner = await registered(house, scopes=scopes, grant_types=grants, exchange_audiences=[AUDIENCE])
        await registered(house, "e-kelurahan", resource=AUDIENCE, grant_types=[])
        given = {
            "issuer": issuer,
            "account": "resident",
            "password": house.password("resident"),
            "partner": {
                "id": partner.client_id,
                "key": json.loads(json.dumps(partner.key.as_dict(private=True))),
                "redirectUri": partner.redirect_uri,
                "audience": AUDIENCE,
            },
        }
        server = Server(uvicorn.Config(house.app, log_level="warning", lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            done = await asyncio.to_thread(peers.run, "bound_tokens.mjs", json.dumps(given))
        finally:
            server.should_exit = True
            await serving
            listener.close()
    assert len(json.loads(done)) == 6
