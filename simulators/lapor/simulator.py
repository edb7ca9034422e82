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
from simulators.lapor.callbacks import Caller
from simulators.lapor.on_demand import OnDemand
from simulators.lapor.rate import USUAL, Rate
from simulators.lapor.store import Store
from simulators.lapor.submission import Desk
from simulators.spec import Settings, SimulatorSpec, SimulatorState, secret

LARGEST_PAGE: Final = 50
_SUBMIT: Final = "/api/stream/addstream"
_NO_SESSION: Final = "a token stands in every request: this system has no login and no session"

Form = Mapping[str, str]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    # What this stand-in grants, which is more than the agency does: see `rate`.
    return {"token": secret(folder, "token"), "per_minute": USUAL}


SIMULATOR: Final = SimulatorSpec(
    id="lapor",
    why_not={
        FaultKind.LOGIN: _NO_SESSION,
        FaultKind.SESSION_EXPIRED: _NO_SESSION,
        FaultKind.QUOTA: "LAPOR counts requests by the minute (records of kind rate), not by the day",
        FaultKind.CLOCK_SKEW: "requests carry no time, so a wrong clock goes unnoticed",
    },
    faults=GENERIC,
    settings=_settings,
    is_write=lambda method, path: method == "POST" and path == _SUBMIT,
    calls_back="/v1/inbound/lapor/complaint",
)


class Lapor:
    """The service over its database."""

    def __init__(self, store: Store, state: SimulatorState, desk: Desk, caller: Caller, rate: Rate) -> None:
        self._store = store
        self._state = state
        self._desk = desk
        self._caller = caller
        self._rate = rate
        self._token = secret(state.folder, "token")

    def routes(self) -> list[Route]:
        """Every path."""
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
        """The tree of topics."""
        return answers.topics()

    def streams(self, form: Form) -> Response:
        """A page of what is not secret."""
        number, length = _page(form)
        total, rows = self._store.reports(number, length)
        found = [
            answers.public(row, self._store.answers(row["trackingid"]), self._store.reporter(row["nik"]))
            for row in rows
        ]
        return answers.page(number, length, total, found)

    def own_streams(self, form: Form) -> Response:
        """A page of one reporter's own, perhaps only those with certain words."""
        nik = form.get("nik", "").strip()
        if not nik:
            return answers.refusal("NIK wajib diisi")
        number, length = _page(form)
        total, rows = self._store.reports(number, length, nik=nik, text=form.get("teks", ""))
        reporter = self._store.reporter(nik)
        found = [answers.own(row, self._store.answers(row["trackingid"]), reporter) for row in rows]
        return answers.page(number, length, total, found)

    def stream(self, form: Form) -> Response:
        """One report; with its reporter, and a secret one at all, only for the reporter's own NIK."""
        row = self._store.report(form.get("trackingid", ""))
        theirs = row is not None and row["nik"] != "" and row["nik"] == form.get("nik", "").strip()
        if row is None or (row["rahasia"] != "0" and not theirs):
            return answers.refusal(answers.NOT_FOUND)
        replies = self._store.answers(row["trackingid"])
        if theirs:
            return answers.one(answers.own(row, replies, self._store.reporter(row["nik"])))
        return answers.one(answers.report(row, replies))

    async def submit(self, request: Request) -> Response:
        """A new report."""
        over = self._rate.over(self._state.clock.now())
        if over:
            return answers.busy(as_page=over % 2 == 0)
        return answers.submitted(self._desk.submit(await request.body()))

    def _service(self, answer: Callable[[Form], Response]) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            self._caller.wake()
            over = self._rate.over(self._state.clock.now())
            if over:
                return answers.busy(as_page=over % 2 == 0)
            if request.headers.get("keytoken") != self._token:
                return answers.refusal(answers.NOT_ONE_OF_OURS)
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
            return answer(form)

        return endpoint


def _page(form: Form) -> tuple[int, int]:
    """The page that is asked for, and how many rows one has."""
    number, length = form.get("page", ""), form.get("perpage", "")
    return (
        max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
        min(max(1, int(length)), LARGEST_PAGE) if length.isdecimal() and len(length) < 6 else 10,
    )


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """The service over its storage in `state.folder`."""
    store = Store(state.folder / "lapor.sqlite")
    state.closing.callback(store.close)
    if store.empty:
        store.fill(seed.reporters(state.people), seed.reports(state.people, state.seed, state.clock.now()))
    token = secret(state.folder, "token")
    caller, rate = Caller(store, token, state.clock), Rate()
    state.closing.callback(caller.close)
    state.elapse = caller.elapse
    on_demand = OnDemand(store, state, caller, rate)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    return Starlette(routes=Lapor(store, state, Desk(store, state, token), caller, rate).routes())
