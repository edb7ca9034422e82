"""Caller data must stay at the gateway: no token, cookie, identity header or foreign NIK reaches the system.

A gateway runs in front of the adapter. A resident and an officer call every list of its API, and the rule searches
everything that reached the system.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import unquote_plus

from adapters.contract import FileOfficeSettings, HttpOfficeSettings, SqlOfficeSettings
from conformance.check_context import CheckContext
from conformance.gateway_fixture import GatewayFixture, running_gateway
from conformance.http_messages import RawRequest
from conformance.leaks import CANARY
from conformance.proxy import Proxy
from conformance.rules import NotApplicableError, Violations
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
    """Require that only the identifiers that the adapter needs reach the system."""
    if not context.offices or context.simulator is None:
        raise NotApplicableError("no simulator runs for this adapter")
    violations, secrets = (
        Violations(),
        {CANARY: "a number from a header", _COOKIE: "a cookie", _NAME: "an identity header"},
    )
    async with _recorded_office(context) as (offices, proxies), running_gateway(context, offices) as gateway:
        await gateway.dependencies.feeds.wait_until_tried()
        for account, acr, more in _CALLERS:
            token = await gateway.token(account, acr)
            secrets |= {token: f"the token of {account}", token.rpartition(".")[2]: f"a part of the token of {account}"}
            await _call_all(gateway, {**_HEADERS, **more, "Authorization": f"Bearer {token}"})
    secrets |= {
        nik: "the NIK of another person" for name, nik in context.simulator.people.items() if nik and name != _RESIDENT
    }
    requests = [request for proxy in proxies for request in proxy.requests]
    for request in requests:
        violations.extend(f"{name} reaches the system" for name in _secrets_in(request, secrets))
    has_live_lists = any(row.ask is not None and not row.resource.public for row in context.spec.reads)
    violations.require(requests or not proxies or not has_live_lists, "no request reaches the system")
    for content in _stored_contents(offices):
        own = {text: name for text, name in secrets.items() if text not in context.simulator.people.values()}
        violations.extend(f"{name} reaches the system" for text, name in own.items() if text.encode() in content)
    return violations.finish(f"{len(requests)} requests to the system, {len(secrets)} values that must not be in them")


@asynccontextmanager
async def _recorded_office(context: CheckContext) -> AsyncIterator[tuple[list[SimulatorOffice], list[Proxy]]]:
    """Yield the first office behind a proxy that records all requests; the plain office if it has no server."""
    office = context.offices[0]
    if not isinstance(office.settings, HttpOfficeSettings):
        yield [office], []
        return
    async with proxied(context, office, asyncio.Semaphore(context.spec.limits.concurrent)) as (proxy, proxied_office):
        yield [proxied_office], [proxy]


async def _call_all(gateway: GatewayFixture, headers: Mapping[str, str]) -> None:
    for path in gateway.list_paths():
        answer = await gateway.client.get(path, headers=dict(headers), params={"limit": "5"})
        # A caller who is refused is refused with any parameters, and the log of refusals has a limit.
        if answer.status_code != HTTPStatus.FORBIDDEN:
            await gateway.client.get(path, headers=dict(headers))


def _secrets_in(request: RawRequest, secrets: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of the secrets in a request, plain or form-encoded."""
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers)
    written = f"{request.target}\n{headers}\n{request.body.decode('latin-1')}"
    seen = f"{written}\n{unquote_plus(written)}"
    yield from (name for text, name in secrets.items() if text in seen)


def _stored_contents(offices: list[SimulatorOffice]) -> Iterator[bytes]:
    """Yield the files of a system that is a folder or a database file."""
    for office in offices:
        settings = office.settings
        if isinstance(settings, FileOfficeSettings):
            yield from (path.read_bytes() for path in Path(settings.folder).rglob("*") if path.is_file())
        if isinstance(settings, SqlOfficeSettings) and settings.url.get_secret_value().startswith("sqlite:///"):
            path = Path(settings.url.get_secret_value().removeprefix("sqlite:///"))
            yield from (each.read_bytes() for each in path.parent.glob(f"{path.name}*") if each.is_file())
