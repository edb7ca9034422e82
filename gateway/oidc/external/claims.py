"""Read a person's identity from the validated claims of an external provider's ID token."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateway.authentication.settings import LoginIssuer
from gateway.identity.asserted_identity import AssertedIdentity, read_name
from schemas.numbers import nik

_METHODS: Final = frozenset(
    {"face", "fpt", "hwk", "iris", "mca", "mfa", "otp", "pin", "pop", "pwd", "sc", "sms", "swk"}
)
"""Accepted values of `amr` (RFC 8176); others are left out."""


def read_identity(claims: Mapping[str, Any], issuer: LoginIssuer) -> AssertedIdentity:
    """Build the identity from the validated claims of an ID token."""
    level = issuer.acr.get(claims["acr"], 1) if isinstance(claims.get("acr"), str) else 1
    methods, session = claims.get("amr"), claims.get("sid")
    return AssertedIdentity(
        issuer=issuer.issuer,
        subject=claims["sub"],
        level=level,
        methods=tuple(word for word in methods if word in _METHODS) if isinstance(methods, list) else (),
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        name=read_name(claims.get("name")),
        session=session if isinstance(session, str) else None,
        nik=_nik(claims, issuer, level),
    )


def _nik(claims: Mapping[str, Any], issuer: LoginIssuer, level: int) -> str | None:
    if issuer.nik_claim is None or level < issuer.nik_level:
        return None
    claimed = claims.get(issuer.nik_claim)
    # Exact form only: a number that needs repair is not a verified one.
    return claimed if isinstance(claimed, str) and nik.is_valid(claimed) and nik.compact(claimed) == claimed else None
