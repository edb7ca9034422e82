"""The specification of a simulator, and the state that its `build` receives.

A simulator is a package `simulators/<id with underscores>/` whose module `simulator.py` defines two names:

    SIMULATOR: SimulatorSpec
    def build(office: str | None, state: SimulatorState) -> ASGIApp: ...      # or None, see `SimulatorSpec.drops`

`build` opens the simulator's storage in `state.folder`, seeds it if it is empty, assigns the hooks of `state` that it
uses (`add_record`, `withdraw_record`, `count_sessions`, `faults.on_change`, `closing`), and returns the ASGI
application of the system. `simulators.middleware.FaultMiddleware` wraps the application: it counts requests, records
them for `GET /received`, carries out generic faults and loses connections of writes. `simulators.server.running` runs
it, in tests too:

    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as simulator:
        simulator.url, simulator.control
"""

import secrets
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from simulators.clock import Clock
from simulators.faults import GENERIC, FaultKind, FaultState
from simulators.people import Person, population
from simulators.records import Ledger, ReceivedRequests
from simulators.write_loss import WriteLoss

Settings = Mapping[str, str | int | bool]

SAMPLE: Final = "sample"
"""The kind of a record on demand that resembles the others of a paged list, for tests that add and remove one."""

PUSH: Final = "push"
"""The kind of record that makes a system with call-backs push a change."""


def _never(_method: str, _path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSpec:
    """The specification of one legacy system's simulator.

    `faults`: the supported kinds. `own_faults`: the kinds that the simulator carries out itself; it reads them by
    `simulators.faults.current(scope)` or `state.faults.on_change`. `why_not`: the reasons for unsupported kinds.
    `settings(office, url, folder)`: the values for the gateway's overlay besides the address, under the names of the
    adapter's settings; `folder` is the simulator's folder. `is_write(method, path)`: whether a request is a write,
    whose connection may be lost. `drops`: for a system of files, the subfolder that replaces the address. `database`:
    for a system that is a database, the SQLite file in the simulator's folder. In both cases `build` returns None.
    `calls_back`: the path of the gateway's webhook to which the system pushes changes; the full address is registered
    by a record `{"kind": "callback", "url": …}`.
    """

    id: str
    offices: tuple[str, ...] = ()
    faults: frozenset[FaultKind] = GENERIC
    own_faults: frozenset[FaultKind] = frozenset()
    why_not: Mapping[FaultKind, str] = field(default_factory=dict)
    settings: Callable[[str | None, str, Path], Settings]
    is_write: Callable[[str, str], bool] = _never
    drops: str | None = None
    database: str | None = None
    calls_back: str | None = None


class RecordRefusedError(ValueError):
    """A record cannot be added or removed on demand; the message states the reason."""


class SealRefusedError(ValueError):
    """An answer cannot be unsealed or sealed; the message states the reason."""


class ElapseRefusedError(ValueError):
    """The simulator does not support `elapse`; the message states the reason."""


def _no_records(_record: Mapping[str, Any]) -> str:
    raise RecordRefusedError("this system accepts no records on demand")


def _no_withdrawal(_key: str) -> bool:
    raise RecordRefusedError("this system removes no records on demand")


def _not_sealed(_headers: Mapping[str, str], _answer: bytes) -> bytes | None:
    return None


def _no_seal(_headers: Mapping[str, str], _answer: bytes, _inside: bytes) -> bytes:
    raise SealRefusedError("this system seals no answers")


def _no_elapse(_seconds: float) -> int:
    raise ElapseRefusedError("this system has no timed tasks")


class SimulatorState:
    """The state of one running simulator besides its storage, and the hooks that `build` assigns.

    `folder` exists and belongs to this simulator (one for each office). `add_record(record)` returns the key of a new
    record or raises `RecordRefusedError`; `withdraw_record(key)` returns whether there was one. `logins` is incremented
    by the simulator. `count_sessions()` returns the number of open sessions. `unseal(headers, answer)` returns the
    decrypted content of an answer to a request with these headers (names in lower case), or None; `seal(headers,
    answer, inside)` returns the answer with other sealed content, whether or not that content is valid. The coroutines
    in `beside` run in the background. `elapse(seconds)` does at once what the system would do within that time (repeat
    a push, read a folder), and returns the number of pending tasks. `closing.callback(close)` registers the closing of
    what `build` opened.
    """

    def __init__(self, spec: SimulatorSpec, office: str | None, folder: Path, *, clock: Clock, seed: int) -> None:
        self.spec = spec
        self.office = office
        self.folder = folder
        self.clock = clock
        self.seed = seed
        self.faults = FaultState(spec.faults, spec.why_not)
        self.write_loss = WriteLoss()
        self.ledger = Ledger(folder / "ledger.jsonl", clock)
        self.received = ReceivedRequests()
        self.requests = 0
        self.active_requests = 0
        self.most_at_once = 0
        self.logins = 0
        self.count_sessions: Callable[[], int] = int
        self.add_record: Callable[[Mapping[str, Any]], str] = _no_records
        self.withdraw_record: Callable[[str], bool] = _no_withdrawal
        self.unseal: Callable[[Mapping[str, str], bytes], bytes | None] = _not_sealed
        self.seal: Callable[[Mapping[str, str], bytes, bytes], bytes] = _no_seal
        self.elapse: Callable[[float], int] = _no_elapse
        self.background_tasks: list[Callable[[], Coroutine[None, None, None]]] = []
        self.closing = ExitStack()

    @contextmanager
    def count_request(self) -> Iterator[None]:
        """Count one request; while the block runs, count it as concurrent."""
        self.requests += 1
        self.active_requests += 1
        self.most_at_once = max(self.most_at_once, self.active_requests)
        try:
            yield
        finally:
            self.active_requests -= 1

    def clear_received(self) -> None:
        """Clear the recorded requests and the maximum of concurrent requests."""
        self.received.clear()
        self.most_at_once = self.active_requests

    @property
    def people(self) -> tuple[Person, ...]:
        """The city's population for this seed, demonstration people first."""
        return population(self.seed)


def secret(folder: Path, name: str, size: int = 18) -> str:
    """Return a credential of the simulated agency; it is generated once and stored in `folder`, with mode 0600.

    `size` is its entropy in bytes.
    """
    path = folder / f"{name}.secret"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(size), "ascii")
    return path.read_text("ascii")
