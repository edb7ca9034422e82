"""Runs the whole simulated city: `python -m simulators.city --home DIR [--only id,...] [--also id,...]`.

One process for each office of each system, so that one can be stopped or killed alone. When all of them answer, the
overlays and `city.json` are written. SIGTERM or SIGINT ends them all within two seconds; when this process is killed,
each of them notices and ends by itself.
"""

import argparse
import asyncio
import contextlib
import fcntl
import importlib
import json
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulators.installed import installed_simulators
from simulators.overlay import Ready, publish, withdraw
from simulators.people import DEMONSTRATION
from simulators.process import simulator_folder, until_told
from simulators.spec import SimulatorSpec

SIMULATORS: Final = {
    folder.name.replace("_", "-"): f"simulators.{folder.name}.simulator"
    for folder in sorted(Path(__file__).parent.iterdir())
    if (folder / "simulator.py").is_file()
}
"""Every package here with a simulator, by its system's id. Installed simulators run only when they are named."""
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 1.5


class CityError(Exception):
    """The city cannot run; the message is one sentence for whoever started it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One process to start."""

    system: str
    office: str | None
    module: str
    folder: Path

    def __str__(self) -> str:
        return self.system if self.office is None else f"{self.system}/{self.office}"


def planned(home: Path, only: Sequence[str], also: Sequence[str] = ()) -> list[Plan]:
    """What to start: every office of every system in `only`, or of all systems here when that is empty.

    `also`: the systems whose installed simulators are started with them, where there are such simulators.
    """
    installed = installed_simulators()
    unknown = sorted(set(only) - set(SIMULATORS) - set(installed))
    if unknown:
        raise CityError(
            f"There is no simulator called {', '.join(unknown)}; there are: {', '.join((*SIMULATORS, *installed))}."
        )
    asked = only or [*SIMULATORS, *(system for system in also if system in installed and system not in SIMULATORS)]
    return [plan for system in asked for plan in _plans(home, system, _module(system, installed))]


def _module(system: str, installed: Mapping[str, Sequence[str]]) -> str:
    claims = [*([SIMULATORS[system]] if system in SIMULATORS else []), *installed.get(system, [])]
    if len(claims) > 1:
        raise CityError(f"The simulator {system} is claimed by {' and by '.join(claims)}: uninstall what is not meant.")
    return claims[0]


def _plans(home: Path, system: str, module: str) -> list[Plan]:
    try:
        spec: SimulatorSpec = importlib.import_module(module).SIMULATOR
    except ImportError as error:
        raise CityError(f"The simulator {system} will not start: {error}.") from None
    return [Plan(system, office, module, simulator_folder(home, system, office)) for office in spec.offices or (None,)]


class Child:
    """One simulator's process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._log = plan.folder / "log.txt"
        self._process: Process | None = None

    async def start(self, home: Path, seed: int) -> None:
        """Start the process; what it says on standard error goes into `log.txt` of its folder."""
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        office = () if self.plan.office is None else ("--office", self.plan.office)
        with self._log.open("wb") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "simulators.process", self.plan.module),
                *("--home", str(home), "--seed", str(seed), *office),
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
            )

    @property
    def process(self) -> Process:
        """The process, once it was started."""
        if self._process is None:
            raise CityError(f"The simulator {self.plan} was not started.")
        return self._process

    async def ready(self) -> Ready:
        """What it says when it answers. Raises `CityError` with its last words when it ends instead."""
        assert self.process.stdout is not None  # noqa: S101 - it was started with a pipe
        line = await self.process.stdout.readline()
        try:
            ready: Ready = json.loads(line)
        except ValueError:
            words = self._log.read_text("utf-8", "replace").strip().rpartition("\n")[2] or "it ended without a word"
            raise CityError(f"The simulator {self.plan} will not start: {words}.") from None
        return ready

    async def stop(self) -> None:
        """End it, politely first, if it was started."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def watch(self, stopped: asyncio.Event) -> None:
        """Say so when it ends although nobody stopped the city. It is not started again: somebody may have meant it."""
        code = await self.process.wait()
        if not stopped.is_set():
            sys.stderr.write(f"The simulator {self.plan} has ended (code {code}).\n")


async def _all_ready(children: Sequence[Child]) -> list[Ready]:
    try:
        async with asyncio.timeout(START_SECONDS):
            return list(await asyncio.gather(*(child.ready() for child in children)))
    except TimeoutError:
        raise CityError(f"Some simulators did not answer within {START_SECONDS:.0f} seconds.") from None


async def run(home: Path, plans: Sequence[Plan], seed: int, *, watch_input: bool) -> None:
    """Run the city until told to stop. Raises `CityError` when a simulator will not start."""
    stopped = asyncio.Event()
    telling = asyncio.create_task(until_told(stopped, watch_input=watch_input))
    children = [Child(plan) for plan in plans]
    watching: list[asyncio.Task[None]] = []
    try:
        withdraw(home)
        for child in children:
            await child.start(home, seed)
        starting = asyncio.create_task(_all_ready(children))
        await asyncio.wait((starting, telling), return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            starting.cancel()
            return
        simulators = starting.result()
        publish(home, simulators, {name: person.nik or None for name, person in DEMONSTRATION.items()})
        _announce(simulators)
        watching.extend(asyncio.create_task(child.watch(stopped)) for child in children)
        await telling
    finally:
        stopped.set()
        try:
            await asyncio.gather(*(child.stop() for child in children), *watching, telling)
        finally:
            withdraw(home)


def _announce(simulators: Sequence[Ready]) -> None:
    for simulator in simulators:
        sys.stdout.write(f"{simulator['id']:<15} {simulator['office'] or '':<15} {simulator['url']}\n")
    sys.stdout.write("Kota tiruan siap. The simulated city is ready.\n")
    sys.stdout.flush()


@contextmanager
def only_city(home: Path) -> Iterator[None]:
    """Hold the folder, so that no second city runs from it. Raises `CityError`."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = os.open(home / "city.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CityError(f"The folder {home} cannot be used: {error.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CityError(f"A city is already running from {home}.") from None
    finally:
        os.close(lock)


def _ids(written: str) -> list[str]:
    return [system for system in written.split(",") if system]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives the exit code: 2 with one sentence on standard error when the city cannot run."""
    parser = argparse.ArgumentParser(prog="python -m simulators.city", description="Runs the simulated city.")
    parser.add_argument("--home", type=Path, required=True, help="the city's folder")
    parser.add_argument("--only", default="", help="ids of systems, with commas between; all when left out")
    parser.add_argument(
        "--also", default="", help="ids of systems whose installed simulators run too, with commas between"
    )
    parser.add_argument("--seed", type=int, default=637199, help="the same seed gives the same city")
    parser.add_argument(
        "--until-input-closes", action="store_true", help="also end when standard input closes: with its starter"
    )
    asked = parser.parse_args(arguments)
    # asyncio warns of children that somebody else has waited for; that is no news for whoever started the city.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    home: Path = asked.home.absolute()
    try:
        with only_city(home):
            plans = planned(home, _ids(asked.only), _ids(asked.also))
            asyncio.run(run(home, plans, asked.seed, watch_input=asked.until_input_closes))
    except CityError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
