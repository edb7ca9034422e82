"""Identity claims for agencies' applications: as much as the grant allows, and never a NIK."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from gateway.authentication.jose import PrivateKey
from gateway.policy.principal import Principal

IDENTITY_LIFE: Final = timedelta(seconds=60)
IDENTITY_TYPE: Final = "gerbang-identity+jwt"
"""A separate token type, so that the token cannot be used as an access token or ID token."""


def identity(principal: Principal, display_name: str) -> dict[str, Any]:
    """Build the claims about the person; `sub` is different for each application."""
    claims: dict[str, Any] = {
        "sub": principal.subject,
        "roles": sorted(principal.roles),
        "acr": str(principal.acr),
        "auth_time": int(principal.auth_time.timestamp()),
    }
    if "profile.read" in principal.scopes:
        claims["name"] = display_name
    claims |= {name: value for name in ("agency", "region") if (value := getattr(principal, name))}
    return claims


def sign_identity(
    key: PrivateKey, claims: Mapping[str, Any], *, issuer: str, application: str, at: int, number: str
) -> str:
    """Sign the claims for one application, valid for a minute; `at` in seconds since 1970, `number` is the `jti`."""
    until = at + int(IDENTITY_LIFE.total_seconds())
    return key.sign(
        IDENTITY_TYPE, {**claims, "iss": issuer, "aud": application, "iat": at, "exp": until, "jti": number}
    )
