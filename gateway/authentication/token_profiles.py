"""Access tokens of other issuers: read the claims that the issuer's profile names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.authentication.jose import TokenRefusedError
from gateway.authentication.settings import TokenIssuer
from gateway.policy.principal import Role
from gateway.policy.scopes import RELEASE_SCOPE

_MAX_LENGTH: Final = 255
_UNKNOWN: Final = datetime.fromtimestamp(0, UTC)
"""`auth_time` of a token without that claim: the epoch, which is never recent."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """The claims of another issuer's token, in the gateway's terms."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    level: int
    auth_time: datetime
    token_id: str
    roles: frozenset[Role] | None


def required_claims(profile: TokenIssuer) -> tuple[str, ...]:
    """Return the claims that a token of this issuer must have, in addition to the times, `iss` and `aud`."""
    return ("sub", "jti", "scope", profile.client_claim)


def unwrap_audience(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replace an `aud` list with one element by that element; leave any other `aud` as it is."""
    audience = claims.get("aud")
    return {**claims, "aud": audience[0]} if isinstance(audience, list) and len(audience) == 1 else claims


def read_profile_claims(claims: Mapping[str, Any], profile: TokenIssuer) -> TokenClaims:
    """Read the claims of a verified token, or raise `TokenRefusedError` if they do not fit the profile."""
    texts = [claims[name] for name in required_claims(profile)]
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise TokenRefusedError("the access token has a claim of the wrong form")
    subject, token_id, scope, client_id = texts
    if not 0 < len(subject) <= _MAX_LENGTH or not client_id:
        raise TokenRefusedError("the access token has a claim of the wrong form")
    if profile.clients and client_id not in profile.clients:
        raise TokenRefusedError("the access token was given to a client that is not accepted")
    if claims["exp"] - claims["iat"] > profile.longest_life.total_seconds():
        raise TokenRefusedError("the lifetime of the access token is too long")
    return TokenClaims(
        subject=subject,
        client_id=client_id,
        scopes=frozenset(scope.split()) - (frozenset() if profile.nik_legal_basis else {RELEASE_SCOPE}),
        level=profile.acr.get(claims["acr"], 1) if isinstance(claims.get("acr"), str) else 1,
        auth_time=_moment(claims),
        token_id=token_id,
        roles=None if profile.roles_claim is None else _roles(claims, profile.roles_claim, profile.roles),
    )


def _moment(claims: Mapping[str, Any]) -> datetime:
    value = claims.get("auth_time")
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= claims["exp"]:
        raise TokenRefusedError("the access token has a claim of the wrong form")
    return datetime.fromtimestamp(value, UTC)


def _roles(claims: Mapping[str, Any], path: str, meanings: Mapping[str, Role]) -> frozenset[Role]:
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list) else []
    return frozenset(meanings[role] for role in listed if isinstance(role, str) and role in meanings)
