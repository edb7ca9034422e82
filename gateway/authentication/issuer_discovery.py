"""Metadata of other issuers (OpenID Connect Discovery 1.0): fetched, validated strictly and cached."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.authentication.issuer_fetching import IssuerAwayError, IssuerConnections, fetch
from gateway.authentication.issuer_keys import RemoteKeys
from gateway.authentication.jose import PublicKey
from gateway.authentication.settings import is_safe_address
from gateway.ground.errors import GerbangError

_OK = 200
_MOST = 100
"""Longest list that is read from a discovery document."""


class IssuerUnfitError(GerbangError):
    """The issuer's metadata contradicts its settings or is not usable. The message is one sentence."""


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """The members of a discovery document that are used here.

    `names_itself`: its authorization responses contain `iss` (RFC 9207). `proofs`: it supports DPoP with ES256.
    `authentication` and `assertions` are its client authentication methods, and the signature algorithms for them.
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str
    token_endpoint: str
    pushed_endpoint: str | None
    names_itself: bool
    proofs: bool
    authentication: frozenset[str]
    assertions: frozenset[str]


def read_metadata(document: bytes, issuer: str) -> IssuerMetadata:
    """Parse the discovery document of `issuer`, or raise `IssuerUnfitError`."""
    try:
        read = json.loads(document)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise IssuerUnfitError(f"The issuer {issuer} has no readable discovery document.")
    if read.get("issuer") != issuer:
        raise IssuerUnfitError(f"The discovery document of the issuer {issuer} is of another issuer.")
    return IssuerMetadata(
        issuer=issuer,
        jwks_uri=_address(read, "jwks_uri", issuer),
        authorization_endpoint=_address(read, "authorization_endpoint", issuer),
        token_endpoint=_address(read, "token_endpoint", issuer),
        pushed_endpoint=(
            _address(read, "pushed_authorization_request_endpoint", issuer)
            if read.get("pushed_authorization_request_endpoint") is not None
            else None
        ),
        names_itself=read.get("authorization_response_iss_parameter_supported") is True,
        proofs="ES256" in _words(read, "dpop_signing_alg_values_supported"),
        authentication=_words(read, "token_endpoint_auth_methods_supported"),
        assertions=_words(read, "token_endpoint_auth_signing_alg_values_supported"),
    )


def _address(read: Mapping[str, Any], name: str, issuer: str) -> str:
    value = read.get(name)
    if not isinstance(value, str) or not is_safe_address(value, loopback=issuer.startswith("http:")):
        raise IssuerUnfitError(f"The discovery document of the issuer {issuer} has no usable {name}.")
    return value


def _words(read: Mapping[str, Any], name: str) -> frozenset[str]:
    value = read.get(name)
    listed = value[:_MOST] if isinstance(value, list) else []
    return frozenset(word for word in listed if isinstance(word, str))


class ExternalIssuer:
    """An issuer that this gateway does not run: its metadata and its keys.

    The metadata is cached for `HOLD_SECONDS`. After a failure there is no new fetch for `PAUSE_SECONDS`. Concurrent
    callers share one fetch.
    """

    HOLD_SECONDS: Final = 600.0
    PAUSE_SECONDS: Final = 5.0

    def __init__(
        self,
        issuer: str,
        http: IssuerConnections,
        *,
        jwks_uri: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._http = http
        self._monotonic = monotonic
        self._metadata: IssuerMetadata | None = None
        self._read_at = float("-inf")
        self._failure: tuple[float, IssuerAwayError | IssuerUnfitError] | None = None
        self._turn = asyncio.Lock()
        self._given_address = jwks_uri
        self._keys: RemoteKeys | None = None
        self._keys_at: str | None = None

    async def metadata(self, within: float = HOLD_SECONDS) -> IssuerMetadata:
        """Return metadata of the last `within` seconds; or raise `IssuerAwayError` or `IssuerUnfitError`."""
        async with self._turn:
            now = self._monotonic()
            if self._metadata is not None and now - self._read_at <= within:
                return self._metadata
            if self._failure is not None and now - self._failure[0] < self.PAUSE_SECONDS:
                # Drop the traceback of the earlier raise: it would grow with each caller.
                raise self._failure[1].with_traceback(None)
            try:
                self._metadata = read_metadata(await self._document(), self.issuer)
            except (IssuerAwayError, IssuerUnfitError) as failure:
                self._failure = (self._monotonic(), failure)
                raise
            self._read_at, self._failure = now, None
            return self._metadata

    async def check(self) -> None:
        """Raise `IssuerAwayError` or `IssuerUnfitError` if the metadata is needed and cannot be used."""
        if self._given_address is None:
            await self.metadata()

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key named `kid`, or None. Cached keys stay valid while the issuer is unavailable."""
        keys = await self._key_source()
        return await keys.find(kid) if keys else None

    async def aclose(self) -> None:
        """Cancel a fetch that is under way."""
        if self._keys:
            await self._keys.aclose()

    async def _key_source(self) -> RemoteKeys | None:
        try:
            address = self._given_address or (await self.metadata()).jwks_uri
        except (IssuerAwayError, IssuerUnfitError):
            return self._keys
        if address != self._keys_at:
            await self.aclose()
            self._keys, self._keys_at = RemoteKeys(address, self._http, self._monotonic), address
        return self._keys

    async def _document(self) -> bytes:
        address = f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration"
        answer = await fetch(self._http, "GET", address)
        if answer.status != _OK:
            raise IssuerAwayError
        return answer.body
