"""The `FileSystem` Protocol: file operations on the folders of an office, on this machine or over SFTP."""

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
"""The beginning of the year 9999, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One listed file; `inode` is 0 where the server does not report it."""

    size: int
    modified_ns: int
    inode: int = 0

    def entry(self, name: str) -> FileEntry:
        """The entry for the adapter. A time outside the calendar becomes the nearest time within it."""
        seconds = min(max(self.modified_ns / 1e9, 0.0), _YEAR_9999)
        return FileEntry(name, self.size, datetime.fromtimestamp(seconds, WITA))


class FileUnavailableError(UpstreamUnavailableError):
    """One file is not available now, although the folder or its server answered."""


class FileSystem(Protocol):
    """Regular files in folders. Every method respects the deadline and raises `AdapterError`s that contain no path."""

    extra_settle: float
    """Additional seconds for which a file must stay unchanged, because its time has a limited precision."""

    async def list_files(
        self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline
    ) -> dict[str, FoundFile]:
        """List the files of a folder whose names are wanted, without links and folders."""
        ...

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """Read the whole file as it was listed. Raises `FileUnavailableError` when it has been replaced."""
        ...

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """Rename a file atomically; return False when it no longer exists."""
        ...

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """Remove a file if it exists."""
        ...

    async def put(self, draft: PurePath, path: PurePath, content: bytes, call_state: UpstreamRequest) -> None:
        """Write the file as `draft`, then rename it to `path`.

        `call_state.maybe_sent` is set before the rename, and reset when the rename certainly has not happened.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and threads."""
        ...


def is_plain(name: str) -> bool:
    """Whether the name denotes an entry of the folder itself, and no path to another folder."""
    return name not in {"", ".", ".."} and "/" not in name and "\0" not in name
