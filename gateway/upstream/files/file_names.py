"""Names of files in a folder and its archive: which are still being written, and which are versions of one file.

An archived file is named `<when>~<name>`; `<when>` is the UTC time of its pick-up and sorts as text.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from gateway.upstream.files.file_system import FoundFile, is_plain

_IGNORED_PREFIXES: Final = (".", "~$")
_IGNORED_SUFFIXES: Final = (".part", ".tmp")
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_SEPARATOR: Final = "~"
_VERSION: Final = re.compile(r"(?P<stamp>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)~(?P<name>.+)", re.DOTALL)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class FileLocation:
    """The location of a file: the folder (`stamp` is empty), or the archive, where it is a version."""

    name: str
    stamp: str = ""

    @property
    def file(self) -> str:
        """The file name at this location."""
        return f"{self.stamp}{_SEPARATOR}{self.name}" if self.stamp else self.name


Listing = dict[FileLocation, FoundFile]


def next_stamp(now: datetime, *, after: str) -> str:
    """The stamp of a file that is picked up `now`; later than the stamp `after`, even if the clock was set back."""
    now = now.astimezone(UTC)
    with suppress(ValueError):
        now = max(now, datetime.strptime(after, _STAMP).replace(tzinfo=UTC) + _TICK)
    return now.strftime(_STAMP)


def newest_locations(complete: Listing) -> Listing:
    """Without the archived versions of names that have a newly dropped file, which would replace them."""
    return {
        location: found
        for location, found in complete.items()
        if not location.stamp or FileLocation(location.name) not in complete
    }


def archived_location(file: str, patterns: tuple[str, ...]) -> FileLocation | None:
    """The version that a file of the archive is; None for a file that the gateway did not archive."""
    found = _VERSION.fullmatch(file)
    return FileLocation(found["name"], found["stamp"]) if found and matches(found["name"], patterns) else None


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether the row reads files of this name, and the name is not that of a file still being written."""
    if not is_plain(name) or name.startswith(_IGNORED_PREFIXES) or name.casefold().endswith(_IGNORED_SUFFIXES):
        return False
    return any(fnmatchcase(name, pattern) for pattern in patterns)
