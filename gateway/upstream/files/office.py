"""One office that drops files into a folder, and the `FileUpstream` that an adapter gets for one call."""

import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from adapters.contract import FileOfficeSettings, Files, Limits, SftpServer
from adapters.errors import AdapterError, QueryRefusedError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.ground.deadline import Deadline
from gateway.upstream.call_guard import OfficeCallGuard
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.files.file_names import matches
from gateway.upstream.files.file_system import FileSystem
from gateway.upstream.files.folder import Folder
from gateway.upstream.files.guarded_files import GuardedFiles
from gateway.upstream.files.local import LocalFiles
from gateway.upstream.layers.health import OfficeHealth
from gateway.upstream.layers.not_sent import not_sent_error
from gateway.upstream.layers.observation import Observation, log_observation
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import UpstreamRequest

T = TypeVar("T")


def _remote_files(server: SftpServer, dependencies: UpstreamDependencies) -> FileSystem:
    from gateway.upstream.files.sftp import SftpFiles

    return SftpFiles(server, dependencies.settings)


class FolderOffice:
    """The folder of an office with its call guard and health. Made once, used by every call."""

    def __init__(
        self, place: OfficeRef, settings: FileOfficeSettings, limits: Limits, dependencies: UpstreamDependencies
    ) -> None:
        self.settings = settings
        self._place = place
        self._observer = dependencies.observer
        self._guard = OfficeCallGuard(place, limits, dependencies, settings.sftp)
        self.slots, self.meter = self._guard.slots, self._guard.meter
        files: FileSystem = LocalFiles() if settings.sftp is None else _remote_files(settings.sftp, dependencies)
        settle = dependencies.settings.file_settle.total_seconds()
        guarded = GuardedFiles(files, self._guard)
        self.folder = Folder(guarded, settings, settle, dependencies.clock, read_only=dependencies.read_only)

    def bind(self, transport: Files[Any], deadline: Deadline) -> "BoundFolder":
        """The upstream for the row's functions, for one call."""
        return BoundFolder(self, transport, deadline)

    def record_failure(self, error: AdapterError) -> None:
        """Record an error that an adapter raised. A `retry_at` in it applies to all calls to this office."""
        self._guard.record_failure(error)

    def status(self) -> OfficeHealth:
        """The current health of the office."""
        return self._guard.status()

    async def aclose(self) -> None:
        """Release connections and threads."""
        await self.folder.aclose()

    async def observe(self, method: str, work: Awaitable[T]) -> T:
        """Await the work, and record its duration and outcome."""
        began, outcome, received = time.perf_counter(), "cancelled", 0
        try:
            result = await work
        except AdapterError as error:
            outcome = error.cause.value
            self._guard.health.record_failure(error.cause)
            raise
        else:
            outcome, received = "done", len(result) if isinstance(result, bytes) else 0
            self._guard.health.record_answer(time.perf_counter() - began)
            return result
        finally:
            seconds = time.perf_counter() - began
            log_observation(self._observer, Observation(self._place, method, outcome, seconds, 1, received))


class BoundFolder:
    """The `FileUpstream` of one call: bound to its office, its deadline, and the row's names and size.

    `wrote`: whether a file for the office may have become visible to it.
    """

    __slots__ = ("_deadline", "_office", "_transport", "wrote")

    def __init__(self, office: FolderOffice, transport: Files[Any], deadline: Deadline) -> None:
        self._office = office
        self._transport = transport
        self._deadline = deadline
        self.wrote = False

    async def list(self) -> tuple[FileEntry, ...]:
        """See `adapters.upstream.FileUpstream.list`. Raises `UpstreamUnavailableError` without such a folder."""
        work = self._office.folder.complete_files(self._transport.patterns, self._deadline)
        listing = await self._office.observe("list", work)
        entries = (found.entry(name) for name, found in listing.items())
        return tuple(sorted(entries, key=lambda entry: (entry.modified_at, entry.name)))

    async def read(self, entry: FileEntry) -> bytes:
        """See `adapters.upstream.FileUpstream.read`."""
        self._refuse_unless_listed(entry)
        content = self._office.folder.content(entry, self._transport.max_bytes, self._deadline)
        return await self._office.observe("read", content)

    async def set_aside(self, entry: FileEntry) -> bool:
        """See `adapters.upstream.FileUpstream.set_aside`."""
        self._refuse_unless_listed(entry)
        return await self._office.observe("set-aside", self._office.folder.set_aside(entry, self._deadline))

    async def put(self, name: str, content: bytes) -> None:
        """See `adapters.upstream.FileUpstream.put`."""
        if not matches(name, self._transport.writes):
            raise QueryRefusedError("this name is not one that the row may write")
        call_state = UpstreamRequest(self._deadline, self._transport.max_bytes)
        try:
            await self._office.observe("put", self._office.folder.put(name, content, call_state))
        except AdapterError as error:
            if call_state.maybe_sent:
                raise
            failure = not_sent_error(error)
        else:
            return
        finally:
            self.wrote = self.wrote or call_state.maybe_sent
        raise failure

    def _refuse_unless_listed(self, entry: FileEntry) -> None:
        if not matches(entry.name, self._transport.patterns):
            raise UpstreamUnavailableError("there is no such file in the folder")
