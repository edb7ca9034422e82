"""What a simulator says about itself, and what it is handed when it is built.

A simulator is a package `simulators/<id with underscores>/` whose module `simulator.py` has two names:

    SIMULATOR: SimulatorSpec
    def build(office: str | None, state: SimulatorState) -> ASGIApp: ...      # or None, see `SimulatorSpec.drops`

`build` opens the simulator's storage in `state.folder`, seeds it when it is empty, assigns the hooks of `state` that it
wants (`add_record`, `withdraw_record`, `count_sessions`, `faults.on_change`, `closing`), and returns the ASGI
application of the system. It is wrapped by `simulators.middleware.Carrying`, which counts requests, keeps them for
`GET /received`, carries out generic faults and loses connections around writes. `simulators.server.running` runs it,
in a test too:

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
from simulators.records import Ledger, Received
from simulators.write_loss import WriteLoss

Settings = Mapping[str, str | int | bool]

SAMPLE: Final = "sample"
"""The kind of record on demand that is like the others of a list in pages: for whoever needs one to come and go."""

PUSH: Final = "push"
"""The kind by which a system that calls back is made to push a change of some record."""


def _never(_method: str, _path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSpec:
    """One legacy system's simulator.

    `faults` are the kinds that make sense, `own_faults` those of them that the simulator carries out itself (it learns
    of them by `simulators.faults.current(scope)` or by `state.faults.on_change`), `why_not` the reasons for the others.
    `settings(office, url, folder)` are the values for the gateway's overlay beside the address: what the agency hands
    out, under the names of the adapter's settings; `folder` is the simulator's own. `is_write(method, path)` recognises
    the requests around which connections may be lost. `drops` is for a system of files only: the subfolder of the
    simulator's folder that takes the place of an address; such a simulator returns None from `build`. So does one of a
    system that is a database: `database` is the SQLite file in the simulator's folder. `calls_back` is where the system
    pushes changes: the path of a webhook of the gateway, of which the address is registered by a record `{"kind":
    "callback", "url": …}`.
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
    """A record cannot be added or withdrawn on demand; the message says why."""


class SealRefusedError(ValueError):
    """An answer cannot be opened or sealed; the message says why."""


class ElapseRefusedError(ValueError):
    """No time can be let pass; the message says why."""


def _no_records(_record: Mapping[str, Any]) -> str:
    raise RecordRefusedError("this system takes no records on demand")


def _no_withdrawal(_key: str) -> bool:
    raise RecordRefusedError("this system withdraws no records on demand")


def _not_sealed(_headers: Mapping[str, str], _answer: bytes) -> bytes | None:
    return None


def _no_seal(_headers: Mapping[str, str], _answer: bytes, _inside: bytes) -> bytes:
    raise SealRefusedError("this system seals no answers")


def _timeless(_seconds: float) -> int:
    raise ElapseRefusedError("this system does nothing by time")


class SimulatorState:
    """All that one running simulator keeps beside its storage.

    `folder` exists and is the simulator's own (one for each office). `add_record(record)` returns the key of a new
    record or raises `RecordRefusedError`; `withdraw_record(key)` says whether there was one. `logins` is counted up by
    the simulator. `count_sessions()` says how many sessions live. A system that seals its answers says how:
    `unseal(headers, answer)` gives what stands sealed in the answer to a request with these headers (their names in
    lower case), None where nothing does; `seal(headers, answer, inside)` the same answer with something else sealed in
    it, whether or not that makes sense. What is in `beside` goes on by itself while the simulator runs. A system that
    does something by time (pushes again, goes through a folder) does at once by `elapse(seconds)` what it would do
    within that time, and says how many things are still to be done. What `build` opens is closed by
    `closing.callback(close)`.
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
        self.received = Received()
        self.requests = 0
        self.present = 0
        self.most_at_once = 0
        self.logins = 0
        self.count_sessions: Callable[[], int] = int
        self.add_record: Callable[[Mapping[str, Any]], str] = _no_records
        self.withdraw_record: Callable[[str], bool] = _no_withdrawal
        self.unseal: Callable[[Mapping[str, str], bytes], bytes | None] = _not_sealed
        self.seal: Callable[[Mapping[str, str], bytes, bytes], bytes] = _no_seal
        self.elapse: Callable[[float], int] = _timeless
        self.beside: list[Callable[[], Coroutine[None, None, None]]] = []
        self.closing = ExitStack()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count one request, and while the block runs, as one of those that are here at once."""
        self.requests += 1
        self.present += 1
        self.most_at_once = max(self.most_at_once, self.present)
        try:
            yield
        finally:
            self.present -= 1

    def forget_received(self) -> None:
        """Forget the requests received so far, and how many of them were here at once."""
        self.received.clear()
        self.most_at_once = self.present

    @property
    def people(self) -> tuple[Person, ...]:
        """The city's population for this seed, demonstration people first."""
        return population(self.seed)


def secret(folder: Path, name: str, size: int = 18) -> str:
    """A credential that the simulated agency hands out: made once, kept in `folder`, readable by its owner only.

    `size` is its strength in bytes.
    """
    path = folder / f"{name}.secret"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(size), "ascii")
    return path.read_text("ascii")
