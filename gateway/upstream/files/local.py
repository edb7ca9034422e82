"""Folders of this machine.

Blocking calls run in threads of one office, so that a hanging network folder stops no other office. A call that hangs
past its deadline continues in its thread, and its result is dropped.
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
from gateway.upstream.files.file_system import FileUnavailableError, FoundFile
from gateway.upstream.request import UpstreamRequest

T = TypeVar("T")

_THREADS: Final = 2
MOST_FILES: Final = 10_000
_LIST_ATTEMPTS: Final = 3
_SAFE_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_READ_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _SAFE_FLAGS
_WRITE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _SAFE_FLAGS
_MODE: Final = 0o660


class LocalFiles:
    """A `FileSystem` over the calls of the operating system."""

    extra_settle = 0.0

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="folder")

    async def list_files(
        self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline
    ) -> dict[str, FoundFile]:
        """See `FileSystem.list_files`."""
        return await self._in_thread(lambda: _list(Path(folder), wanted), deadline)

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """See `FileSystem.content`."""
        return await self._in_thread(lambda: _content(Path(path), found, max_bytes), deadline)

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """See `FileSystem.move`."""
        return await self._in_thread(lambda: _move(Path(source), Path(target)), deadline)

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """See `FileSystem.remove`."""
        await self._in_thread(lambda: _remove(Path(path)), deadline)

    async def put(self, draft: PurePath, path: PurePath, content: bytes, call_state: UpstreamRequest) -> None:
        """See `FileSystem.put`."""
        gate = _OutcomeGate(call_state)
        try:
            await self._in_thread(lambda: _put(Path(draft), Path(path), content, gate), call_state.deadline)
        finally:
            gate.shut()

    async def aclose(self) -> None:
        """Release the threads without waiting for one that hangs."""
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


def _list(folder: Path, wanted: Callable[[str], bool]) -> dict[str, FoundFile]:
    for _ in range(_LIST_ATTEMPTS):
        try:
            return _scan(folder, wanted)
        except FileNotFoundError:
            continue  # a file was removed during the listing, unless the folder itself is missing
        except OSError:
            break
    raise UpstreamUnavailableError("the folder cannot be read")


def _scan(folder: Path, wanted: Callable[[str], bool]) -> dict[str, FoundFile]:
    seen: dict[str, FoundFile] = {}
    with os.scandir(folder) as listing:
        for item in listing:
            if not wanted(item.name) or not item.is_file(follow_symlinks=False):
                continue
            if len(seen) >= MOST_FILES:
                raise UpstreamMalformedError("the folder has more files than allowed")
            seen[item.name] = _metadata(item.stat(follow_symlinks=False))
    return seen


def _metadata(state: os.stat_result) -> FoundFile:
    return FoundFile(state.st_size, state.st_mtime_ns, state.st_ino)


def _content(path: Path, found: FoundFile, max_bytes: int) -> bytes:
    try:
        with open(path, "rb", opener=_open_for_reading) as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode) or _metadata(state) != found:
                raise FileUnavailableError("the file has changed since it was listed")
            if state.st_size > max_bytes:
                raise UpstreamMalformedError("the file is larger than allowed")
            content = file.read(max_bytes + 1)
            changed = _metadata(os.fstat(file.fileno())) != found
    except (OSError, ValueError):
        raise FileUnavailableError("the file cannot be read") from None
    if changed or len(content) != found.size:
        raise FileUnavailableError("the file has changed while it was read")
    return content


def _open_for_reading(path: str, _flags: int) -> int:
    return os.open(path, _READ_FLAGS)


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


class _OutcomeGate:
    """Decides whether a write in a thread may still become final; shut once the caller has received an outcome."""

    def __init__(self, call_state: UpstreamRequest) -> None:
        self._call_state = call_state
        self._lock = Lock()
        self._shut = False

    def mark_sent(self) -> bool:
        """Mark the file as possibly written and return True, unless the gate is shut."""
        with self._lock:
            self._call_state.maybe_sent = not self._shut
            return self._call_state.maybe_sent

    def mark_not_sent(self) -> None:
        """Mark the file as certainly not written."""
        with self._lock:
            self._call_state.maybe_sent = self._call_state.maybe_sent and self._shut

    def shut(self) -> None:
        """Fix the outcome: the caller receives the present value of `call_state.maybe_sent`."""
        with self._lock:
            self._shut = True


def _put(draft: Path, path: Path, content: bytes, gate: _OutcomeGate) -> None:
    try:
        with os.fdopen(os.open(draft, _WRITE_FLAGS, _MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if gate.mark_sent():
            draft.replace(path)
            return
    except OSError:
        pass
    with suppress(OSError):
        # Only a draft that was not renamed still exists.
        draft.unlink()
        gate.mark_not_sent()
    raise UpstreamUnavailableError("the file cannot be written")
