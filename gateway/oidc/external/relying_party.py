"""Sign-in at an external OpenID provider, as its strict relying party.

Always the authorization code grant with PKCE; pushed requests (RFC 9126) and DPoP (RFC 9449) if the provider supports
them. We authenticate with `private_key_jwt` and our P-521 key. The provider's tokens are discarded after validation.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from gateway.authentication.issuer_discovery import ExternalIssuer, IssuerMetadata, IssuerMetadataError
from gateway.authentication.issuer_fetching import IssuerConnections
from gateway.authentication.jose import PrivateKey, TokenRefusedError
from gateway.authentication.settings import LoginIssuer
from gateway.ground.clock import Clock
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.oidc.external.claims import read_identity
from gateway.oidc.external.own_keys import OwnKeys
from gateway.oidc.external.provider_calls import ProviderCalls, SignInRefusedError, error_code
from gateway.oidc.external.validation import LEEWAY_SECONDS, LogoutClaims, validate_id_token, validate_logout_token

FRESH_SECONDS: Final = 5.0
"""Largest age of the metadata, in seconds, when the browser is sent to the provider: shows that it is available."""
LONGEST_SESSION: Final = 8 * 3600
"""Largest accepted age of a sign-in, in seconds. Sent as `max_age`, so that the provider returns `auth_time`."""


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """Requirements of the sign-in: largest age (seconds), `reauthenticate` for a new one, and the lowest level."""

    max_age: int | None = None
    reauthenticate: bool = False
    level: int = 1
    language: str | None = None


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that has begun: the browser's next address, and the secrets to keep until it returns with `state`."""

    address: str
    state: str
    secrets: Mapping[str, str]


class RelyingParty:
    """This gateway as a client of one provider. `callback` is our address to which the provider redirects browsers."""

    def __init__(
        self,
        settings: LoginIssuer,
        external: ExternalIssuer,
        http: IssuerConnections,
        keys: OwnKeys,
        callback: str,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self._external = external
        self._calls = ProviderCalls(settings.client_id, http, keys, clock)
        self._callback = callback
        self._clock = clock

    async def check(self) -> None:
        """Raise `IssuerMetadataError` unless the provider fits the settings and supports all that is needed."""
        _require_features(await self._external.metadata())

    async def begin(self, requirements: SignInRequest) -> PendingSignIn:
        """Prepare a sign-in; or raise `IssuerUnavailableError`, `IssuerMetadataError` or `SignInRefusedError`."""
        metadata = await self._external.metadata(FRESH_SECONDS)
        _require_features(metadata)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        key = PrivateKey.generate() if metadata.supports_dpop else None
        parameters = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._callback,
            "scope": " ".join(dict.fromkeys(("openid", *self.settings.scopes))),
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **self._request_parameters(requirements),
            **({"dpop_jkt": key.kid} if key else {}),
        }
        stored = {
            "nonce": nonce,
            "verifier": verifier,
            "earliest": str(
                int(self._clock().timestamp()) - (0 if requirements.reauthenticate else _max_age(requirements))
            ),
            **({"key": key.content().decode()} if key else {}),
        }
        if metadata.pushed_endpoint is not None:
            reference = await self._calls.push(metadata.pushed_endpoint, metadata, parameters)
            parameters = {"client_id": self.settings.client_id, "request_uri": reference}
        mark = "&" if "?" in metadata.authorization_endpoint else "?"
        return PendingSignIn(f"{metadata.authorization_endpoint}{mark}{urlencode(parameters)}", state, stored)

    async def finish(self, stored: Mapping[str, str], answer: Mapping[str, str]) -> AssertedIdentity:
        """Return the identity of the person, from the parameters of the browser's callback.

        The caller has checked `state`. Raises `IssuerUnavailableError`, or `SignInRefusedError` with its reason.
        """
        metadata = await self._external.metadata()
        self._check_sender(metadata, answer)
        if "error" in answer:
            error = error_code(answer["error"])
            raise SignInRefusedError("denied" if error == "access_denied" else "refused", error)
        if not answer.get("code"):
            raise SignInRefusedError("malformed", "no code")
        key = PrivateKey.read(stored["key"].encode()) if "key" in stored else None
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._callback,
            "code_verifier": stored["verifier"],
        }
        token = await self._calls.redeem(metadata, form, key)
        try:
            claims = await validate_id_token(
                token, self.settings, self._external, nonce=stored["nonce"], now=int(self._clock().timestamp())
            )
        except TokenRefusedError as refusal:
            raise SignInRefusedError("token", str(refusal)) from None
        if claims["auth_time"] + LEEWAY_SECONDS < int(stored["earliest"]):
            raise SignInRefusedError("stale", "the sign-in is older than was asked for")
        return read_identity(claims, self.settings)

    async def logout(self, token: str) -> LogoutClaims:
        """Validate a logout token; return the ended sessions, or raise `TokenRefusedError`."""
        return await validate_logout_token(token, self.settings, self._external, now=int(self._clock().timestamp()))

    async def aclose(self) -> None:
        """Cancel running fetches."""
        await self._external.aclose()

    def _request_parameters(self, requirements: SignInRequest) -> dict[str, str]:
        levels = [value for value, level in self.settings.acr.items() if level >= requirements.level]
        found = {
            "max_age": str(_max_age(requirements)),
            "prompt": "login" if requirements.reauthenticate else None,
            "ui_locales": requirements.language,
            "acr_values": " ".join(levels) if requirements.level > 1 else None,
        }
        return {name: value for name, value in found.items() if value}

    def _check_sender(self, metadata: IssuerMetadata, answer: Mapping[str, str]) -> None:
        """Refuse a response of another provider (mix-up attack, RFC 9207)."""
        named = answer.get("iss")
        if named != self.settings.issuer and (named is not None or metadata.sends_iss):
            raise SignInRefusedError("sender", "the answer is of another issuer, or does not name its issuer")


def _max_age(requirements: SignInRequest) -> int:
    return LONGEST_SESSION if requirements.max_age is None else min(requirements.max_age, LONGEST_SESSION)


def _require_features(metadata: IssuerMetadata) -> None:
    issuer = metadata.issuer
    if "private_key_jwt" not in metadata.authentication:
        raise IssuerMetadataError(f"The issuer {issuer} does not let clients authenticate by private_key_jwt.")
    if metadata.assertions and "ES512" not in metadata.assertions:
        raise IssuerMetadataError(f"The issuer {issuer} does not accept client assertions signed with ES512.")
