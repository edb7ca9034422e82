"""The offices that are open: each is kept from call to call, and replaced when its settings change."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from adapters.contract import OfficeSettings
from gateway.ground.deadline import Deadline
from gateway.upstream.files.office import FolderOffice
from gateway.upstream.http.office import HttpOffice
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.sql.office import SqlOffice

AnyOffice = HttpOffice | FolderOffice | SqlOffice
Kind = TypeVar("Kind", HttpOffice, FolderOffice, SqlOffice)

_GRACE: Final = 5.0
"""Seconds for which a replaced office stays open after the last deadline of its calls."""


class OpenOffices:
    """At most one office of each kind of transport for each place."""

    def __init__(self) -> None:
        self._offices: dict[tuple[type, OfficeRef], AnyOffice] = {}
        self._busy_until: dict[tuple[type, OfficeRef], Deadline] = {}
        self._retiring: dict[asyncio.Task[None], AnyOffice] = {}

    def open(
        self, kind: type[Kind], place: OfficeRef, settings: OfficeSettings, make: Callable[[], Kind], deadline: Deadline
    ) -> Kind:
        """The office of this place, for a call until `deadline`. A new one if its settings have changed."""
        office = self._offices.get((kind, place))
        if isinstance(office, kind) and (office.settings is settings or office.settings == settings):
            self._busy_until[kind, place] = max(self._busy_until[kind, place], deadline)
            return office
        made = make()
        self._offices[kind, place] = made
        if office is not None:
            task = asyncio.get_running_loop().create_task(_retire(office, self._busy_until[kind, place]))
            self._retiring[task] = office
            task.add_done_callback(lambda ended: self._retiring.pop(ended, None))
        self._busy_until[kind, place] = deadline
        return made

    def find(self, place: OfficeRef) -> list[AnyOffice]:
        """The open offices of this place, one for each kind of transport that it was called by."""
        found = (self._offices.get((kind, place)) for kind in (HttpOffice, FolderOffice, SqlOffice))
        return [office for office in found if office is not None]

    async def close(self, place: OfficeRef) -> None:
        """Close the offices of this place."""
        for office in self.find(place):
            del self._offices[type(office), place]
            del self._busy_until[type(office), place]
            await office.aclose()

    async def aclose(self) -> None:
        """Close all offices, replaced ones included."""
        offices = [*self._offices.values(), *self._retiring.values()]
        waits = [*self._retiring]
        self._offices.clear()
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, *(office.aclose() for office in offices), return_exceptions=True)


async def _retire(office: AnyOffice, busy_until: Deadline) -> None:
    """Close an office after its running calls have had time to end on the old connections."""
    await asyncio.sleep(max(0.0, busy_until.remaining()) + _GRACE)
    await office.aclose()
