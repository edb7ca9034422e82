"""Who is calling, after authentication. Routes get `Principal | None`; None is somebody who has not signed in.

Machines are another type: whatever takes a person's data takes a `Principal`, which no machine can be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody may be to the city."""

    RESIDENT = "resident"
    OFFICER = "officer"
    OPERATOR = "operator"
    DEVELOPER = "developer"
    INTEGRATOR = "integrator"


STAFF: Final = frozenset({Role.OFFICER, Role.OPERATOR})
"""They see or change what is other people's: nothing without a second factor."""


RECENT: Final = timedelta(minutes=10)
"""How long after a sign-in what an account rests on may be changed without signing in again."""


def is_staff(roles: Iterable[Role | str]) -> bool:
    """Whether one of these roles needs a second factor at every sign-in."""
    return any(role in STAFF for role in roles)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    `account_id` is the gateway's own UUID and never leaves it; `subject` is the pairwise `sub` that the client knows.
    `acr` is 1 password, 2 second factor or national login, 3 in person or face. `nik` is the verified NIK; it stays
    inside the gateway. `region` is the kelurahan (dotted code) of an officer; `agency` is where an officer works.
    `token_id` is the token's `jti`. `thumbprint` is that of the key which the caller has proven to hold, if the token
    is bound to one. `grant_id` is the grant that the call was made under, where it is one of ours.
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
    """A client that calls for itself. It is nobody: it owns no record, has no role, and is never taken for a person.

    `quota` is how many calls a minute it may make; None for as many as it likes.
    """

    client_id: str
    agency: str | None
    scopes: frozenset[str]
    quota: int | None
    token_id: str
    thumbprint: str | None = None
