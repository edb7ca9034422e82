"""Strict validation of an external provider's signed tokens: ID tokens and logout tokens.

Sources: OpenID Connect Core 1.0 (ID Token Validation), Back-Channel Logout 1.0, RFC 8725.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.authentication.issuer_keys import KeySource
from gateway.authentication.jose import TokenRefusedError, check_claims, read_token, verify
from gateway.authentication.settings import LoginIssuer

LEEWAY_SECONDS: Final = 10
OLDEST_SECONDS: Final = 120
"""Largest accepted age, in seconds, of a token that comes straight from its issuer."""

_ID_TOKEN_TYPES: Final = frozenset({"", "jwt"})
_LOGOUT_TYPES: Final = frozenset({"logout+jwt", "application/logout+jwt"})
_LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_MAX_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class LogoutClaims:
    """The sessions that have ended at the provider: one session, or all of a subject. `jti` is valid once."""

    subject: str | None
    session: str | None
    jti: str
    issued_at: int


async def validate_id_token(
    token: str, issuer: LoginIssuer, keys: KeySource, *, nonce: str, now: int
) -> Mapping[str, Any]:
    """Validate an ID token for us, issued just now, for the sign-in with this `nonce`; return its claims.

    They contain `auth_time`, since every request asks for it. Raises `TokenRefusedError`.
    """
    claims = await _verify_signature(token, issuer, keys, _ID_TOKEN_TYPES)
    _check(claims, issuer, now, ("sub", "nonce", "auth_time"))
    if claims.get("azp", issuer.client_id) != issuer.client_id:
        raise TokenRefusedError("the token was made for another party")
    if not isinstance(claims["nonce"], str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise TokenRefusedError("the token belongs to another sign-in")
    if not _is_name(claims["sub"]):
        raise TokenRefusedError("the subject is not a usable one")
    moment = claims["auth_time"]
    if isinstance(moment, bool) or not isinstance(moment, int) or not 0 <= moment <= now + LEEWAY_SECONDS:
        raise TokenRefusedError("the moment of the sign-in is not a usable one")
    return claims


async def validate_logout_token(token: str, issuer: LoginIssuer, keys: KeySource, *, now: int) -> LogoutClaims:
    """Validate a logout token, or raise `TokenRefusedError`. The caller must check that its `jti` is new."""
    claims = await _verify_signature(token, issuer, keys, _LOGOUT_TYPES)
    _check(claims, issuer, now, ("jti", "events"))
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
        raise TokenRefusedError("the token does not contain a logout event")
    if "nonce" in claims:
        raise TokenRefusedError("a logout token has no nonce")
    subject, session, jti = claims.get("sub"), claims.get("sid"), claims["jti"]
    named = [name for name in (subject, session) if name is not None]
    if not named or not all(_is_name(name) for name in (*named, jti)):
        raise TokenRefusedError("the token does not name the session or subject")
    return LogoutClaims(subject, session, jti, claims["iat"])


async def _verify_signature(
    token: str, issuer: LoginIssuer, keys: KeySource, types: frozenset[str]
) -> Mapping[str, Any]:
    header = read_token(token).header
    # Check the algorithm first, so that a token which the issuer cannot have signed causes no key lookup.
    if header["alg"] not in issuer.algorithms:
        raise TokenRefusedError("the token is signed with an algorithm that is not accepted of this issuer")
    key = await keys.find(header["kid"])
    if key is None:
        raise TokenRefusedError("the token is signed with an unknown key")
    return verify(token, key, algorithms=issuer.algorithms, types=types)


def _check(claims: Mapping[str, Any], issuer: LoginIssuer, now: int, required: tuple[str, ...]) -> None:
    # A list of one audience means the same as the text; a token for several could be replayed at the others.
    audience = claims.get("aud")
    single = audience[0] if isinstance(audience, list) and len(audience) == 1 else audience
    check_claims(
        {**claims, "aud": single},
        issuer=issuer.issuer,
        audience=issuer.client_id,
        now=now,
        leeway=LEEWAY_SECONDS,
        required=required,
    )
    if claims["iat"] < now - OLDEST_SECONDS:
        raise TokenRefusedError("the token was issued too long ago")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_LENGTH and value.isascii() and value.isprintable()
