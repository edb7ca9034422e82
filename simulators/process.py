"""The process of one simulator: `python -m simulators.process MODULE --home DIR [--office ID] --seed N`.

It prints one line of JSON when it is ready. It exits on SIGTERM, on SIGINT, or when its standard input closes, which
happens when the parent process dies.
"""

import argparse
import asyncio
import importlib
import json
import os
import signal
import sys
from pathlib import Path

from simulators.clock import Clock
from simulators.server import running
from simulators.spec import SimulatorSpec, SimulatorState


def simulator_folder(home: Path, system: str, office: str | None) -> Path:
    """Return the storage folder of the simulator of an office."""
    return home / "simulators" / system / (office or "")


async def until_stopped(stopped: asyncio.Event, *, watch_input: bool = True) -> None:
    """Wait for SIGTERM, SIGINT, the event `stopped`, or (with `watch_input`) the end of standard input."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if watch_input:
        loop.add_reader(sys.stdin.fileno(), _stop_at_end_of_input, stopped)
    await stopped.wait()
    if watch_input:
        loop.remove_reader(sys.stdin.fileno())


def _stop_at_end_of_input(stopped: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        stopped.set()


async def _run(module: str, home: Path, office: str | None, seed: int) -> None:
    simulator = importlib.import_module(module)
    spec: SimulatorSpec = simulator.SIMULATOR
    folder = simulator_folder(home, spec.id, office)
    folder.mkdir(parents=True, exist_ok=True)
    state = SimulatorState(spec, office, folder, clock=Clock(), seed=seed)
    async with running(simulator.build(office, state), state) as answering:
        ready = {
            "id": spec.id,
            "office": office,
            "url": answering.url,
            "control": answering.control,
            "pid": os.getpid(),
            "calls_back": spec.calls_back,
            "settings": dict(spec.settings(office, answering.url, folder)),
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await until_stopped(asyncio.Event())


def main() -> None:
    """Run one simulator until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m simulators.process")
    parser.add_argument("module")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--office")
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.module, arguments.home, arguments.office, arguments.seed))


if __name__ == "__main__":
    main()
