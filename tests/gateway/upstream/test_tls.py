"""Systems are known by their certificates: one that is not right is refused before a word of the question is sent."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.contract import AdapterSpec, Http, HttpOfficeSettings, Limits, Soap, Sql, SqlOfficeSettings, Subject
from adapters.errors import AdapterError, CredentialsRefusedError, NotSentError, UpstreamUnavailableError
from adapters.remote import spec_of
from adapters.remote.grant import AdapterGrant
from adapters.upstream import HttpRequest, SoapElement, SoapRequest
from conformance.loopback import LoopbackServer
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.http.certificates import verifying_context
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams
from schemas.texts import Text
from tests.gateway.certificates import Authority

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]

HERE = "127.0.0.1"
NIK = "6371994502900011"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ANSWERS = {
    "http": b"{}",
    "soap": f'<s:Envelope xmlns:s="{SOAP}"><s:Body><r:RResponse xmlns:r="urn:r"/></s:Body></s:Envelope>'.encode(),
    "remote": b'{"items":[],"next":null}',
}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


@dataclass
class Office:
    """A server behind TLS that answers everything alike; `heard` is every byte that came through."""

    tls: ssl.SSLContext
    answer: bytes = b"{}"
    heard: bytes = b""
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard += await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(self.answer)}\r\n\r\n"
        writer.write(head.encode() + self.answer)
        await writer.drain()


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Awaitable[Office]]]:
    """Opens an office behind a TLS context."""
    async with AsyncExitStack() as servers:

        async def open_one(tls: ssl.SSLContext, answer: bytes = b"{}") -> Office:
            office = Office(tls, answer)
            server = await servers.enter_async_context(LoopbackServer(office.serve, tls=tls))
            office.port = server.port
            return office

        yield open_one


@pytest.fixture(params=["lean", "aiohttp"])
def tuning(request: pytest.FixtureRequest) -> UpstreamSettings:
    """Settings with our HTTP engine, and with the reference."""
    return UpstreamSettings(engine=request.param)


@pytest.fixture
async def upstreams(tuning: UpstreamSettings) -> AsyncIterator[Upstreams]:
    made = Upstreams(MemoryShared(clock=now), now, tuning)
    yield made
    await made.aclose()


async def _nothing(_call: Any) -> None:
    return None


def spec(settings: Any, transport: Any) -> AdapterSpec[Any]:
    return AdapterSpec(
        id="register",
        agency="disdukcapil",
        title=Text(id="Register", en="Register"),
        version="1",
        contact="-",
        settings=settings,
        limits=Limits(concurrent=2, slowest=timedelta(seconds=5)),
        needs=frozenset(),
        probe=_nothing,
        probe_transport=transport,
        reads=(),
    )


REMOTE = spec_of(
    "uji",
    AdapterGrant.model_validate_json(
        json.dumps(
            {
                "agency": "bpkpad",
                "title": {"id": "Uji", "en": "Test"},
                "version": "1",
                "contact": "Uji",
                "limits": {"concurrent": 2, "slowest_seconds": 5, "max_items": 50},
                "needs": ["nik"],
                "reads": [{"resource": "bill", "way": "ask", "pushes": [], "max_bytes": 100_000}],
                "writes": [],
            }
        )
    ),
)


async def asks(kind: str, upstreams: Upstreams, office: Office, ca: Path | None, method: str = "GET") -> Any:
    """One question to the office, by the engine of this kind."""
    settings = {"base_url": f"https://{HERE}:{office.port}", "ca": ca}
    deadline = Deadline.after(timedelta(seconds=5))
    if kind == "remote":
        row = REMOTE.reads[0]
        assert row.ask is not None
        given = REMOTE.settings.model_validate({**settings, "keyid": "k", "secret": "s" * 40})
        call = upstreams.call(REMOTE, None, given, row.transport, deadline=deadline, subject=Subject(nik=NIK))
        return await row.ask(call, row.resource.query(), None)
    given = HttpOfficeSettings.model_validate(settings)
    transport: Any = Soap() if kind == "soap" else Http()
    up = upstreams.call(spec(HttpOfficeSettings, transport), None, given, transport, deadline=deadline).up
    if kind == "soap":
        return await up.call(SoapRequest("/", "urn:r/R", SoapElement("R", "urn:r"), safe=True))
    return await up.send(HttpRequest(method, "/residents", content=NIK.encode(), safe=method == "GET"))


BAD: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "signed by itself": lambda authority: authority.server(HERE, signs_itself=True),
    "of another authority": lambda authority: Authority.made(authority.folder, "Somebody").server(HERE),
    "of another host": lambda authority: authority.server("127.0.0.2"),
    "of another name": lambda authority: authority.server("register.example"),
    "expired": lambda authority: authority.server(HERE, is_over=True),
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("bad", BAD)
async def test_h53_a_certificate_that_is_not_right_is_sent_nothing(
    bad: str, kind: str, authority: Authority, opened: Any, upstreams: Upstreams
) -> None:
    office = await opened(BAD[bad](authority), ANSWERS[kind])
    with pytest.raises(UpstreamUnavailableError, match="certificate is not valid") as raised:
        await asks(kind, upstreams, office, authority.file)
    assert HERE not in str(raised.value)
    assert office.heard == b""


async def test_h53_a_change_is_known_not_to_have_been_sent(
    authority: Authority, opened: Any, upstreams: Upstreams
) -> None:
    office = await opened(authority.server("register.example"))
    with pytest.raises(NotSentError, match="certificate is not valid"):
        await asks("http", upstreams, office, authority.file, "POST")
    assert office.heard == b""


@pytest.mark.parametrize("kind", ANSWERS)
async def test_h53_the_authority_of_the_settings_is_trusted_and_only_there(
    kind: str, authority: Authority, opened: Any, upstreams: Upstreams
) -> None:
    office = await opened(authority.server(HERE), ANSWERS[kind])
    if kind == "remote":
        with pytest.raises(AdapterError, match="not signed"):  # the office knows no secret: this is the next gate
            await asks(kind, upstreams, office, authority.file)
    else:
        await asks(kind, upstreams, office, authority.file)
    assert office.heard.count(b"\r\n\r\n") == 1
    office.heard = b""
    with pytest.raises(UpstreamUnavailableError, match="certificate is not valid"):
        await asks(kind, upstreams, office, None)
    assert office.heard == b""


async def test_the_store_of_the_machine_is_read_again_when_it_has_changed(
    authority: Authority, opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tuning: UpstreamSettings
) -> None:
    store = tmp_path / "store.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    office = await opened(authority.server(HERE))
    store.write_bytes(Authority.made(tmp_path, "Somebody").file.read_bytes())
    first, second = (Upstreams(MemoryShared(clock=now), now, tuning) for _ in range(2))
    with pytest.raises(UpstreamUnavailableError, match="certificate is not valid"):
        await asks("http", first, office, None)
    assert verifying_context() is verifying_context()
    store.write_bytes(authority.file.read_bytes())
    await asks("http", second, office, None)
    await first.aclose()
    await second.aclose()


async def test_h53_an_authority_that_cannot_be_read(
    authority: Authority, opened: Any, upstreams: Upstreams, tmp_path: Path
) -> None:
    with pytest.raises(ValidationError):
        HttpOfficeSettings.model_validate({"base_url": "https://a.example", "ca": tmp_path / "none.pem"})
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ascii")
    office = await opened(authority.server(HERE))
    with pytest.raises(NotSentError, match="cannot be read") as raised:
        await asks("http", upstreams, office, broken, "POST")
    assert str(tmp_path) not in repr(raised.value) + repr(raised.value.__context__)
    assert office.heard == b""


@dataclass
class Database:
    """A database server up to the sign-in, which it refuses; `told` is what it heard after it had offered TLS or not.

    Addresses of this very machine are spoken to without TLS. `127.1` is one in a form that only the resolver reads.
    """

    kind: str
    tls: ssl.SSLContext | None
    told: bytes = b""
    port: int = 0

    @property
    def url(self) -> str:
        return f"{self.kind}://account:password-of-ours@127.1:{self.port}/register"

    def serve(self, listening: socket.socket) -> None:
        """One caller after the other, until the socket is closed; in a thread, as TLS begins within a connection."""
        with suppress(OSError):
            while True:
                caller, _ = listening.accept()
                caller.settimeout(5)
                with suppress(OSError), caller:
                    getattr(self, f"_{self.kind}")(caller)

    def _mariadb(self, caller: socket.socket) -> None:
        able = (0x000FF7DF | (0x0800 if self.tls else 0)).to_bytes(4, "little")
        plugin = b"\0mysql_clear_password\0"
        greeting = b"\x0a10.11.0-MariaDB\0\1\0\0\0" + b"a" * 8 + b"\0" + able[:2] + b"\x2d\2\0" + able[2:]
        greeting += b"\x15" + b"\0" * 10 + b"b" * 12 + plugin
        caller.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
        if self.tls:
            exactly(caller, 36)
        with self._secured(caller) as secured:
            size = exactly(secured, 4)
            self.told += size + exactly(secured, int.from_bytes(size[:3], "little"))
            refusal = b"\xff\x15\x04#28000No"
            secured.sendall(len(refusal).to_bytes(3, "little") + bytes([size[3] + 1]) + refusal)

    def _postgresql(self, caller: socket.socket) -> None:
        exactly(caller, 8)
        caller.sendall(b"S" if self.tls else b"N")
        with self._secured(caller) as secured:
            size = exactly(secured, 4)
            self.told += size + exactly(secured, int.from_bytes(size, "big") - 4)
            fields = b"SFATAL\0VFATAL\0C28P01\0MNo\0\0"
            secured.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)

    def _secured(self, caller: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(caller, server_side=True) if self.tls else caller


def exactly(caller: socket.socket, count: int) -> bytes:
    """So many bytes, read one by one so that what follows is left for TLS."""
    found = b""
    while len(found) < count:
        if not (more := caller.recv(1)):
            raise ConnectionError
        found += more
    return found


SQL: Sql[Any] = Sql()


async def queried(upstreams: Upstreams, database: Database, ca: Path | None) -> None:
    with socket.create_server((HERE, 0)) as listening:
        database.port = listening.getsockname()[1]
        served = asyncio.create_task(asyncio.to_thread(database.serve, listening))
        settings = SqlOfficeSettings.model_validate({"url": database.url, "ca": ca})
        deadline = Deadline.after(timedelta(seconds=8))
        try:
            call = upstreams.call(spec(SqlOfficeSettings, SQL), None, settings, SQL, deadline=deadline)
            await call.up.rows("SELECT 1", {}, 1)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            await served


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
@pytest.mark.parametrize("bad", [*BAD, "no TLS"])
async def test_h53_a_database_that_does_not_prove_itself_is_told_no_account(
    bad: str, kind: str, authority: Authority, upstreams: Upstreams
) -> None:
    """A server that offers no TLS may be one in between that took the offer away."""
    certified = None if bad == "no TLS" else BAD[bad](authority)
    database = Database(kind, certified)
    with pytest.raises(UpstreamUnavailableError):
        await queried(upstreams, database, authority.file)
    assert database.told == b""


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
@pytest.mark.parametrize("content", [None, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
async def test_h53_certificates_of_a_database_that_cannot_be_read(
    content: str | None, kind: str, authority: Authority, upstreams: Upstreams, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pem"
    if content is not None:
        broken.write_text(content, "ascii")
    database = Database(kind, authority.server("127.1"))
    with pytest.raises(UpstreamUnavailableError) as raised:
        await queried(upstreams, database, broken)
    assert str(tmp_path) not in repr(raised.value)
    assert database.told == b""


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
async def test_h53_a_database_of_the_authority_of_the_settings_is_signed_in_to(
    kind: str, authority: Authority, upstreams: Upstreams
) -> None:
    database = Database(kind, authority.server("127.1"))
    # Of a sign-in that PostgreSQL refuses its driver tells no code.
    with pytest.raises(CredentialsRefusedError if kind == "mariadb" else UpstreamUnavailableError):
        await queried(upstreams, database, authority.file)
    assert b"account" in database.told
