"""Metadata of other issuers (OpenID Connect Discovery 1.0): fetched, validated strictly and cached."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.authentication.issuer_fetching import IssuerConnections, IssuerUnavailableError, fetch
from gateway.authentication.issuer_keys import RemoteKeys
from gateway.authentication.jose import PublicKey
from gateway.authentication.settings import is_safe_address
from gateway.ground.errors import GerbangError

_OK = 200
_MAX_LENGTH = 100
"""Longest list that is read from a discovery document."""


class IssuerMetadataError(GerbangError):
    """The issuer's metadata contradicts its settings or is not usable. The message is one sentence."""


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """The members of a discovery document that are used here.

    `sends_iss`: its authorization responses contain `iss` (RFC 9207). `supports_dpop`: it supports DPoP with ES256.
    `authentication` and `assertions` are its client authentication methods, and the signature algorithms for them.
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str
    token_endpoint: str
    pushed_endpoint: str | None
    sends_iss: bool
    supports_dpop: bool
    authentication: frozenset[str]
    assertions: frozenset[str]


def read_metadata(document: bytes, issuer: str) -> IssuerMetadata:
    """Parse the discovery document of `issuer`, or raise `IssuerMetadataError`."""
    try:
        read = json.loads(document)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise IssuerMetadataError(f"The issuer {issuer} has no readable discovery document.")
    if read.get("issuer") != issuer:
        raise IssuerMetadataError(f"The discovery document of the issuer {issuer} is of another issuer.")
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
        sends_iss=read.get("authorization_response_iss_parameter_supported") is True,
        supports_dpop="ES256" in _texts(read, "dpop_signing_alg_values_supported"),
        authentication=_texts(read, "token_endpoint_auth_methods_supported"),
        assertions=_texts(read, "token_endpoint_auth_signing_alg_values_supported"),
    )


def _address(read: Mapping[str, Any], name: str, issuer: str) -> str:
    value = read.get(name)
    if not isinstance(value, str) or not is_safe_address(value, loopback=issuer.startswith("http:")):
        raise IssuerMetadataError(f"The discovery document of the issuer {issuer} has no usable {name}.")
    return value


def _texts(read: Mapping[str, Any], name: str) -> frozenset[str]:
    value = read.get(name)
    listed = value[:_MAX_LENGTH] if isinstance(value, list) else []
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
        self._failure: tuple[float, IssuerUnavailableError | IssuerMetadataError] | None = None
        self._lock = asyncio.Lock()
        self._configured_jwks_uri = jwks_uri
        self._keys: RemoteKeys | None = None
        self._keys_at: str | None = None

    async def metadata(self, within: float = HOLD_SECONDS) -> IssuerMetadata:
        """Return metadata of the last `within` seconds; or raise `IssuerUnavailableError` or `IssuerMetadataError`."""
        async with self._lock:
            now = self._monotonic()
            if self._metadata is not None and now - self._read_at <= within:
                return self._metadata
            if self._failure is not None and now - self._failure[0] < self.PAUSE_SECONDS:
                # Drop the traceback of the earlier raise: it would grow with each caller.
                raise self._failure[1].with_traceback(None)
            try:
                self._metadata = read_metadata(await self._document(), self.issuer)
            except (IssuerUnavailableError, IssuerMetadataError) as failure:
                self._failure = (self._monotonic(), failure)
                raise
            self._read_at, self._failure = now, None
            return self._metadata

    async def check(self) -> None:
        """Raise `IssuerUnavailableError` or `IssuerMetadataError` if the metadata is needed and cannot be used."""
        if self._configured_jwks_uri is None:
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
            address = self._configured_jwks_uri or (await self.metadata()).jwks_uri
        except (IssuerUnavailableError, IssuerMetadataError):
            return self._keys
        if address != self._keys_at:
            await self.aclose()
            self._keys, self._keys_at = RemoteKeys(address, self._http, self._monotonic), address
        return self._keys

    async def _document(self) -> bytes:
        address = f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration"
        answer = await fetch(self._http, "GET", address)
        if answer.status != _OK:
            raise IssuerUnavailableError
        return answer.body
