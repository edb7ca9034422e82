"""The complaints service LAPOR: topics, lists, single reports, submissions, and call-backs to its partner."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators.faults import GENERIC, FaultKind
from simulators.lapor import answers, seed
from simulators.lapor.callbacks import CallbackSender
from simulators.lapor.on_demand import OnDemand
from simulators.lapor.rate import USUAL, RateLimit
from simulators.lapor.store import Store
from simulators.lapor.submission import Desk
from simulators.spec import Settings, SimulatorSpec, SimulatorState, secret

LARGEST_PAGE: Final = 50
_SUBMIT: Final = "/api/stream/addstream"
_NO_SESSION: Final = "every request contains a token: this system has no login and no session"

Form = Mapping[str, str]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    # The simulator's limit, which is higher than the agency's: see `rate`.
    return {"token": secret(folder, "token"), "per_minute": USUAL}


SIMULATOR: Final = SimulatorSpec(
    id="lapor",
    why_not={
        FaultKind.LOGIN: _NO_SESSION,
        FaultKind.SESSION_EXPIRED: _NO_SESSION,
        FaultKind.QUOTA: "LAPOR limits requests a minute (records of kind rate), not a day",
        FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
    },
    faults=GENERIC,
    settings=_settings,
    is_write=lambda method, path: method == "POST" and path == _SUBMIT,
    calls_back="/v1/inbound/lapor/complaint",
)


class Lapor:
    """The service over its database."""

    def __init__(
        self, store: Store, state: SimulatorState, desk: Desk, callbacks: CallbackSender, rate: RateLimit
    ) -> None:
        self._store = store
        self._state = state
        self._desk = desk
        self._callbacks = callbacks
        self._rate = rate
        self._token = secret(state.folder, "token")

    def routes(self) -> list[Route]:
        """Return every route."""
        services: dict[str, Callable[[Form], Response]] = {
            "gettopics": self.topics,
            "getstreams": self.streams,
            "getmystreams": self.own_streams,
            "getstream": self.stream,
        }
        paths = [
            Route(f"/api/services/f01/{name}", self._service(answer), methods=["POST"])
            for name, answer in services.items()
        ]
        return [*paths, Route(_SUBMIT, self.submit, methods=["POST"])]

    def topics(self, _form: Form) -> Response:
        """Return the tree of topics."""
        return answers.topics()

    def streams(self, form: Form) -> Response:
        """Return a page of the reports that are not secret."""
        number, length = _page(form)
        total, rows = self._store.reports(number, length)
        found = [
            answers.public(row, self._store.answers(row["trackingid"]), self._store.reporter(row["nik"]))
            for row in rows
        ]
        return answers.page(number, length, total, found)

    def own_streams(self, form: Form) -> Response:
        """Return a page of one reporter's reports, optionally filtered by words."""
        nik = form.get("nik", "").strip()
        if not nik:
            return answers.refusal("NIK wajib diisi")
        number, length = _page(form)
        total, rows = self._store.reports(number, length, nik=nik, text=form.get("teks", ""))
        reporter = self._store.reporter(nik)
        found = [answers.own(row, self._store.answers(row["trackingid"]), reporter) for row in rows]
        return answers.page(number, length, total, found)

    def stream(self, form: Form) -> Response:
        """Return one report.

        The reporter's data, and a secret report, are returned only for the reporter's own NIK.
        """
        row = self._store.report(form.get("trackingid", ""))
        theirs = row is not None and row["nik"] != "" and row["nik"] == form.get("nik", "").strip()
        if row is None or (row["rahasia"] != "0" and not theirs):
            return answers.refusal(answers.NOT_FOUND)
        replies = self._store.answers(row["trackingid"])
        if theirs:
            return answers.one(answers.own(row, replies, self._store.reporter(row["nik"])))
        return answers.one(answers.report(row, replies))

    async def submit(self, request: Request) -> Response:
        """Store a new report."""
        excess = self._rate.excess(self._state.clock.now())
        if excess:
            return answers.busy(as_page=excess % 2 == 0)
        return answers.submitted(self._desk.submit(await request.body()))

    def _service(self, answer: Callable[[Form], Response]) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            self._callbacks.wake()
            excess = self._rate.excess(self._state.clock.now())
            if excess:
                return answers.busy(as_page=excess % 2 == 0)
            if request.headers.get("keytoken") != self._token:
                return answers.refusal(answers.UNKNOWN_TOKEN)
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
            return answer(form)

        return endpoint


def _page(form: Form) -> tuple[int, int]:
    """Return the requested page number and page length."""
    number, length = form.get("page", ""), form.get("perpage", "")
    return (
        max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
        min(max(1, int(length)), LARGEST_PAGE) if length.isdecimal() and len(length) < 6 else 10,
    )


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the service over its storage in `state.folder`."""
    store = Store(state.folder / "lapor.sqlite")
    state.closing.callback(store.close)
    if store.empty:
        store.fill(seed.reporters(state.people), seed.reports(state.people, state.seed, state.clock.now()))
    token = secret(state.folder, "token")
    callbacks, rate = CallbackSender(store, token, state.clock), RateLimit()
    state.closing.callback(callbacks.close)
    state.elapse = callbacks.elapse
    on_demand = OnDemand(store, state, callbacks, rate)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    return Starlette(routes=Lapor(store, state, Desk(store, state, token), callbacks, rate).routes())
