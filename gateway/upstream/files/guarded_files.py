"""Folders behind circuit, slots and limits like every other office: each call of a `FileSystem` passes the call guard.

Waiting for a file to settle holds no slot; only calls of the file system hold one.
"""

from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import TypeVar

from gateway.ground.deadline import Deadline
from gateway.upstream.call_guard import OfficeCallGuard
from gateway.upstream.files.file_system import FileSystem, FileUnavailableError, FoundFile
from gateway.upstream.request import UpstreamRequest

T = TypeVar("T")


class GuardedFiles:
    """A `FileSystem` that guards another one. An unavailable file does not count as a failure of the office."""

    def __init__(self, files: FileSystem, guard: OfficeCallGuard) -> None:
        self._files = files
        self._guard = guard
        self.extra_settle = files.extra_settle

    async def list_files(
        self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline
    ) -> dict[str, FoundFile]:
        """See `FileSystem.list_files`."""
        return await self._call(lambda by: self._files.list_files(folder, wanted, by), deadline)

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """See `FileSystem.content`."""
        return await self._call(lambda by: self._files.content(path, found, max_bytes, by), deadline)

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """See `FileSystem.move`."""
        return await self._call(lambda by: self._files.move(source, target, by), deadline)

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """See `FileSystem.remove`."""
        await self._call(lambda by: self._files.remove(path, by), deadline)

    async def put(self, draft: PurePath, path: PurePath, content: bytes, call_state: UpstreamRequest) -> None:
        """See `FileSystem.put`. It has the whole deadline, since removing the draft is part of it."""
        await self._guarded(lambda: self._files.put(draft, path, content, call_state), call_state)

    async def aclose(self) -> None:
        """Close the guarded file system."""
        await self._files.aclose()

    async def _call(self, operation: Callable[[Deadline], Awaitable[T]], deadline: Deadline) -> T:
        return await self._guarded(lambda: operation(self._guard.answer_by(deadline)), UpstreamRequest(deadline, 0))

    async def _guarded(self, operation: Callable[[], Awaitable[T]], call_state: UpstreamRequest) -> T:
        async with self._guard.call(call_state):
            try:
                return await operation()
            except FileUnavailableError as error:
                unavailable = error
        raise unavailable
