"""Folders of this machine. Whatever blocks runs in threads of one office, so that a hanging network folder stops nobody
else; what hangs when the deadline passes goes on in its thread, and nobody waits for it.
"""

import asyncio
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePath
from threading import Lock
from typing import Final, TypeVar

from adapters.errors import UpstreamMalformedError, UpstreamTimeoutError, UpstreamUnavailableError
from gateway.ground.deadline import Deadline
from gateway.upstream.files.file_system import FileAwayError, FoundFile
from gateway.upstream.request import UpstreamRequest

T = TypeVar("T")

_THREADS: Final = 2
MOST_FILES: Final = 10_000
_LOOKS: Final = 3
_SAFELY: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _SAFELY
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _SAFELY
_MODE: Final = 0o660


class LocalFiles:
    """A `FileSystem` over the operating system's own calls."""

    rests = 0.0

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="folder")

    async def look(self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline) -> dict[str, FoundFile]:
        """See `FileSystem.look`."""
        return await self._in_thread(lambda: _look(Path(folder), wanted), deadline)

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """See `FileSystem.content`."""
        return await self._in_thread(lambda: _content(Path(path), found, max_bytes), deadline)

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """See `FileSystem.move`."""
        return await self._in_thread(lambda: _move(Path(source), Path(target)), deadline)

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """See `FileSystem.remove`."""
        await self._in_thread(lambda: _remove(Path(path)), deadline)

    async def put(self, draft: PurePath, path: PurePath, content: bytes, trip: UpstreamRequest) -> None:
        """See `FileSystem.put`."""
        gate = _Gate(trip)
        try:
            await self._in_thread(lambda: _put(Path(draft), Path(path), content, gate), trip.deadline)
        finally:
            gate.shut()

    async def aclose(self) -> None:
        """Give the threads back; one that hangs is left behind."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T], deadline: Deadline) -> T:
        limit = asyncio.timeout(max(0.0, deadline.remaining()))
        try:
            async with limit:
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except TimeoutError:
            if not limit.expired():
                raise
        raise UpstreamTimeoutError("the deadline passed while reading the folder")


def _look(folder: Path, wanted: Callable[[str], bool]) -> dict[str, FoundFile]:
    for _ in range(_LOOKS):
        try:
            return _seen(folder, wanted)
        except FileNotFoundError:
            continue  # a file was taken away while we looked, if it is not the folder itself
        except OSError:
            break
    raise UpstreamUnavailableError("the folder cannot be read")


def _seen(folder: Path, wanted: Callable[[str], bool]) -> dict[str, FoundFile]:
    seen: dict[str, FoundFile] = {}
    with os.scandir(folder) as listing:
        for item in listing:
            if not wanted(item.name) or not item.is_file(follow_symlinks=False):
                continue
            if len(seen) >= MOST_FILES:
                raise UpstreamMalformedError("the folder holds more files than can be looked at")
            seen[item.name] = _found(item.stat(follow_symlinks=False))
    return seen


def _found(state: os.stat_result) -> FoundFile:
    return FoundFile(state.st_size, state.st_mtime_ns, state.st_ino)


def _content(path: Path, found: FoundFile, max_bytes: int) -> bytes:
    try:
        with open(path, "rb", opener=_opened) as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode) or _found(state) != found:
                raise FileAwayError("the file has changed since it was listed")
            if state.st_size > max_bytes:
                raise UpstreamMalformedError("the file is larger than allowed")
            content = file.read(max_bytes + 1)
            changed = _found(os.fstat(file.fileno())) != found
    except (OSError, ValueError):
        raise FileAwayError("the file cannot be read") from None
    if changed or len(content) != found.size:
        raise FileAwayError("the file has changed while it was read")
    return content


def _opened(path: str, _flags: int) -> int:
    return os.open(path, _READ)


def _move(source: Path, target: Path) -> bool:
    try:
        source.replace(target)
    except FileNotFoundError:
        if not source.exists() and target.parent.is_dir():
            return False
    except OSError:
        pass
    else:
        return True
    raise UpstreamUnavailableError("a file cannot be moved")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        raise UpstreamUnavailableError("a file cannot be removed") from None


class _Gate:
    """Whether a write in a thread may still become final; shut once whoever asked has been told otherwise."""

    def __init__(self, trip: UpstreamRequest) -> None:
        self._trip = trip
        self._lock = Lock()
        self._shut = False

    def leaving(self) -> bool:
        """From now on the file may be there, unless it is too late for that."""
        with self._lock:
            self._trip.left = not self._shut
            return self._trip.left

    def came_back(self) -> None:
        """It is surely not there."""
        with self._lock:
            self._trip.left = self._trip.left and self._shut

    def shut(self) -> None:
        """Whoever asked is told what `trip.left` says now."""
        with self._lock:
            self._shut = True


def _put(draft: Path, path: Path, content: bytes, gate: _Gate) -> None:
    try:
        with os.fdopen(os.open(draft, _WRITE, _MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if gate.leaving():
            draft.replace(path)
            return
    except OSError:
        pass
    with suppress(OSError):
        # Only a draft that was not renamed is there to be removed.
        draft.unlink()
        gate.came_back()
    raise UpstreamUnavailableError("the file cannot be written")
