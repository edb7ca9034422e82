"""The health centres' registration (P-Care style) and queue (Antrean style) services, one instance per office."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators import faults
from simulators.e_puskesmas import answers
from simulators.e_puskesmas.booking import BookingRefusedError, Desk
from simulators.e_puskesmas.diary import Diary, patients_of
from simulators.e_puskesmas.offices import OFFICES, HealthCentre
from simulators.e_puskesmas.on_demand import OnDemand
from simulators.e_puskesmas.parts import ANTREAN, PCARE, Envelope, Part
from simulators.e_puskesmas.sealing import APPLICATION, Credentials, Refusal, Seal, refusal, sealed
from simulators.e_puskesmas.store import Store
from simulators.faults import GENERIC, FaultKind
from simulators.spec import Settings, SimulatorSpec, SimulatorState, secret

LARGEST_PAGE: Final = 50
_ALL: Final = 10_000
_SKEW: Final = timedelta(minutes=10)
_BOOK: Final = "/pendaftaran"
_CANCEL: Final = "/antrean/batal"
_NO_SESSION: Final = "every request is signed: this system has no login and no session"


def credentials(office: str, folder: Path) -> Credentials:
    """Return the credentials of this office; generated once and stored in its folder."""
    centre = OFFICES[office]
    return Credentials(
        cons_id=centre.cons_id,
        secret=secret(folder, "cons-secret"),
        username=centre.username,
        password=secret(folder, "password"),
        user_key=secret(folder, "user-key"),
    )


def _settings(office: str | None, _url: str, folder: Path) -> Settings:
    office_credentials = credentials(office or "", folder)
    return {
        "cons_id": office_credentials.cons_id,
        "secret_key": office_credentials.secret,
        "username": office_credentials.username,
        "password": office_credentials.password,
        "user_key": office_credentials.user_key,
        "application": APPLICATION,
    }


def _is_write(method: str, path: str) -> bool:
    return method == "POST" and path in {PCARE.prefix + _BOOK, ANTREAN.prefix + _CANCEL}


SIMULATOR: Final = SimulatorSpec(
    id="e-puskesmas",
    offices=tuple(OFFICES),
    faults=GENERIC | {FaultKind.QUOTA, FaultKind.CLOCK_SKEW},
    own_faults=frozenset({FaultKind.QUOTA, FaultKind.CLOCK_SKEW}),
    why_not={FaultKind.LOGIN: _NO_SESSION, FaultKind.SESSION_EXPIRED: _NO_SESSION},
    settings=_settings,
    is_write=_is_write,
)

# Returns the content of the answer, sealed where the endpoint requires it; None if nothing was found.
Handler = Callable[[Request, datetime], Any]
# Handles a request body; the arguments are media type, body and time.
Write = Callable[[str, bytes, datetime], dict[str, str] | None]


class HealthCentreService:
    """One office's service over its database."""

    def __init__(
        self, centre: HealthCentre, store: Store, diary: Diary, state: SimulatorState, office_credentials: Credentials
    ) -> None:
        self._centre = centre
        self._store = store
        self._diary = diary
        self._state = state
        self._credentials = office_credentials
        self._desk = Desk(centre, store, state.ledger)

    def routes(self) -> list[Route]:
        """Return the routes of both parts."""
        return [
            self._route(PCARE, "/faskes/profil", self.profile),
            self._route(PCARE, "/peserta/nik/{nik}", self.participant),
            self._route(
                PCARE, "/pendaftaran/peserta/{card}/{start:int}/{limit:int}", self.appointments, text_codes=True
            ),
            self._route(PCARE, "/kunjungan/peserta/{card}/{start:int}/{limit:int}", self.visits, text_codes=True),
            self._route(ANTREAN, "/ref/poli/tanggal/{day}", self.clinics, text_codes=True),
            self._route(ANTREAN, "/antrean/status/{clinic}/{day}", self.queue_status),
            Route(PCARE.prefix + _BOOK, self.book, methods=["POST"]),
            Route(ANTREAN.prefix + _CANCEL, self.cancel, methods=["POST"]),
        ]

    def profile(self, request: Request, _now: datetime) -> str:
        """Return the centre's profile."""
        return self._sealed(request, answers.profile(self._centre))

    def participant(self, request: Request, _now: datetime) -> str | None:
        """Return one participant; the NIK is in the path (Q59)."""
        patient = self._store.patient(nik=request.path_params["nik"])
        return None if patient is None else self._sealed(request, answers.participant(patient, self._centre))

    def appointments(self, request: Request, now: datetime) -> str | None:
        """Return a page of one card's bookings; `null` if there is none."""
        patient = self._store.patient(card=request.path_params["card"])
        if patient is None:
            return None
        limit = min(request.path_params["limit"], LARGEST_PAGE)
        bookings, count = self._store.bookings_of(patient.card, request.path_params["start"], limit)
        if not count:
            return None
        found = [(booking, self._store.numbers(booking.clinic, booking.day)) for booking in bookings]
        return self._sealed(request, answers.appointments(patient, found, count, self._centre, now))

    def visits(self, request: Request, now: datetime) -> str | None:
        """Return a page of one card's visits, the latest day first; `null` if there is none."""
        patient = self._store.patient(card=request.path_params["card"])
        if patient is None:
            return None
        bookings, _ = self._store.bookings_of(patient.card, 0, _ALL)
        found = [(booking, self._store.numbers(booking.clinic, booking.day)) for booking in bookings]
        rows = answers.visits(patient, found, self._centre, now)
        start = request.path_params["start"]
        page = rows[start : start + min(request.path_params["limit"], LARGEST_PAGE)]
        return self._sealed(request, {"list": page, "count": str(len(rows))}) if rows else None

    def clinics(self, request: Request, _now: datetime) -> str:
        """Return the clinics that are open on a day."""
        return self._sealed(request, answers.clinics(self._centre))

    def queue_status(self, request: Request, now: datetime) -> answers.Json | None:
        """Return the state of one clinic's queue; the only answer that is not sealed (Q19)."""
        clinic, day = request.path_params["clinic"], request.path_params["day"]
        if clinic not in self._centre.clinics or not _is_day(day):
            return None
        return answers.queue_status(clinic, self._store.numbers(clinic, date.fromisoformat(day)), now)

    async def book(self, request: Request) -> Response:
        """Book a place in a queue."""
        return await self._write(request, Envelope(PCARE, text_codes=False), self._desk.book)

    async def cancel(self, request: Request) -> Response:
        """Cancel a booking."""
        return await self._write(request, Envelope(ANTREAN, text_codes=False), self._desk.cancel)

    async def _write(self, request: Request, envelope: Envelope, write: Write) -> Response:
        body, media_type = await request.body(), request.headers.get("content-type", "")
        now = self._now(request)
        refused = self._refused(request, now)
        if refused is not None:
            return envelope.refused(refused.message, refused.code, now)
        try:
            content = write(media_type, body, now)
        except BookingRefusedError as declined:
            return envelope.declined(declined.field, declined.message, now)
        return envelope.created(None if content is None else self._sealed(request, content), now)

    def _route(self, part: Part, path: str, handle: Handler, *, text_codes: bool = False) -> Route:
        envelope = Envelope(part, text_codes)

        async def endpoint(request: Request) -> Response:
            now = self._now(request)
            refused = self._refused(request, now)
            if refused is not None:
                return envelope.refused(refused.message, refused.code, now)
            content = handle(request, now)
            return envelope.nothing(now) if content is None else envelope.found(content, now)

        return Route(part.prefix + path, endpoint, methods=["GET"])

    def _now(self, request: Request) -> datetime:
        now = self._state.clock.now()
        now += _SKEW if faults.current(request.scope) is FaultKind.CLOCK_SKEW else timedelta(0)
        self._diary.open_days(now.date())
        return now

    def _refused(self, request: Request, now: datetime) -> Refusal | None:
        refused = refusal(request.headers, self._credentials, now.timestamp())
        if refused is not None:
            return refused
        if faults.current(request.scope) is FaultKind.QUOTA or not self._store.spend(now.date()):
            return Refusal(429, "Kuota harian habis")
        return None

    def _sealed(self, request: Request, content: Any) -> str:  # noqa: ANN401 - any JSON
        return sealed(content, self._credentials, request.headers["x-timestamp"])


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Return one office's service over its storage in `state.folder`."""
    name = office or ""
    centre = OFFICES[name]
    store = Store(state.folder / "puskesmas.sqlite")
    state.closing.callback(store.close)
    if store.empty:
        store.add_patients(patients_of(centre, state.people))
    diary = Diary(centre, name, store, state.seed)
    on_demand = OnDemand(centre, store)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    office_credentials = credentials(name, state.folder)
    seal = Seal(office_credentials)
    state.unseal, state.seal = seal.unseal, seal.seal
    service = HealthCentreService(centre, store, diary, state, office_credentials)
    diary.open_days(state.clock.today())
    return Starlette(routes=service.routes())
