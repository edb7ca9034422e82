"""What the rest of the gateway uses to reach systems: a call for each question, and the state of each office."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final, TypeVar, overload

from adapters.contract import (
    AdapterSpec,
    Call,
    FileOfficeSettings,
    Files,
    Http,
    HttpOfficeSettings,
    Need,
    OfficeSettings,
    Soap,
    Sql,
    SqlOfficeSettings,
    Subject,
    Transport,
)
from adapters.errors import AdapterError, Cause
from adapters.upstream import FileUpstream, HttpUpstream, SoapUpstream, SqlUpstream
from gateway.ground.clock import Clock
from gateway.ground.deadline import Deadline
from gateway.ground.sealing import Sealer
from gateway.shared.contract import Shared
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.files.office import FolderOffice
from gateway.upstream.http.office import HttpOffice
from gateway.upstream.layers.observation import Observer, ignore_observation
from gateway.upstream.layers.status import OfficeHealth
from gateway.upstream.place import OfficeRef
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.sql.office import SqlOffice

S = TypeVar("S", bound=OfficeSettings)
AnyOffice = HttpOffice | FolderOffice | SqlOffice
Kind = TypeVar("Kind", HttpOffice, FolderOffice, SqlOffice)

_GRACE: Final = 5.0
"""Seconds for which an office whose settings were changed lives on after the last deadline of its questions."""


class Upstreams:
    """Every office that is asked, each with its own connections, circuit, slots and sessions.

    `sealer` seals the sessions of systems before they are shared; without one they are sealed with a key that only
    this process knows, which is enough while nothing is shared. `refused` is told whenever a system refuses us. With
    `looks_only` files are neither picked up nor set aside: for whoever tries a system and does not serve.
    """

    def __init__(
        self,
        shared: Shared,
        clock: Clock,
        settings: UpstreamSettings | None = None,
        *,
        sealer: Sealer | None = None,
        observer: Observer = ignore_observation,
        refused: Callable[[], None] = lambda: None,
        looks_only: bool = False,
    ) -> None:
        self._clock = clock
        self._refused = refused
        self._around = UpstreamDependencies(
            shared, clock, settings or UpstreamSettings(), sealer or Sealer(os.urandom(32)), observer, looks_only
        )
        self._offices: dict[tuple[type, OfficeRef], AnyOffice] = {}
        self._busy_until: dict[tuple[type, OfficeRef], Deadline] = {}
        self._retiring: dict[asyncio.Task[None], AnyOffice] = {}

    @overload
    def call(
        self,
        spec: AdapterSpec[Any],
        office_id: str | None,
        office_settings: S,
        transport: Http[S],
        *,
        deadline: Deadline,
        subject: Subject | None = None,
    ) -> Call[S, HttpUpstream]: ...

    @overload
    def call(
        self,
        spec: AdapterSpec[Any],
        office_id: str | None,
        office_settings: S,
        transport: Files[S],
        *,
        deadline: Deadline,
        subject: Subject | None = None,
    ) -> Call[S, FileUpstream]: ...

    @overload
    def call(
        self,
        spec: AdapterSpec[Any],
        office_id: str | None,
        office_settings: S,
        transport: Soap[S],
        *,
        deadline: Deadline,
        subject: Subject | None = None,
    ) -> Call[S, SoapUpstream]: ...

    @overload
    def call(
        self,
        spec: AdapterSpec[Any],
        office_id: str | None,
        office_settings: S,
        transport: Sql[S],
        *,
        deadline: Deadline,
        subject: Subject | None = None,
    ) -> Call[S, SqlUpstream]: ...

    @overload
    def call(
        self,
        spec: AdapterSpec[Any],
        office_id: str | None,
        office_settings: S,
        transport: Transport[S, Any],
        *,
        deadline: Deadline,
        subject: Subject | None = None,
    ) -> Call[S, Any]: ...

    def call(
        self,
        spec: AdapterSpec[Any],
        office_id: str | None,
        office_settings: OfficeSettings,
        transport: Transport[Any, Any],
        *,
        deadline: Deadline,
        subject: Subject | None = None,
    ) -> Call[Any, Any]:
        """What a row's function gets for one question: bound to the office and to `deadline`.

        Of the `subject` only the identifiers pass that the adapter's `needs` name. Needs a running event loop. Raises
        `ValueError` for settings that do not fit the transport.
        """
        up = self._bound(OfficeRef(spec.id, office_id), spec, office_settings, transport, deadline)
        return Call(
            settings=office_settings, up=up, now=self._clock(), office=office_id, subject=_entitled(spec, subject)
        )

    def _bound(
        self,
        place: OfficeRef,
        spec: AdapterSpec[Any],
        settings: OfficeSettings,
        transport: Transport[Any, Any],
        deadline: Deadline,
    ) -> HttpUpstream | FileUpstream | SoapUpstream | SqlUpstream:
        around = self._around
        if isinstance(transport, Http | Soap) and isinstance(settings, HttpOfficeSettings):
            return self._kept(
                HttpOffice,
                place,
                settings,
                lambda: HttpOffice(place, settings, spec.limits, around),
                deadline,
            ).bound(transport, deadline)
        if isinstance(transport, Files) and isinstance(settings, FileOfficeSettings):
            return self._kept(
                FolderOffice, place, settings, lambda: FolderOffice(place, settings, spec.limits, around), deadline
            ).bound(transport, deadline)
        if isinstance(transport, Sql) and isinstance(settings, SqlOfficeSettings):
            return self._kept(
                SqlOffice, place, settings, lambda: SqlOffice(place, settings, spec.limits, around), deadline
            ).bound(transport, deadline)
        raise ValueError(f"the settings of {place.key} do not fit its transport")

    def failed(self, system: str, office_id: str | None, error: AdapterError) -> None:
        """Tell what an adapter's function raised, once for each question that failed.

        A quota that the system says is spent, or any other `retry_at` of its own, opens the office's circuit for
        everybody. What the stack raised itself is known already, and counts once.
        """
        for office in self._of(system, office_id):
            office.failed(error)
        if error.cause is Cause.CREDENTIALS_REFUSED:
            self._refused()

    def status(self, system: str, office_id: str | None) -> OfficeHealth:
        """How the office is, as far as this process has asked it."""
        return next((office.status() for office in self._of(system, office_id)), OfficeHealth())

    async def forget(self, system: str, office_id: str | None) -> None:
        """The office is not asked any more: close what is open to it."""
        for office in self._of(system, office_id):
            del self._offices[type(office), OfficeRef(system, office_id)]
            del self._busy_until[type(office), OfficeRef(system, office_id)]
            await office.aclose()

    async def aclose(self) -> None:
        """Close everything."""
        offices = [*self._offices.values(), *self._retiring.values()]
        waits = [*self._retiring]
        self._offices.clear()
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, *(office.aclose() for office in offices), return_exceptions=True)

    def _of(self, system: str, office_id: str | None) -> list[AnyOffice]:
        place = OfficeRef(system, office_id)
        found = (self._offices.get((kind, place)) for kind in (HttpOffice, FolderOffice, SqlOffice))
        return [office for office in found if office is not None]

    def _kept(
        self, kind: type[Kind], place: OfficeRef, settings: OfficeSettings, make: Callable[[], Kind], deadline: Deadline
    ) -> Kind:
        """The office as it is kept; made anew when its settings have been changed while the gateway serves."""
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


async def _retire(office: AnyOffice, busy_until: Deadline) -> None:
    """Questions that are under way end on the old connections, however long they may take."""
    await asyncio.sleep(max(0.0, busy_until.remaining()) + _GRACE)
    await office.aclose()


def _entitled(spec: AdapterSpec[Any], subject: Subject | None) -> Subject | None:
    if subject is None:
        return None
    return Subject(
        nik=subject.nik if Need.NIK in spec.needs else None,
        kk=subject.kk if Need.KK in spec.needs else None,
        phone=subject.phone if Need.PHONE in spec.needs else None,
    )
