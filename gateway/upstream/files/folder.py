"""The files engine: a folder into which an office drops files. Only complete files are seen, and only this folder.

A file counts as complete when two looks at least `settle` apart found the same size, time and inode; no clock of the
machine that writes is trusted. Names that begin with `.` or `~$`, or end in `.part` or `.tmp`, are being written by
agreement. Links are not followed.

Where there is an archive, a complete file is picked up: moved there in one step as `<when>~<name>`, so that the agency
may drop the next one. The newest version of each name stands for it, so that an archived file stays part of what the
folder says; older ones are removed but for the one before. A version that is set aside moves into the quarantine, and
the one before it counts again. Whoever only looks reads the same, and moves nothing.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Final

from adapters.contract import FileOfficeSettings
from adapters.errors import AdapterError, QueryRefusedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.ground.clock import Clock
from gateway.ground.deadline import Deadline
from gateway.upstream.files.file_system import FileSystem, FoundFile, is_plain
from gateway.upstream.request import UpstreamRequest

_BEGINNINGS: Final = (".", "~$")
_ENDINGS: Final = (".part", ".tmp")
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_TO: Final = "~"
_VERSION: Final = re.compile(r"(?P<stamp>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)~(?P<name>.+)", re.DOTALL)
_KEPT: Final = 2
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class FileLocation:
    """Where a file lies: under its own name where it was dropped (`stamp` is empty), or as a version of the archive."""

    name: str
    stamp: str = ""

    @property
    def file(self) -> str:
        """The name that it bears there."""
        return f"{self.stamp}{_TO}{self.name}" if self.stamp else self.name


Look = dict[FileLocation, FoundFile]


class Folder:
    """One office's folder, and what the last looks found in it."""

    def __init__(
        self,
        files: FileSystem,
        settings: FileOfficeSettings,
        settle: float,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        looks_only: bool = False,
    ) -> None:
        self._files = files
        self._folder = PurePath(settings.folder)
        self._archive, self._quarantine, self._outbox = (
            None if beside is None else self._folder / beside
            for beside in (settings.archive, settings.quarantine, settings.outbox)
        )
        self._settle = settle + files.rests if settle else 0.0
        self._clock = clock
        self._looks_only = looks_only
        self._monotonic = monotonic
        self._since: dict[FileLocation, tuple[FoundFile, float]] = {}
        self._completed: set[FileLocation] = set()
        self._versions: dict[str, list[FileLocation]] = {}
        self._moving = asyncio.Lock()

    async def complete(self, patterns: tuple[str, ...], deadline: Deadline) -> dict[str, FoundFile]:
        """The complete files whose names match. Waits for a second look only when there is something new.

        A new file that is not complete yet is left out. Raises `UpstreamUnavailableError` while one that was complete
        before is being written again.
        """
        async with self._alone(deadline):
            return await self._complete(patterns, deadline)

    async def _complete(self, patterns: tuple[str, ...], deadline: Deadline) -> dict[str, FoundFile]:
        seen = await self._look(patterns, deadline)
        unsettled = self._unsettled(seen, patterns)
        if unsettled:
            # A little longer, since timers may wake a little early.
            await asyncio.sleep(min(self._settle * 1.02 + 0.005, max(0.0, deadline.remaining())))
            seen = await self._look(patterns, deadline)
            unsettled = self._unsettled(seen, patterns)
        complete = {spot: found for spot, found in seen.items() if spot not in unsettled}
        names = {spot.name for spot in complete}
        if any(spot in self._completed or (spot.stamp and spot.name not in names) for spot in unsettled):
            # Leaving it out would say that everything in it is gone.
            raise UpstreamUnavailableError("a file that was complete is being written again")
        if self._looks_only:
            complete = _newest(complete)
        elif self._archive is not None:
            complete = await self._picked_up(self._archive, complete, deadline)
        self._completed = {spot for spot in self._completed if not matches(spot.name, patterns)} | complete.keys()
        self._note(complete, patterns)
        return {spots[-1].name: complete[spots[-1]] for spots in self._versions.values() if spots[-1] in complete}

    async def content(self, entry: FileEntry, max_bytes: int, deadline: Deadline) -> bytes:
        """The whole file as it was listed."""
        listed = self._listed(entry)
        if listed is None:
            raise UpstreamUnavailableError("the file has changed since it was listed, or there is none")
        spot, found = listed
        return await self._files.content(self._path(spot), found, max_bytes, deadline)

    async def set_aside(self, entry: FileEntry, deadline: Deadline) -> bool:
        """Move this version of a file into the quarantine, if there is a version before it.

        The last version stays, even if the feed fails: without it, everybody in the file would disappear.
        """
        async with self._alone(deadline):
            versions = self._versions.get(entry.name, [])
            if self._looks_only or self._quarantine is None or len(versions) < _KEPT or self._listed(entry) is None:
                return False
            worst = versions[-1]
            moved = await self._files.move(self._path(worst), self._quarantine / worst.file, deadline)
            self._versions[entry.name] = versions[:-1]
            return moved

    async def put(self, name: str, content: bytes, trip: UpstreamRequest) -> None:
        """Put a file into the folder for the office. `trip.left`: whether it may be there."""
        if self._outbox is None:
            raise QueryRefusedError("no folder is set into which files for the office are put")
        await self._files.put(self._outbox / f".{name}.part", self._outbox / name, content, trip)

    async def aclose(self) -> None:
        """Give back what is held."""
        await self._files.aclose()

    @asynccontextmanager
    async def _alone(self, deadline: Deadline) -> AsyncIterator[None]:
        """Where files are moved, one look at a time; the others come after it, or are late."""
        if self._archive is None:
            yield
            return
        try:
            async with asyncio.timeout(max(0.0, deadline.remaining())):
                await self._moving.acquire()
        except TimeoutError:
            raise UpstreamTimeoutError("the deadline passed while another question looked into the folder") from None
        try:
            yield
        finally:
            self._moving.release()

    def _path(self, spot: FileLocation) -> PurePath:
        return (self._archive if spot.stamp and self._archive is not None else self._folder) / spot.file

    def _listed(self, entry: FileEntry) -> tuple[FileLocation, FoundFile] | None:
        """Where the newest version lies, and how it was found, if it is the one that was listed."""
        versions = self._versions.get(entry.name)
        # A look that failed half-way may have found it gone.
        seen = self._since.get(versions[-1]) if versions else None
        if not versions or seen is None or seen[0].entry(entry.name) != entry:
            return None
        return versions[-1], seen[0]

    def _note(self, complete: Look, patterns: tuple[str, ...]) -> None:
        others = {name: spots for name, spots in self._versions.items() if not matches(name, patterns)}
        mine: dict[str, list[FileLocation]] = {}
        for spot in sorted(complete):
            mine.setdefault(spot.name, []).append(spot)
        self._versions = others | mine

    async def _look(self, patterns: tuple[str, ...], deadline: Deadline) -> Look:
        dropped = await self._files.look(self._folder, lambda name: matches(name, patterns), deadline)
        seen = {FileLocation(name): found for name, found in dropped.items()}
        if self._archive is not None:
            archived = await self._files.look(
                self._archive, lambda file: _version(file, patterns) is not None, deadline
            )
            versions = ((_version(file, patterns), found) for file, found in archived.items())
            seen |= {spot: found for spot, found in versions if spot is not None}
        return seen

    async def _picked_up(self, archive: PurePath, complete: Look, deadline: Deadline) -> Look:
        """What is complete once everything that was dropped lies in the archive. Another process may be quicker."""
        kept = {spot: found for spot, found in complete.items() if spot.stamp}
        for dropped in sorted(complete.keys() - kept.keys()):
            versions = sorted(spot for spot in kept if spot.name == dropped.name)
            spot = FileLocation(dropped.name, self._stamp(versions[-1].stamp if versions else ""))
            if not await self._files.move(self._path(dropped), archive / spot.file, deadline):
                continue  # another process picked it up: the version before stands for it until the next look
            # It has rested where it was; it need not rest again.
            self._since[spot] = self._since.pop(dropped)
            kept[spot] = complete[dropped]
            for old in versions[: 1 - _KEPT]:
                del kept[old]
                # One that stays is in nobody's way, and is tried again with the next.
                with suppress(AdapterError):
                    await self._files.remove(archive / old.file, deadline)
        return kept

    def _stamp(self, newest: str) -> str:
        """When it is picked up, in a form that sorts; later than the newest version, whatever the clock says."""
        now = self._clock().astimezone(UTC)
        with suppress(ValueError):
            now = max(now, datetime.strptime(newest, _STAMP).replace(tzinfo=UTC) + _TICK)
        return now.strftime(_STAMP)

    def _unsettled(self, seen: Look, patterns: tuple[str, ...]) -> set[FileLocation]:
        """Notes what was seen just now, and says which files have not been seen unchanged for long enough."""
        at = self._monotonic()
        since: dict[FileLocation, tuple[FoundFile, float]] = {}
        for spot, found in seen.items():
            before = self._since.get(spot)
            since[spot] = before if before is not None and before[0] == found else (found, at)
        others = {spot: kept for spot, kept in self._since.items() if not matches(spot.name, patterns)}
        self._since = others | since
        return {spot for spot, (_, first_at) in since.items() if at - first_at < self._settle}


def _newest(complete: Look) -> Look:
    """Without the archived versions of names under which something lies that would be picked up."""
    return {
        spot: found for spot, found in complete.items() if not spot.stamp or FileLocation(spot.name) not in complete
    }


def _version(file: str, patterns: tuple[str, ...]) -> FileLocation | None:
    """Which version a file of the archive is; None for what somebody else has put there."""
    found = _VERSION.fullmatch(file)
    return FileLocation(found["name"], found["stamp"]) if found and matches(found["name"], patterns) else None


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is one of those that a row looks at, and not one of a file that is being written."""
    if not is_plain(name) or name.startswith(_BEGINNINGS) or name.casefold().endswith(_ENDINGS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in patterns)
