"""One office that drops files into a folder, and what an adapter is handed for one question."""

import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from adapters.contract import FileOfficeSettings, Files
from adapters.errors import AdapterError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.upstream.breaker import CircuitState
from gateway.upstream.deadline import Deadline
from gateway.upstream.folder import Folder, entry_of, matches
from gateway.upstream.place import Place
from gateway.upstream.status import Health, OfficeStatus
from gateway.upstream.surroundings import Surroundings
from gateway.upstream.timing import Observation, tell

T = TypeVar("T")


class FolderOffice:
    """The folder, its threads and its health; made once, used by every question. A folder has no circuit."""

    def __init__(self, place: Place, settings: FileOfficeSettings, around: Surroundings) -> None:
        self.settings = settings
        self._place = place
        self._observer = around.observer
        self._health = Health(around.clock)
        self.folder = Folder(settings.folder, around.settings.file_settle.total_seconds())

    def bound(self, transport: Files[Any], deadline: Deadline) -> "BoundFolder":
        """What the row's functions are handed for one question."""
        return BoundFolder(self, transport, deadline)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong."""
        self._health.failed(error.cause)

    def status(self) -> OfficeStatus:
        """How it is."""
        return self._health.status(CircuitState.CLOSED, None)

    async def aclose(self) -> None:
        """Give the threads back."""
        self.folder.close()

    async def measured(self, what: str, work: Awaitable[T]) -> T:
        """Await the work; tell how long it took and what came of it."""
        began, outcome, received = time.perf_counter(), "cancelled", 0
        try:
            result = await work
        except AdapterError as error:
            outcome = error.cause.value
            self._health.failed(error.cause)
            raise
        else:
            outcome, received = "done", len(result) if isinstance(result, bytes) else 0
            self._health.answered(time.perf_counter() - began)
            return result
        finally:
            seconds = time.perf_counter() - began
            tell(self._observer, Observation(self._place, what, outcome, seconds, 1, received))


class BoundFolder:
    """The `FileUpstream` of one question: bound to its office, its deadline, and the row's names and size."""

    __slots__ = ("_deadline", "_max_bytes", "_office", "_patterns")

    def __init__(self, office: FolderOffice, transport: Files[Any], deadline: Deadline) -> None:
        self._office = office
        self._patterns = transport.patterns
        self._max_bytes = transport.max_bytes
        self._deadline = deadline

    async def list(self) -> tuple[FileEntry, ...]:
        """See `adapters.upstream.FileUpstream.list`. Raises `UpstreamUnavailableError` when there is no such folder."""
        look = await self._office.measured("list", self._office.folder.complete(self._patterns, self._deadline))
        entries = (entry_of(name, found) for name, found in look.items())
        return tuple(sorted(entries, key=lambda entry: (entry.modified_at, entry.name)))

    async def read(self, entry: FileEntry) -> bytes:
        """See `adapters.upstream.FileUpstream.read`."""
        if not matches(entry.name, self._patterns):
            raise UpstreamUnavailableError("there is no such file in the folder")
        content = self._office.folder.content(entry, self._max_bytes, self._deadline)
        return await self._office.measured("read", content)
