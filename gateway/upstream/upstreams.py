"""The interface through which the other rooms reach systems: one `Call` per question, and the health of each office."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar, overload

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
from gateway.upstream.layers.health import OfficeHealth, OfficeLoad
from gateway.upstream.layers.observation import Observer, ignore_observation
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.open_offices import OpenOffices
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.sql.office import SqlOffice

S = TypeVar("S", bound=OfficeSettings)


class Upstreams:
    """All offices, each with its connections, circuit, slots and sessions.

    `sealer` seals the sessions of systems before they are shared. Without one, a random key of this process seals them,
    which is enough while nothing is shared. `refused` is called whenever a system refuses our credentials. With
    `read_only`, files are neither picked up nor set aside: for tools that try a system and do not serve.
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
        read_only: bool = False,
    ) -> None:
        self._clock = clock
        self._refused = refused
        self._dependencies = UpstreamDependencies(
            shared, clock, settings or UpstreamSettings(), sealer or Sealer(os.urandom(32)), observer, read_only
        )
        self._offices = OpenOffices()
        self.failures: Counter[tuple[OfficeRef, Cause]] = Counter()
        """Failed questions since the start, by office and cause."""

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
        """The `Call` for a row's function: bound to the office and to `deadline`.

        It contains only those identifiers of the `subject` that the adapter's `needs` name. Needs a running event loop.
        Raises `ValueError` for settings that do not fit the transport.
        """
        up = self._bind(OfficeRef(spec.id, office_id), spec, office_settings, transport, deadline)
        return Call(
            settings=office_settings,
            up=up,
            now=self._clock(),
            office=office_id,
            subject=_permitted_subject(spec, subject),
        )

    def _bind(
        self,
        place: OfficeRef,
        spec: AdapterSpec[Any],
        settings: OfficeSettings,
        transport: Transport[Any, Any],
        deadline: Deadline,
    ) -> HttpUpstream | FileUpstream | SoapUpstream | SqlUpstream:
        dependencies = self._dependencies
        if isinstance(transport, Http | Soap) and isinstance(settings, HttpOfficeSettings):
            return self._offices.open(
                HttpOffice,
                place,
                settings,
                lambda: HttpOffice(place, settings, spec.limits, dependencies),
                deadline,
            ).bind(transport, deadline)
        if isinstance(transport, Files) and isinstance(settings, FileOfficeSettings):
            return self._offices.open(
                FolderOffice,
                place,
                settings,
                lambda: FolderOffice(place, settings, spec.limits, dependencies),
                deadline,
            ).bind(transport, deadline)
        if isinstance(transport, Sql) and isinstance(settings, SqlOfficeSettings):
            return self._offices.open(
                SqlOffice, place, settings, lambda: SqlOffice(place, settings, spec.limits, dependencies), deadline
            ).bind(transport, deadline)
        raise ValueError(f"the settings of {place.key} do not fit its transport")

    def record_failure(self, system: str, office_id: str | None, error: AdapterError) -> None:
        """Record the error that an adapter's function raised, once for each question that failed.

        A spent quota that the system reports, or any other `retry_at` of its own, opens the office's circuit for all
        calls. Errors that the stack itself raised are already recorded, and count once.
        """
        place = OfficeRef(system, office_id)
        self.failures[place, error.cause] += 1
        for office in self._offices.find(place):
            office.record_failure(error)
        if error.cause is Cause.CREDENTIALS_REFUSED:
            self._refused()

    def status(self, system: str, office_id: str | None) -> OfficeHealth:
        """The health of the office, as observed by this process."""
        return next((office.status() for office in self._offices.find(OfficeRef(system, office_id))), OfficeHealth())

    async def load(self, system: str, office_id: str | None) -> OfficeLoad | None:
        """The use of the office's slots and daily quota; None if it was not called since the start."""
        for office in self._offices.find(OfficeRef(system, office_id)):
            slots = office.slots
            today, a_day = (office.meter and await office.meter.today()) or (None, None)
            return OfficeLoad(slots.slots, slots.used, slots.waiting, today, a_day)
        return None

    async def forget(self, system: str, office_id: str | None) -> None:
        """Close an office that is no longer used."""
        await self._offices.close(OfficeRef(system, office_id))

    async def aclose(self) -> None:
        """Close all offices."""
        await self._offices.aclose()


def _permitted_subject(spec: AdapterSpec[Any], subject: Subject | None) -> Subject | None:
    if subject is None:
        return None
    return Subject(
        nik=subject.nik if Need.NIK in spec.needs else None,
        kk=subject.kk if Need.KK in spec.needs else None,
        phone=subject.phone if Need.PHONE in spec.needs else None,
    )
