"""The files engine: a folder into which an office drops files: complete files only, picked up into an archive.

A file counts as complete when two listings at least `settle` seconds apart found the same size, time and inode; the
clock of the writing machine is not trusted. By convention, names that begin with `.` or `~$`, or end in `.part` or
`.tmp`, are still being written. Links are not followed.

With an archive, a complete file is picked up: it is moved there atomically as `<when>~<name>`, so that the agency may
drop the next file. The newest version of each name counts, so that an archived file remains part of the folder's
content. Of the older versions, only the previous one is kept. A version that is set aside moves into the quarantine,
and the previous version counts again. A read-only `Folder` returns the same files and moves none.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import PurePath
from typing import Final

from adapters.contract import FileOfficeSettings
from adapters.errors import AdapterError, QueryRefusedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.ground.clock import Clock
from gateway.ground.deadline import Deadline
from gateway.upstream.files.file_names import (
    FileLocation,
    Listing,
    archived_location,
    matches,
    newest_locations,
    next_stamp,
)
from gateway.upstream.files.file_system import FileSystem, FoundFile
from gateway.upstream.request import UpstreamRequest

_KEPT_VERSIONS: Final = 2


class Folder:
    """One office's folder, with the results of its last listings."""

    def __init__(
        self,
        files: FileSystem,
        settings: FileOfficeSettings,
        settle: float,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        read_only: bool = False,
    ) -> None:
        self._files = files
        self._folder = PurePath(settings.folder)
        self._archive, self._quarantine, self._outbox = (
            None if name is None else self._folder / name
            for name in (settings.archive, settings.quarantine, settings.outbox)
        )
        self._settle = settle + files.extra_settle if settle else 0.0
        self._clock = clock
        self._read_only = read_only
        self._monotonic = monotonic
        self._first_seen: dict[FileLocation, tuple[FoundFile, float]] = {}
        self._completed: set[FileLocation] = set()
        self._versions: dict[str, list[FileLocation]] = {}
        self._move_lock = asyncio.Lock()

    async def complete_files(self, patterns: tuple[str, ...], deadline: Deadline) -> dict[str, FoundFile]:
        """Return the complete files whose names match. Waits for a second listing only when there is a new file.

        A new file that is not complete yet is left out. Raises `UpstreamUnavailableError` while a file that was
        complete before is being written again.
        """
        async with self._serialised(deadline):
            return await self._complete(patterns, deadline)

    async def _complete(self, patterns: tuple[str, ...], deadline: Deadline) -> dict[str, FoundFile]:
        seen = await self._list(patterns, deadline)
        unsettled = self._unsettled(seen, patterns)
        if unsettled:
            # A little longer, since timers may fire a little early.
            await asyncio.sleep(min(self._settle * 1.02 + 0.005, max(0.0, deadline.remaining())))
            seen = await self._list(patterns, deadline)
            unsettled = self._unsettled(seen, patterns)
        complete = {location: found for location, found in seen.items() if location not in unsettled}
        names = {location.name for location in complete}
        if any(
            location in self._completed or (location.stamp and location.name not in names) for location in unsettled
        ):
            # Without this file, all its records would count as deleted.
            raise UpstreamUnavailableError("a file that was complete is being written again")
        if self._read_only:
            complete = newest_locations(complete)
        elif self._archive is not None:
            complete = await self._pick_up(self._archive, complete, deadline)
        self._completed = {
            location for location in self._completed if not matches(location.name, patterns)
        } | complete.keys()
        self._record_versions(complete, patterns)
        return {
            locations[-1].name: complete[locations[-1]]
            for locations in self._versions.values()
            if locations[-1] in complete
        }

    async def content(self, entry: FileEntry, max_bytes: int, deadline: Deadline) -> bytes:
        """Read the whole file as it was listed."""
        listed = self._listed(entry)
        if listed is None:
            raise UpstreamUnavailableError("the file has changed since it was listed, or there is none")
        location, found = listed
        return await self._files.content(self._path(location), found, max_bytes, deadline)

    async def set_aside(self, entry: FileEntry, deadline: Deadline) -> bool:
        """Move this version of a file into the quarantine, if there is a previous version.

        The last version stays, even if the feed fails: without it, all records of the file would disappear.
        """
        async with self._serialised(deadline):
            versions = self._versions.get(entry.name, [])
            if (
                self._read_only
                or self._quarantine is None
                or len(versions) < _KEPT_VERSIONS
                or self._listed(entry) is None
            ):
                return False
            newest = versions[-1]
            moved = await self._files.move(self._path(newest), self._quarantine / newest.file, deadline)
            self._versions[entry.name] = versions[:-1]
            return moved

    async def put(self, name: str, content: bytes, call_state: UpstreamRequest) -> None:
        """Put a file into the folder for the office. `call_state.maybe_sent`: whether the file may exist there."""
        if self._outbox is None:
            raise QueryRefusedError("no outbox folder is set for this office")
        await self._files.put(self._outbox / f".{name}.part", self._outbox / name, content, call_state)

    async def aclose(self) -> None:
        """Release the connections and threads of the file system."""
        await self._files.aclose()

    @asynccontextmanager
    async def _serialised(self, deadline: Deadline) -> AsyncIterator[None]:
        """Serialise calls where files are moved; a call that cannot start before its deadline raises a timeout."""
        if self._archive is None:
            yield
            return
        try:
            async with asyncio.timeout(max(0.0, deadline.remaining())):
                await self._move_lock.acquire()
        except TimeoutError:
            raise UpstreamTimeoutError("the deadline passed while another call used the folder") from None
        try:
            yield
        finally:
            self._move_lock.release()

    def _path(self, location: FileLocation) -> PurePath:
        return (self._archive if location.stamp and self._archive is not None else self._folder) / location.file

    def _listed(self, entry: FileEntry) -> tuple[FileLocation, FoundFile] | None:
        """The location and metadata of the newest version, if it is the version that was listed."""
        versions = self._versions.get(entry.name)
        # A listing that failed half-way may have found it removed.
        seen = self._first_seen.get(versions[-1]) if versions else None
        if not versions or seen is None or seen[0].entry(entry.name) != entry:
            return None
        return versions[-1], seen[0]

    def _record_versions(self, complete: Listing, patterns: tuple[str, ...]) -> None:
        others = {name: locations for name, locations in self._versions.items() if not matches(name, patterns)}
        matching: dict[str, list[FileLocation]] = {}
        for location in sorted(complete):
            matching.setdefault(location.name, []).append(location)
        self._versions = others | matching

    async def _list(self, patterns: tuple[str, ...], deadline: Deadline) -> Listing:
        dropped = await self._files.list_files(self._folder, lambda name: matches(name, patterns), deadline)
        seen = {FileLocation(name): found for name, found in dropped.items()}
        if self._archive is not None:
            archived = await self._files.list_files(
                self._archive, lambda file: archived_location(file, patterns) is not None, deadline
            )
            versions = ((archived_location(file, patterns), found) for file, found in archived.items())
            seen |= {location: found for location, found in versions if location is not None}
        return seen

    async def _pick_up(self, archive: PurePath, complete: Listing, deadline: Deadline) -> Listing:
        """Move all dropped files into the archive and return the files there. Another process may move a file first."""
        kept = {location: found for location, found in complete.items() if location.stamp}
        for dropped in sorted(complete.keys() - kept.keys()):
            versions = sorted(location for location in kept if location.name == dropped.name)
            location = FileLocation(
                dropped.name, next_stamp(self._clock(), after=versions[-1].stamp if versions else "")
            )
            if not await self._files.move(self._path(dropped), archive / location.file, deadline):
                continue  # another process picked it up: the previous version counts until the next listing
            # It has rested where it was; it need not rest again.
            self._first_seen[location] = self._first_seen.pop(dropped)
            kept[location] = complete[dropped]
            for old in versions[: 1 - _KEPT_VERSIONS]:
                del kept[old]
                # A version that cannot be removed does no harm; the next pick-up tries again.
                with suppress(AdapterError):
                    await self._files.remove(archive / old.file, deadline)
        return kept

    def _unsettled(self, seen: Listing, patterns: tuple[str, ...]) -> set[FileLocation]:
        """Record this listing, and return the files that have not been unchanged for long enough."""
        at = self._monotonic()
        first_seen: dict[FileLocation, tuple[FoundFile, float]] = {}
        for location, found in seen.items():
            before = self._first_seen.get(location)
            first_seen[location] = before if before is not None and before[0] == found else (found, at)
        others = {location: kept for location, kept in self._first_seen.items() if not matches(location.name, patterns)}
        self._first_seen = others | first_seen
        return {location for location, (_, first_at) in first_seen.items() if at - first_at < self._settle}
