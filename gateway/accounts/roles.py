"""What follows from being staff."""

from collections.abc import Iterable
from typing import Final

from gateway.sso.principal import Role

STAFF: Final = frozenset({Role.OFFICER, Role.OPERATOR})
"""They see or change what is other people's: nothing without a second factor."""


def is_staff(roles: Iterable[Role | str]) -> bool:
    """Whether one of these roles needs a second factor at every sign-in."""
    return any(role in STAFF for role in roles)
