"""One office that drops files into a folder, and what an adapter is handed for one question."""

import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from adapters.contract import FileOfficeSettings, Files, Limits, SftpServer
from adapters.errors import AdapterError, QueryRefusedError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.ground.deadline import Deadline
from gateway.upstream.call_guard import OfficeCallGuard
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.files.file_system import FileSystem
from gateway.upstream.files.folder import Folder, matches
from gateway.upstream.files.guarded import GuardedFiles
from gateway.upstream.files.local import LocalFiles
from gateway.upstream.layers.not_sent import unsent
from gateway.upstream.layers.observation import Observation, log_observation
from gateway.upstream.layers.status import OfficeHealth
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import UpstreamRequest

T = TypeVar("T")


def _remote_files(server: SftpServer, around: UpstreamDependencies) -> FileSystem:
    from gateway.upstream.files.sftp import SftpFiles

    return SftpFiles(server, around.settings)


class FolderOffice:
    """The folder, the way to it, its circuit, slots and health; made once, used by every question."""

    def __init__(
        self, place: OfficeRef, settings: FileOfficeSettings, limits: Limits, around: UpstreamDependencies
    ) -> None:
        self.settings = settings
        self._place = place
        self._observer = around.observer
        self._passage = OfficeCallGuard(place, limits, around, settings.sftp)
        files: FileSystem = LocalFiles() if settings.sftp is None else _remote_files(settings.sftp, around)
        settle = around.settings.file_settle.total_seconds()
        passed = GuardedFiles(files, self._passage)
        self.folder = Folder(passed, settings, settle, around.clock, looks_only=around.looks_only)

    def bound(self, transport: Files[Any], deadline: Deadline) -> "BoundFolder":
        """What the row's functions are handed for one question."""
        return BoundFolder(self, transport, deadline)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong; what it learnt about coming back holds for everybody."""
        self._passage.failed(error)

    def status(self) -> OfficeHealth:
        """How it is."""
        return self._passage.status()

    async def aclose(self) -> None:
        """Give back what is held."""
        await self.folder.aclose()

    async def measured(self, what: str, work: Awaitable[T]) -> T:
        """Await the work; tell how long it took and what came of it."""
        began, outcome, received = time.perf_counter(), "cancelled", 0
        try:
            result = await work
        except AdapterError as error:
            outcome = error.cause.value
            self._passage.health.failed(error.cause)
            raise
        else:
            outcome, received = "done", len(result) if isinstance(result, bytes) else 0
            self._passage.health.answered(time.perf_counter() - began)
            return result
        finally:
            seconds = time.perf_counter() - began
            log_observation(self._observer, Observation(self._place, what, outcome, seconds, 1, received))


class BoundFolder:
    """The `FileUpstream` of one question: bound to its office, its deadline, and the row's names and size.

    `wrote` says whether a file for the office may have become visible to it.
    """

    __slots__ = ("_deadline", "_office", "_transport", "wrote")

    def __init__(self, office: FolderOffice, transport: Files[Any], deadline: Deadline) -> None:
        self._office = office
        self._transport = transport
        self._deadline = deadline
        self.wrote = False

    async def list(self) -> tuple[FileEntry, ...]:
        """See `adapters.upstream.FileUpstream.list`. Raises `UpstreamUnavailableError` when there is no such folder."""
        looking = self._office.folder.complete(self._transport.patterns, self._deadline)
        look = await self._office.measured("list", looking)
        entries = (found.entry(name) for name, found in look.items())
        return tuple(sorted(entries, key=lambda entry: (entry.modified_at, entry.name)))

    async def read(self, entry: FileEntry) -> bytes:
        """See `adapters.upstream.FileUpstream.read`."""
        self._refuse_unless_listed(entry)
        content = self._office.folder.content(entry, self._transport.max_bytes, self._deadline)
        return await self._office.measured("read", content)

    async def set_aside(self, entry: FileEntry) -> bool:
        """See `adapters.upstream.FileUpstream.set_aside`."""
        self._refuse_unless_listed(entry)
        return await self._office.measured("set-aside", self._office.folder.set_aside(entry, self._deadline))

    async def put(self, name: str, content: bytes) -> None:
        """See `adapters.upstream.FileUpstream.put`."""
        if not matches(name, self._transport.writes):
            raise QueryRefusedError("this name is not one that the row may write")
        trip = UpstreamRequest(self._deadline, self._transport.max_bytes)
        try:
            await self._office.measured("put", self._office.folder.put(name, content, trip))
        except AdapterError as error:
            if trip.left:
                raise
            failure = unsent(error)
        else:
            return
        finally:
            self.wrote = self.wrote or trip.left
        raise failure

    def _refuse_unless_listed(self, entry: FileEntry) -> None:
        if not matches(entry.name, self._transport.patterns):
            raise UpstreamUnavailableError("there is no such file in the folder")
