"""Identity headers, which only trusted proxies may set, are dropped from external requests."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from gateway.api.edge import Edge, EdgeSettings
from gateway.api.ready_answers import ReadyAnswers
from gateway.ground.clock import now

pytestmark = pytest.mark.anyio

IDENTITY = (
    *("X-Kota-NIK", "X-Kota-Pengguna", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-For", "Forwarded"),
    *("Remote-User", "REMOTE-USER", "OIDC_CLAIM_sub", "X-Real-IP", "X-Authenticated-User"),
)


async def test_h51_identity_headers_from_outside_are_dropped():
    seen = []

    async def app(scope, receive, send):
        seen.extend(scope["headers"])
        await PlainTextResponse("")(scope, receive, send)

    async def fault(_request, _error):
        return PlainTextResponse("", 500)

    transport = httpx.ASGITransport(app=Edge(ReadyAnswers(app, now), EdgeSettings(), fault))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerbang") as client:
        await client.get("/", headers={**dict.fromkeys(IDENTITY, "6371991234567890"), "Accept-Language": "id"})
    assert (b"accept-language", b"id") in seen
    assert not any(b"6371991234567890" in value for _, value in seen)
