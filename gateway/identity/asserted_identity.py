"""A person's identity as another issuer asserts it, and the validation of its name."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class AssertedIdentity:
    """The subject of an issuer, and the person's sign-in there.

    `level` is ours (1 to 3). `nik` is set only if the issuer is trusted to assert it and the level is high enough.
    `session` is the issuer's session id.
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
    """Read a person's name, with single spaces; None if it is no text, empty, too long or not printable."""
    name = " ".join(value.split()) if isinstance(value, str) else ""
    return name if name.isprintable() and 0 < len(name) <= LONGEST_NAME else None
