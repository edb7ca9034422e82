"""The files engine: a folder into which an office drops files. Only complete files are seen, and only this folder.

A file counts as complete when two looks at least `settle` apart found the same size, time and inode; no clock of the
machine that writes is trusted. Names that begin with `.` or `~$`, or end in `.part` or `.tmp`, are being written by
agreement. Links are not followed. Whatever blocks runs in threads of this office alone, so that a hanging network
folder stops nobody else.
"""

import asyncio
import os
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, TypeVar

from adapters.errors import UpstreamMalformedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.clock import WITA
from gateway.upstream.deadline import Deadline

T = TypeVar("T")

Look = dict[str, tuple[int, int, int]]
"""Size, time of the last change in nanoseconds, and inode of each file by its name."""

_THREADS: Final = 2
_MOST_FILES: Final = 10_000
_BEGINNINGS: Final = (".", "~$")
_ENDINGS: Final = (".part", ".tmp")
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Folder:
    """One office's folder, and what the last looks found in it."""

    def __init__(self, path: Path, settle: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._settle = settle
        self._monotonic = monotonic
        self._since: dict[str, tuple[tuple[int, int, int], float]] = {}
        self._completed: set[str] = set()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="folder")

    async def complete(self, patterns: tuple[str, ...], deadline: Deadline) -> Look:
        """The complete files whose names match. Waits for a second look only when there is something new.

        A new file that is not complete yet is left out. Raises `UpstreamUnavailableError` while one that was complete
        before is being written again.
        """
        seen = await self.in_thread(lambda: _look(self._path, patterns), deadline)
        unsettled = self._unsettled(seen, patterns)
        if unsettled:
            # A little longer, since timers may wake a little early.
            await asyncio.sleep(min(self._settle * 1.02 + 0.005, max(0.0, deadline.remaining())))
            seen = await self.in_thread(lambda: _look(self._path, patterns), deadline)
            unsettled = self._unsettled(seen, patterns)
        if unsettled & self._completed:
            # Leaving it out would say that everything in it is gone.
            raise UpstreamUnavailableError("a file that was complete is being written again")
        complete = {name: found for name, found in seen.items() if name not in unsettled}
        self._completed = {name for name in self._completed if not matches(name, patterns)} | complete.keys()
        return complete

    async def content(self, entry: FileEntry, max_bytes: int, deadline: Deadline) -> bytes:
        """The whole file as it was listed."""
        return await self.in_thread(lambda: _content(self._path, entry, max_bytes), deadline)

    async def in_thread(self, work: Callable[[], T], deadline: Deadline) -> T:
        """Run blocking work until the deadline."""
        limit = asyncio.timeout(max(0.0, deadline.remaining()))
        try:
            async with limit:
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except TimeoutError:
            if not limit.expired():
                raise
        raise UpstreamTimeoutError("the deadline passed while reading the folder")

    def close(self) -> None:
        """Give the threads back; one that hangs is left behind."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _unsettled(self, seen: Look, patterns: tuple[str, ...]) -> set[str]:
        """Notes what was seen just now, and says which files have not been seen unchanged for long enough."""
        at = self._monotonic()
        since: dict[str, tuple[tuple[int, int, int], float]] = {}
        for name, found in seen.items():
            before = self._since.get(name)
            since[name] = before if before is not None and before[0] == found else (found, at)
        others = {name: kept for name, kept in self._since.items() if not matches(name, patterns)}
        self._since = others | since
        return {name for name, (_, first_at) in since.items() if at - first_at < self._settle}


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is one of those that a row looks at, and not one of a file that is being written."""
    if name.startswith(_BEGINNINGS) or name.casefold().endswith(_ENDINGS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def entry_of(name: str, found: tuple[int, int, int]) -> FileEntry:
    """What an adapter sees of a file."""
    return FileEntry(name, found[0], datetime.fromtimestamp(found[1] / 1e9, WITA))


def _look(path: Path, patterns: tuple[str, ...]) -> Look:
    seen: Look = {}
    try:
        with os.scandir(path) as listing:
            for item in listing:
                if not matches(item.name, patterns) or not item.is_file(follow_symlinks=False):
                    continue
                if len(seen) >= _MOST_FILES:
                    raise UpstreamMalformedError("the folder holds more files than can be looked at")
                state = item.stat(follow_symlinks=False)
                seen[item.name] = (state.st_size, state.st_mtime_ns, state.st_ino)
    except FileNotFoundError:
        if path.is_dir():
            return _look(path, patterns)  # a file was taken away while we looked
    except OSError:
        pass
    else:
        return seen
    raise UpstreamUnavailableError("the folder cannot be read")


def _content(path: Path, entry: FileEntry, max_bytes: int) -> bytes:
    if entry.name in {"", ".", ".."} or entry.name != Path(entry.name).name or "\0" in entry.name:
        raise UpstreamUnavailableError("there is no such file in the folder")
    try:
        handle = os.open(path / entry.name, _FLAGS)
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode) or entry_of(entry.name, (state.st_size, state.st_mtime_ns, 0)) != entry:
                raise UpstreamUnavailableError("the file has changed since it was listed")
            if state.st_size > max_bytes:
                raise UpstreamMalformedError("the file is larger than allowed")
            content = file.read(max_bytes + 1)
    except OSError:
        content = None
    if content is None:
        raise UpstreamUnavailableError("the file cannot be read")
    if len(content) != entry.size:
        raise UpstreamUnavailableError("the file has changed while it was read")
    return content
