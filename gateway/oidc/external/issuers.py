"""The other issuers of the settings: providers at which people sign in, and issuers of accepted access tokens."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.authentication.access_tokens import TrustedIssuer
from gateway.authentication.issuer_discovery import ExternalIssuer
from gateway.authentication.issuer_fetching import IssuerConnections, IssuerUnavailableError
from gateway.authentication.settings import LoginIssuer, TokenIssuer
from gateway.ground.clock import Clock
from gateway.oidc.external.own_keys import OwnKeys
from gateway.oidc.external.relying_party import RelyingParty

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

BROKER_PATH = "/oauth2/broker"


@dataclass(frozen=True, slots=True)
class RelyingPartyIdentity:
    """How other issuers identify us: our issuer, and the `aud` of access tokens for our API."""

    issuer: str
    audience: str


class ExternalIssuers:
    """The other issuers, with one shared connection pool. `transport` replaces the network, for tests."""

    def __init__(
        self,
        login: Mapping[str, LoginIssuer],
        tokens: Mapping[str, TokenIssuer],
        identity: RelyingPartyIdentity,
        *,
        keys: OwnKeys,
        clock: Clock,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._http = IssuerConnections(transport)
        self._keys = keys
        self._identity = identity
        self._tokens = tokens
        self._sources = {
            name: ExternalIssuer(settings.issuer, self._http, jwks_uri=settings.jwks_uri)
            for name, settings in tokens.items()
        }
        self.parties = {
            name: RelyingParty(
                settings,
                ExternalIssuer(settings.issuer, self._http),
                self._http,
                keys,
                f"{identity.issuer}{BROKER_PATH}/{name}/callback",
                clock,
            )
            for name, settings in login.items()
        }

    def trusted(self) -> list[TrustedIssuer]:
        """Return the issuers whose access tokens are accepted, each with its profile."""
        return [
            TrustedIssuer(
                settings.issuer,
                settings.audience or self._identity.audience,
                self._sources[name],
                algorithms=frozenset(settings.algorithms),
                types=frozenset(settings.types),
                profile=settings,
            )
            for name, settings in self._tokens.items()
        ]

    async def start(self) -> None:
        """Check every issuer once. One that contradicts its settings stops the start (`IssuerMetadataError`).

        An unavailable issuer does not: valid tokens and sessions stay in use, and later sign-ins try it again.
        """
        if self.parties:
            await self._keys.start()
        checks = {name: party.check for name, party in self.parties.items()}
        checks |= {name: source.check for name, source in self._sources.items()}
        await asyncio.gather(*(_check(name, check) for name, check in checks.items()))

    async def aclose(self) -> None:
        """Close every connection."""
        for party in self.parties.values():
            await party.aclose()
        for source in self._sources.values():
            await source.aclose()
        await self._http.aclose()


async def _check(name: str, check: Callable[[], Awaitable[None]]) -> None:
    try:
        await check()
    except IssuerUnavailableError:
        log.warning("issuer is unavailable", extra={"system": name})
