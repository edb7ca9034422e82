"""How long an answer made from snapshots stays true: while none of them changes, and until the clock changes a state.

Every change of a snapshot increments the version of its resource. An answer notes the versions that it was made from,
and the next moment at which the clock alone moves one of its snapshots from held to stale or to failed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


class Version:
    """Counts the changes of the snapshots of one resource."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def increment(self) -> None:
        """Note a change: no answer from before it is true any more."""
        self.number += 1


@dataclass(frozen=True, slots=True)
class Validity:
    """An answer is true while each version has this number, from `since` until before `until`.

    It begins as well as ends, since the clock of a machine may be set back.
    """

    versions: tuple[tuple[Version, int], ...]
    since: datetime
    until: datetime

    @classmethod
    def of(cls, version: Version, since: datetime, until: datetime) -> "Validity":
        """Validity while the present version lasts."""
        return cls(((version, version.number),), since, until)

    @classmethod
    def of_all(cls, parts: Iterable["Validity"]) -> "Validity":
        """Validity of an answer made from several others: while all of them are valid."""
        listed = tuple(parts)
        return cls(
            tuple(version for part in listed for version in part.versions),
            max((part.since for part in listed), default=UNLIMITED.since),
            min((part.until for part in listed), default=UNLIMITED.until),
        )

    def holds(self, now: datetime) -> bool:
        """Whether an answer with this validity is still true."""
        for version, number in self.versions:
            if version.number != number:
                return False
        return self.since <= now < self.until


UNLIMITED: Final = Validity((), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""Validity of data that does not change while the process runs, such as the city's regions."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Identifies what a public answer was made from, and states how long it stays the same.

    `id` leaves out when the systems were asked: records that were fetched again without a change are the same edition.
    None if nothing but the bytes of the answer identifies it.
    """

    id: str | None
    validity: Validity

    @classmethod
    def of_all(cls, parts: Iterable["Edition"]) -> "Edition":
        """The edition of an answer made from several lists."""
        listed = tuple(parts)
        return cls("|".join(part.id or "" for part in listed), Validity.of_all(part.validity for part in listed))


UNCHANGING: Final = Edition(None, UNLIMITED)
"""The edition of reference data that is fixed while the process runs."""
