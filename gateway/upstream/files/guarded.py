"""Folders behind the same circuit, slots and limits as any other office: each call of a `FileSystem` goes through them.

A wait for files to rest takes no free slot: only what is really asked does.
"""

from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import TypeVar

from gateway.ground.deadline import Deadline
from gateway.upstream.call_guard import OfficeCallGuard
from gateway.upstream.files.file_system import FileAwayError, FileSystem, FoundFile
from gateway.upstream.request import UpstreamRequest

T = TypeVar("T")


class GuardedFiles:
    """A `FileSystem` over another one. That a single file cannot be had says nothing against the office."""

    def __init__(self, files: FileSystem, passage: OfficeCallGuard) -> None:
        self._files = files
        self._passage = passage
        self.rests = files.rests

    async def look(self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline) -> dict[str, FoundFile]:
        """See `FileSystem.look`."""
        return await self._asked(lambda by: self._files.look(folder, wanted, by), deadline)

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """See `FileSystem.content`."""
        return await self._asked(lambda by: self._files.content(path, found, max_bytes, by), deadline)

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """See `FileSystem.move`."""
        return await self._asked(lambda by: self._files.move(source, target, by), deadline)

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """See `FileSystem.remove`."""
        await self._asked(lambda by: self._files.remove(path, by), deadline)

    async def put(self, draft: PurePath, path: PurePath, content: bytes, trip: UpstreamRequest) -> None:
        """See `FileSystem.put`. It has the whole deadline, since taking the draft back is part of it."""
        await self._passed(lambda: self._files.put(draft, path, content, trip), trip)

    async def aclose(self) -> None:
        """Close what lies beneath."""
        await self._files.aclose()

    async def _asked(self, ask: Callable[[Deadline], Awaitable[T]], deadline: Deadline) -> T:
        return await self._passed(lambda: ask(self._passage.answer_by(deadline)), UpstreamRequest(deadline, 0))

    async def _passed(self, ask: Callable[[], Awaitable[T]], trip: UpstreamRequest) -> T:
        async with self._passage.through(trip):
            try:
                return await ask()
            except FileAwayError as error:
                away = error
        raise away
