"""Whoever asks stays at the gateway: no token, cookie or identity header of theirs goes on, nor anybody else's number.

The gateway itself is put in front of the adapter, every list of its API is asked by a resident and by an officer, and
everything that reached the system is looked through.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote_plus

from adapters.contract import FileOfficeSettings, HttpOfficeSettings, SqlOfficeSettings
from conformance.check_context import CheckContext
from conformance.gateway_fixture import GatewayFixture, running_gateway
from conformance.http_messages import RawRequest
from conformance.leaks import CANARY
from conformance.proxy import Proxy
from conformance.rules import Flaws, NotApplicableError
from conformance.simulator_process import SimulatorOffice
from conformance.targets import proxied

_COOKIE: Final = "kue-penelepon-637199"
_NAME: Final = "nama-penelepon-637199"
_RESIDENT: Final = "resident"
_CALLERS: Final[tuple[tuple[str, int, Mapping[str, str]], ...]] = (
    (_RESIDENT, 2, {}),
    ("officer-mantuil", 2, {"Gerbang-Purpose": "application-handling"}),
)
_HEADERS: Final[Mapping[str, str]] = {
    "Cookie": f"gerbang_session={_COOKIE}; ci_session={_COOKIE}",
    "Remote-User": _NAME,
    "X-Forwarded-User": _NAME,
    "X-Kota-NIK": CANARY,
    "OIDC_CLAIM_nik": CANARY,
    "X-Authenticated-User": _NAME,
    "Prefer": "wait=2",
}


async def callers(context: CheckContext) -> str:
    """Nothing of a caller but the identifiers that the adapter needs ever reaches the system."""
    if not context.offices or context.simulator is None:
        raise NotApplicableError("no simulator runs for this adapter")
    found, secrets = (
        Flaws(),
        {CANARY: "a number that stands in a header", _COOKIE: "a cookie", _NAME: "an identity header"},
    )
    async with _watched(context) as (offices, proxies), running_gateway(context, offices) as gateway:
        await gateway.parts.feeds.wait_until_tried()
        for account, acr, more in _CALLERS:
            token = await gateway.token(account, acr)
            secrets |= {token: f"the token of {account}", token.rpartition(".")[2]: f"a part of the token of {account}"}
            await _ask_all(gateway, {**_HEADERS, **more, "Authorization": f"Bearer {token}"})
    secrets |= {
        nik: "the number of somebody else"
        for name, nik in context.simulator.people.items()
        if nik and name != _RESIDENT
    }
    requests = [request for proxy in proxies for request in proxy.requests]
    for request in requests:
        found.extend(f"{name} reaches the system" for name in _told(request, secrets))
    asked = any(row.ask is not None and not row.resource.public for row in context.spec.reads)
    found.unless(requests or not proxies or not asked, "nothing that was asked reaches the system")
    for content in _kept(offices):
        own = {text: name for text, name in secrets.items() if text not in context.simulator.people.values()}
        found.extend(f"{name} reaches the system" for text, name in own.items() if text.encode() in content)
    return found.settle(f"{len(requests)} requests to the system, {len(secrets)} things that must not stand in them")


@asynccontextmanager
async def _watched(context: CheckContext) -> AsyncIterator[tuple[list[SimulatorOffice], list[Proxy]]]:
    """The first office as it is reached through a proxy that keeps all requests; as it is, where it is no server."""
    office = context.offices[0]
    if not isinstance(office.settings, HttpOfficeSettings):
        yield [office], []
        return
    async with proxied(context, office, asyncio.Semaphore(context.spec.limits.concurrent)) as (proxy, through):
        yield [through], [proxy]


async def _ask_all(gateway: GatewayFixture, headers: Mapping[str, str]) -> None:
    for path in gateway.lists():
        await gateway.client.get(path, headers=dict(headers), params={"limit": "5"})
        await gateway.client.get(path, headers=dict(headers))


def _told(request: RawRequest, secrets: Mapping[str, str]) -> Iterator[str]:
    """Which of the secrets stand in a request: as they are, or written as in a form."""
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers)
    written = f"{request.target}\n{headers}\n{request.body.decode('latin-1')}"
    seen = f"{written}\n{unquote_plus(written)}"
    yield from (name for text, name in secrets.items() if text in seen)


def _kept(offices: list[SimulatorOffice]) -> Iterator[bytes]:
    """What a system that is a folder or a database keeps."""
    for office in offices:
        settings = office.settings
        if isinstance(settings, FileOfficeSettings):
            yield from (path.read_bytes() for path in Path(settings.folder).rglob("*") if path.is_file())
        if isinstance(settings, SqlOfficeSettings) and settings.url.get_secret_value().startswith("sqlite:///"):
            path = Path(settings.url.get_secret_value().removeprefix("sqlite:///"))
            yield from (each.read_bytes() for each in path.parent.glob(f"{path.name}*") if each.is_file())
