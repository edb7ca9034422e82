"""The flow over a real socket, as a native app and its person would go through it."""

import asyncio
import socket

import httpx
import pytest
from starlette.applications import Starlette

from gateway.oidc.provider import Provider
from gateway.pages.routes import provider_routes
from tests.gateway.oidc.answering import answering

pytestmark = pytest.mark.anyio

TOO_LARGE = (
    b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n4000\r\n%b\r\n1\r\na\r\n0\r\n\r\n" % (b"a" * 0x4000)
)


@pytest.fixture
async def address(house, sockets):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with answering(house.app, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_the_whole_flow_over_a_socket(house, address, new_browser):
    application = house.mobile()
    async with httpx.AsyncClient(base_url=address) as http:
        metadata = (await http.get("/.well-known/openid-configuration")).json()
        assert metadata == (await http.get("/.well-known/oauth-authorization-server")).json()
        assert metadata["issuer"] == "http://localhost:8000"
        landing = await new_browser(http).sign_in(application, "resident", house.password("resident"))
        body = (await application.redeem(http, landing.query["code"])).json()
        bearer = {"authorization": f"Bearer {body['access_token']}"}
        assert (await http.get("/oauth2/userinfo", headers=bearer)).json()["roles"] == ["resident"]


async def test_bytes_on_the_wire_that_no_client_library_would_send(address):
    host, port = address.removeprefix("http://").split(":")
    for request in (
        b"GET /oauth2/authorize?state=\xff\xfe&client_id=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        b'GET /oauth2/authorize?response_type="&client_id=gerbang-mobile HTTP/1.1\r\nHost: x\r\n\r\n',
        b"GET /oauth2/login?ticket=\xe9 HTTP/1.1\r\nHost: x\r\nCookie: gerbang-signin=\xff\xff\r\n\r\n",
        b"GET /oauth2/userinfo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \xff\xfe\r\nContent-Length: 0\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n",
        TOO_LARGE,
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        async with asyncio.timeout(10):
            status = (await reader.readline()).split()[1]
        writer.close()
        await writer.wait_closed()
        assert status[:1] == b"4", request


async def test_a_database_that_fails_is_answered_in_each_endpoints_own_form(house, http, caplog):
    broken = Provider(house.database, house.sealer, house.settings)  # never started: it has no key to sign with
    app = Starlette(routes=provider_routes(broken, broken.authenticator()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as client:
        page = await client.get("/oauth2/authorize", params=house.mobile().request())
        spoken = await client.post("/oauth2/token", data=house.mobile().redemption("secret-code"))
    assert page.status_code == 500
    assert "Terjadi kesalahan pada kami" in page.text
    assert (spoken.status_code, spoken.json()["error"]) == (500, "server_error")
    assert "not started" not in page.text + spoken.text
    assert [record.error for record in caplog.records] == ["RuntimeError"] * 2
    assert "secret-code" not in caplog.text
