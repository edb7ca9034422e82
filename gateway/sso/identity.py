"""Who somebody is, as an external provider asserts it in a token that was judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from gateway.sso.settings import LoginIssuer
from schemas.numbers import nik

_METHODS: Final = frozenset(
    {"face", "fpt", "hwk", "iris", "mca", "mfa", "otp", "pin", "pop", "pwd", "sc", "sms", "swk"}
)
"""The words for ways to sign in (RFC 8176); others are left out."""
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Identity:
    """A subject of an issuer, and how they have just signed in there.

    `level` is ours (1 to 3). `nik` is there only when the issuer is trusted to assert it and the level is high enough.
    `session` is what the issuer calls its own session.
    """

    issuer: str
    subject: str
    level: int
    methods: tuple[str, ...]
    auth_time: datetime
    name: str | None = None
    session: str | None = None
    nik: str | None = field(default=None, repr=False)


def read_identity(claims: Mapping[str, Any], issuer: LoginIssuer) -> Identity:
    """The identity in the judged claims of an ID token."""
    level = issuer.acr.get(claims["acr"], 1) if isinstance(claims.get("acr"), str) else 1
    methods, session = claims.get("amr"), claims.get("sid")
    return Identity(
        issuer=issuer.issuer,
        subject=claims["sub"],
        level=level,
        methods=tuple(word for word in methods if word in _METHODS) if isinstance(methods, list) else (),
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        name=read_name(claims.get("name")),
        session=session if isinstance(session, str) else None,
        nik=_nik(claims, issuer, level),
    )


def read_name(value: object) -> str | None:
    """What somebody is called, with single spaces; None for what is no text, is empty, too long or not printable."""
    name = " ".join(value.split()) if isinstance(value, str) else ""
    return name if name.isprintable() and 0 < len(name) <= LONGEST_NAME else None


def _nik(claims: Mapping[str, Any], issuer: LoginIssuer, level: int) -> str | None:
    if issuer.nik_claim is None or level < issuer.nik_level:
        return None
    asserted = claims.get(issuer.nik_claim)
    # To the letter: a number that has to be repaired first is not one that was verified.
    return (
        asserted if isinstance(asserted, str) and nik.is_valid(asserted) and nik.compact(asserted) == asserted else None
    )
