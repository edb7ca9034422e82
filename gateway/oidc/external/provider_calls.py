"""Direct calls of a relying party to its provider: push an authorization request, redeem a code."""

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from gateway.authentication.issuer_discovery import IssuerMetadata
from gateway.authentication.issuer_fetching import IssuerAnswer, IssuerConnections, fetch
from gateway.authentication.jose import PrivateKey
from gateway.ground.clock import Clock
from gateway.oidc.external.own_keys import OwnKeys

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 60
_SUCCESS: Final = frozenset({200, 201})
_ERROR: Final = re.compile(r"[a-z_]{1,64}", re.ASCII)
_NONCE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,512}", re.ASCII)
_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,1024}", re.ASCII)


class SignInRefusedError(Exception):
    """The provider refuses the sign-in, or its response does not pass our validation.

    `reason`: `denied` by the person, `refused` by the provider, `malformed`, `sender` (another issuer's response),
    `token`, or `stale` (the sign-in is too old). `detail` is for the log: a fixed sentence, or an OAuth error code.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


def error_code(code: object) -> str:
    """Return a received OAuth error code if it has the form of one, so that it is safe to log."""
    return code if isinstance(code, str) and _ERROR.fullmatch(code) else "an error code of another form"


class ProviderCalls:
    """Calls one provider as its client `client_id`, authenticated by a signed assertion each time."""

    def __init__(self, client_id: str, http: IssuerConnections, keys: OwnKeys, clock: Clock) -> None:
        self._client_id = client_id
        self._http = http
        self._keys = keys
        self._clock = clock

    async def push(self, endpoint: str, metadata: IssuerMetadata, parameters: Mapping[str, str]) -> str:
        """Push an authorization request; return the provider's reference to it."""
        body = _read(await self._post(endpoint, metadata, parameters, None))
        reference = body.get("request_uri")
        if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
            raise SignInRefusedError("malformed", "no request_uri")
        return reference

    async def redeem(self, metadata: IssuerMetadata, form: Mapping[str, str], key: PrivateKey | None) -> str:
        """Redeem a code for an ID token; with a DPoP proof of `key` if there is one."""
        body = _read(await self._post(metadata.token_endpoint, metadata, form, key))
        token = body.get("id_token")
        if not isinstance(token, str):
            raise SignInRefusedError("malformed", "no ID token")
        return token

    async def _post(
        self, endpoint: str, metadata: IssuerMetadata, form: Mapping[str, str], key: PrivateKey | None
    ) -> IssuerAnswer:
        answer = await self._post_once(endpoint, metadata, form, key, None)
        nonce = answer.headers.get("dpop-nonce", "")
        if key is None or _error(answer) != "use_dpop_nonce" or not _NONCE.fullmatch(nonce):
            return answer
        return await self._post_once(endpoint, metadata, form, key, nonce)

    async def _post_once(
        self,
        endpoint: str,
        metadata: IssuerMetadata,
        form: Mapping[str, str],
        key: PrivateKey | None,
        nonce: str | None,
    ) -> IssuerAnswer:
        signed = {
            **form,
            "client_id": self._client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": await self._assertion(metadata.issuer),
        }
        headers = {"DPoP": self._proof(key, endpoint, nonce)} if key else {}
        return await fetch(self._http, "POST", endpoint, form=signed, headers=headers)

    async def _assertion(self, issuer: str) -> str:
        at = int(self._clock().timestamp())
        # The audience is the issuer alone: with an endpoint's address as audience, an attacker's provider could name
        # that address as its own and receive a usable assertion.
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": at,
            "exp": at + _ASSERTION_SECONDS,
        }
        return (await self._keys.signing()).sign("JWT", claims)

    def _proof(self, key: PrivateKey, endpoint: str, nonce: str | None) -> str:
        claims: dict[str, Any] = {
            "htm": "POST",
            "htu": endpoint.partition("?")[0],
            "jti": secrets.token_urlsafe(16),
            "iat": int(self._clock().timestamp()),
        }
        return key.prove(claims if nonce is None else {**claims, "nonce": nonce})


def _body(answer: IssuerAnswer) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _error(answer: IssuerAnswer) -> str | None:
    error = None if answer.status in _SUCCESS else _body(answer).get("error")
    return error if isinstance(error, str) else None


def _read(answer: IssuerAnswer) -> Mapping[str, Any]:
    if answer.status not in _SUCCESS:
        raise SignInRefusedError("refused", error_code(_error(answer)))
    return _body(answer)
