"""What the files engine needs of wherever an office's folders lie: this machine, or a server reached by SFTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Final, Protocol

from adapters.errors import UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.ground.clock import WITA
from gateway.ground.deadline import Deadline
from gateway.upstream.request import UpstreamRequest

_YEAR_9999: Final = 253_370_764_800.0
"""Its beginning, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file as a look finds it; `inode` is 0 where nobody says."""

    size: int
    modified_ns: int
    inode: int = 0

    def entry(self, name: str) -> FileEntry:
        """What an adapter sees of it; of a time beyond what a calendar has, the nearest one that it has."""
        seconds = min(max(self.modified_ns / 1e9, 0.0), _YEAR_9999)
        return FileEntry(name, self.size, datetime.fromtimestamp(seconds, WITA))


class FileAwayError(UpstreamUnavailableError):
    """What was asked of one file cannot be had now; the folder, or its server, has answered all the same."""


class FileSystem(Protocol):
    """Regular files in folders. Every method keeps the deadline and raises errors of the tree, without any path."""

    rests: float
    """Seconds by which a file must rest longer than elsewhere, because its time is only known to so many seconds."""

    async def look(self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline) -> dict[str, FoundFile]:
        """The files of a folder whose names are wanted; links and folders are none."""
        ...

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """The whole file as it was found. Raises `FileAwayError` when it is another one now."""
        ...

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """Rename a file, in one step; False when it is not there any more."""
        ...

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """Remove a file, if it is there."""
        ...

    async def put(self, draft: PurePath, path: PurePath, content: bytes, trip: UpstreamRequest) -> None:
        """Write the file as `draft`, then rename it to `path`.

        `trip.left` says whether it may be there: it is set before the rename, and taken back when the rename surely
        has not happened.
        """
        ...

    async def aclose(self) -> None:
        """Give back what is held."""
        ...


def is_plain(name: str) -> bool:
    """Whether it is the name of something in a folder, and of nothing elsewhere."""
    return name not in {"", ".", ".."} and "/" not in name and "\0" not in name
