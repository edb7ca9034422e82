"""The authenticated caller. Routes get `Principal | None`; None is a caller who has not signed in.

Machine clients are a separate type: functions on personal data take a `Principal`, which a machine client never is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The roles that a person can have."""

    RESIDENT = "resident"
    OFFICER = "officer"
    OPERATOR = "operator"
    DEVELOPER = "developer"
    INTEGRATOR = "integrator"


STAFF: Final = frozenset({Role.OFFICER, Role.OPERATOR})
"""Roles that see or change other people's data; they need a second factor for everything."""


RECENT: Final = timedelta(minutes=10)
"""How long after a sign-in sensitive changes (credentials, links, clients) need no further sign-in."""


def is_staff(roles: Iterable[Role | str]) -> bool:
    """Whether one of these roles needs a second factor at every sign-in."""
    return any(role in STAFF for role in roles)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person.

    `account_id` is the gateway's own UUID and never leaves it; `subject` is the pairwise `sub` for the client. `acr` is
    1 password, 2 second factor or national login, 3 in person or face. `nik` is the verified NIK; it stays inside the
    gateway. `region` is the kelurahan (dotted code) of an officer; `agency` is an officer's agency. `token_id` is the
    token's `jti`. `thumbprint` is that of the key that the caller has proven to hold, if the token is bound to one.
    `grant_id` is the grant of the call, if the gateway issued it.
    """

    account_id: str
    subject: str
    client_id: str
    roles: frozenset[Role]
    scopes: frozenset[str]
    acr: int
    auth_time: datetime
    token_id: str
    nik: str | None = field(default=None, repr=False)
    region: str | None = None
    agency: str | None = None
    locale: str = "id"
    thumbprint: str | None = None
    grant_id: str | None = None


@dataclass(frozen=True, slots=True)
class MachinePrincipal:
    """A client that calls on its own behalf. It is no person: it owns no record and has no role.

    `quota` is how many calls a minute it may make; None means unlimited.
    """

    client_id: str
    agency: str | None
    scopes: frozenset[str]
    quota: int | None
    token_id: str
    thumbprint: str | None = None
