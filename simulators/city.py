"""Run the whole simulated city: `python -m simulators.city --home DIR [--only id,...] [--also id,...]`.

One process runs for each office of each system, so that one can be stopped or killed alone. When all of them are ready,
the overlays and `city.json` are written. SIGTERM or SIGINT stops all within two seconds. If this process is killed,
each simulator detects it and exits.
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
from simulators.overlay import Ready, delete_city_files, write_city_files
from simulators.people import DEMONSTRATION
from simulators.process import simulator_folder, until_stopped
from simulators.spec import SimulatorSpec

SIMULATORS: Final = {
    folder.name.replace("_", "-"): f"simulators.{folder.name}.simulator"
    for folder in sorted(Path(__file__).parent.iterdir())
    if (folder / "simulator.py").is_file()
}
"""The modules of all simulators in this package, by system id. Installed simulators run only if named."""
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 1.5


class CityError(Exception):
    """The city cannot run; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One process to start."""

    system: str
    office: str | None
    module: str
    folder: Path

    def __str__(self) -> str:
        return self.system if self.office is None else f"{self.system}/{self.office}"


def plan_processes(home: Path, only: Sequence[str], also: Sequence[str] = ()) -> list[Plan]:
    """Return the processes to start: every office of every system in `only`, or of all systems if it is empty.

    `also`: systems whose installed simulators run as well, if they are installed. Raises `CityError`.
    """
    installed = installed_simulators()
    unknown = sorted(set(only) - set(SIMULATORS) - set(installed))
    if unknown:
        raise CityError(
            f"There is no simulator called {', '.join(unknown)}; there are: {', '.join((*SIMULATORS, *installed))}."
        )
    systems = only or [*SIMULATORS, *(system for system in also if system in installed and system not in SIMULATORS)]
    return [plan for system in systems for plan in _plans(home, system, _module(system, installed))]


def _module(system: str, installed: Mapping[str, Sequence[str]]) -> str:
    claims = [*([SIMULATORS[system]] if system in SIMULATORS else []), *installed.get(system, [])]
    if len(claims) > 1:
        raise CityError(
            f"The simulator {system} is claimed by {' and by '.join(claims)}: uninstall all but one of them."
        )
    return claims[0]


def _plans(home: Path, system: str, module: str) -> list[Plan]:
    try:
        spec: SimulatorSpec = importlib.import_module(module).SIMULATOR
    except ImportError as error:
        raise CityError(f"The simulator {system} cannot start: {error}.") from None
    return [Plan(system, office, module, simulator_folder(home, system, office)) for office in spec.offices or (None,)]


class Child:
    """The process of one simulator."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._log = plan.folder / "log.txt"
        self._process: Process | None = None

    async def start(self, home: Path, seed: int) -> None:
        """Start the process; its standard error is written to `log.txt` in its folder."""
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
        """The process. Raises `CityError` before it was started."""
        if self._process is None:
            raise CityError(f"The simulator {self.plan} was not started.")
        return self._process

    async def ready(self) -> Ready:
        """Wait until the simulator is ready and return its description.

        Raises `CityError` with the last line of its log when it exits instead.
        """
        assert self.process.stdout is not None  # noqa: S101 - it was started with a pipe
        line = await self.process.stdout.readline()
        try:
            ready: Ready = json.loads(line)
        except ValueError:
            words = (
                self._log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
                or "it exited without an error message"
            )
            raise CityError(f"The simulator {self.plan} cannot start: {words}.") from None
        return ready

    async def stop(self) -> None:
        """Terminate the process if it was started; kill it if it does not exit in time."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            # It may have exited since.
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    async def watch(self, stopped: asyncio.Event) -> None:
        """Report an exit that the city did not request.

        The process is not restarted, because a test may have killed it on purpose.
        """
        code = await self.process.wait()
        if not stopped.is_set():
            sys.stderr.write(f"The simulator {self.plan} has exited (code {code}).\n")


async def _all_ready(children: Sequence[Child]) -> list[Ready]:
    try:
        async with asyncio.timeout(START_SECONDS):
            return list(await asyncio.gather(*(child.ready() for child in children)))
    except TimeoutError:
        raise CityError(f"Some simulators were not ready within {START_SECONDS:.0f} seconds.") from None


async def run(home: Path, plans: Sequence[Plan], seed: int, *, watch_input: bool) -> None:
    """Run the city until it is stopped. Raises `CityError` when a simulator cannot start."""
    stopped = asyncio.Event()
    stopping = asyncio.create_task(until_stopped(stopped, watch_input=watch_input))
    children = [Child(plan) for plan in plans]
    watchers: list[asyncio.Task[None]] = []
    try:
        delete_city_files(home)
        for child in children:
            await child.start(home, seed)
        starting = asyncio.create_task(_all_ready(children))
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            starting.cancel()
            return
        simulators = starting.result()
        write_city_files(home, simulators, {name: person.nik or None for name, person in DEMONSTRATION.items()})
        _announce(simulators)
        watchers.extend(asyncio.create_task(child.watch(stopped)) for child in children)
        await stopping
    finally:
        stopped.set()
        try:
            await asyncio.gather(*(child.stop() for child in children), *watchers, stopping)
        finally:
            delete_city_files(home)


def _announce(simulators: Sequence[Ready]) -> None:
    for simulator in simulators:
        sys.stdout.write(f"{simulator['id']:<15} {simulator['office'] or '':<15} {simulator['url']}\n")
    sys.stdout.write("Kota tiruan siap. The simulated city is ready.\n")
    sys.stdout.flush()


@contextmanager
def locked_home(home: Path) -> Iterator[None]:
    """Lock the folder, so that no second city uses it. Raises `CityError`."""
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
    """Run the command line. Return the exit code: 2, with one sentence on standard error, if the city cannot run."""
    parser = argparse.ArgumentParser(prog="python -m simulators.city", description="Runs the simulated city.")
    parser.add_argument("--home", type=Path, required=True, help="the city's folder")
    parser.add_argument("--only", default="", help="ids of systems, separated by commas; default: all")
    parser.add_argument(
        "--also", default="", help="ids of systems whose installed simulators run too, separated by commas"
    )
    parser.add_argument("--seed", type=int, default=637199, help="seed of the generated data")
    parser.add_argument("--until-input-closes", action="store_true", help="also stop when standard input closes")
    options = parser.parse_args(arguments)
    # asyncio warns about child processes that were already reaped, which is of no use to the user.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    home: Path = options.home.absolute()
    try:
        with locked_home(home):
            plans = plan_processes(home, _ids(options.only), _ids(options.also))
            asyncio.run(run(home, plans, options.seed, watch_input=options.until_input_closes))
    except CityError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
