"""One soak: the callers, the changes of records, the faults and the samples of one run, and what it has found."""

import argparse
import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import aiohttp

from benchmarks.gerbang import Gerbang
from benchmarks.soak.callers import Callers
from benchmarks.soak.city import UNLIMITED, Controls, RecordChanges, SoakCity
from benchmarks.soak.faults import FaultRun, schedule
from benchmarks.soak.ledger import PUBLIC, Ledger
from benchmarks.soak.report import SoakReport
from benchmarks.soak.resources import MEMORY_SECONDS, ResourceSampler, growth_at_rest, growth_under_load
from benchmarks.soak.sign_ins import SignIns
from benchmarks.soak.simulator_state import SimulatorState, initial_ledger
from benchmarks.testbed import ROOT

CALLERS: Final = 12
_NO_FAULTS_OF: Final = frozenset({"konsultasi-publik", "wirausaha-baru"})
"""Files: their faults damage what is stored, and recovery takes as long as the agency's next file."""
_FIRST_LOAD_SECONDS: Final = 10.0
_REST_SECONDS: Final = 15.0
_QUIET_SECONDS: Final = 20.0
"""Time after the load in which connections, sessions and circuits end."""
_TOKEN_SECONDS: Final = 200.0
_CHANGE_PAUSE: Final = 0.5
_SIGN_IN_PAUSE: Final = 5.0
_SAMPLE_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Soak:
    """The parts of one run."""

    city: SoakCity
    gateway: Gerbang
    state: SimulatorState
    ledger: Ledger
    callers: Callers
    changes: RecordChanges
    faults: FaultRun
    sampler: ResourceSampler
    sign_ins: SignIns
    seconds: float


async def run_soak(city: SoakCity, gateway: Gerbang, metrics: str, options: argparse.Namespace) -> SoakReport:
    """Run the load of `options.minutes` against a started gateway. `metrics`: the address of its metrics."""
    seconds = options.minutes * 60
    async with _sessions() as (http, control):
        state = SimulatorState(city.home)
        ledger = initial_ledger(state, list(city.residents))
        controls = Controls(city, control)
        # The registry's own daily quota is real: this load would spend it within minutes.
        await controls.add_record("dukcapil", {"kind": "quota", "per_day": UNLIMITED})
        names = [name for name in city.controls if name not in _NO_FAULTS_OF]
        supported = {name: await controls.supported_faults(name) for name in names}
        faults = FaultRun(controls, schedule(options.seed, supported, seconds))
        address = f"http://localhost:{gateway.port}"
        tokens = gateway.tokens(city.residents)
        callers = Callers(http, address, tokens, ledger, faults.times, Random(options.seed))
        soak = _Soak(
            city=city,
            gateway=gateway,
            state=state,
            ledger=ledger,
            callers=callers,
            changes=RecordChanges(controls, ledger, city.residents, Random(options.seed)),
            faults=faults,
            sampler=ResourceSampler(gateway.running.pid, metrics, city.ports, control),
            sign_ins=SignIns(address, gateway.home, callers.findings),
            seconds=seconds,
        )
        return await _measure(soak, options.seed)


@asynccontextmanager
async def _sessions() -> AsyncIterator[tuple[aiohttp.ClientSession, aiohttp.ClientSession]]:
    """The HTTP sessions of the callers, and of control APIs and metrics."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with (
        aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
        aiohttp.ClientSession(timeout=timeout) as control,
    ):
        yield http, control


async def _measure(soak: _Soak, seed: int) -> SoakReport:
    say = _Progress()
    callers = [soak.callers.run() for _ in range(CALLERS)]
    await _for_seconds(_FIRST_LOAD_SECONDS, *callers, soak.sign_ins.run(1.0))
    await asyncio.sleep(_QUIET_SECONDS)
    rest_before = await soak.sampler.least(_REST_SECONDS)
    say(f"at rest: {_line(rest_before)}")
    start, cpu = time.monotonic(), soak.gateway.running.cpu_seconds()
    work = [soak.callers.run() for _ in range(CALLERS)]
    work += [soak.sign_ins.run(_SIGN_IN_PAUSE), soak.changes.run(_CHANGE_PAUSE), _renew_tokens(soak), _tell(soak, say)]
    work += [soak.sampler.run(_SAMPLE_PAUSE, lambda: time.monotonic() - start), soak.faults.run()]
    await _for_seconds(soak.seconds, *work)
    used = soak.gateway.running.cpu_seconds() - cpu
    soak.gateway.running.check_running()
    await asyncio.sleep(_QUIET_SECONDS)
    rest_after = await soak.sampler.least(_REST_SECONDS)
    say(f"at rest: {_line(rest_after)}")
    await _check_recovered(soak)
    return SoakReport(
        commit=_commit(),
        minutes=soak.seconds / 60,
        seed=seed,
        residents=len(soak.city.residents),
        callers=CALLERS,
        findings=soak.callers.findings,
        changes=soak.changes.changes,
        faults=soak.faults.faults,
        failures=list(_audit(soak)),
        under_load=growth_under_load(soak.sampler.samples, min(1.25 * MEMORY_SECONDS, soak.seconds / 3)),
        at_rest=growth_at_rest(rest_before, rest_after),
        cpu_seconds=used,
    )


async def _for_seconds(seconds: float, *work: Coroutine[Any, Any, None]) -> None:
    """Run work for some seconds. Raises what one of them raises."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _renew_tokens(soak: _Soak) -> None:
    while True:
        await asyncio.sleep(_TOKEN_SECONDS)
        soak.callers.tokens = await asyncio.to_thread(soak.gateway.tokens, soak.city.residents)


async def _tell(soak: _Soak, say: "_Progress") -> None:
    while True:
        await asyncio.sleep(30)
        findings, sample = soak.callers.findings, soak.sampler.samples[-1]
        say(f"{findings.answers.total()} answers, {findings.wrong_answers} wrong; {_line(sample.figures)}")


async def _check_recovered(soak: _Soak) -> None:
    """Without faults, every overview must be complete again, or say that records were set aside."""
    for account in soak.callers.tokens:
        await soak.callers.ask_resident("recovered", "/v1/me/overview", account)


def _audit(soak: _Soak) -> Iterator[str]:
    """Compare the ledger with the databases of the simulators: it must have noted every change."""
    for resident in soak.city.residents:
        for resource, marks in soak.state.records_of(resident.nik).items():
            if sorted(marks) != soak.ledger.present(resident.account, resource):
                yield f"the ledger of {resident.account} differs from the simulator: {resource}"
    if sorted(soak.state.public_complaints()) != soak.ledger.present(PUBLIC, "complaint"):
        yield "the ledger of the public complaints differs from the simulator"


class _Progress:
    """Prints lines with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._start:6.0f} s  {line}", flush=True)


def _line(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in figures.items())


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
