"""An identity that another issuer asserts of a person, and the limits of the name that it may bring."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class AssertedIdentity:
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


def read_name(value: object) -> str | None:
    """A person's name with single spaces; None for a value that is no text, empty, too long or not printable."""
    name = " ".join(value.split()) if isinstance(value, str) else ""
    return name if name.isprintable() and 0 < len(name) <= LONGEST_NAME else None
