"""Starts the simulated city, and calls the control endpoints of its simulators.

This module depends on `simulators` only by the command that starts it, and the folder with its addresses.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.ground.errors import GerbangError

CONTROL_SECONDS: Final = 5.0


class CityCommandError(GerbangError):
    """The command cannot be executed; the message is one sentence for the user."""


def city_home() -> Path:
    """The city's folder: `city` in `GERBANG_HOME`, or in `.gerbang`."""
    return Path(os.environ.get("GERBANG_HOME") or ".gerbang").absolute() / "city"


def start_city(home: Path, *, only: str = "", also: str = "", seed: int | None = None) -> "subprocess.Popen[bytes]":
    """Start the simulated city in `home`. It prints a last line on standard output when all simulators answer.

    `also`: systems whose installed simulators run too, separated by commas.

    The city ends within two seconds of SIGTERM, and when its standard input closes, so also when this process is
    killed. It ends with code 2 and one sentence on standard error when it cannot run.
    """
    options = ["--only", only] * bool(only) + ["--also", also] * bool(also)
    options += ["--seed", str(seed)] * (seed is not None)
    command = [sys.executable, "-m", "simulators.city", "--home", str(home), "--until-input-closes", *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own interpreter and module


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """One running simulator, as `city.json` lists it."""

    id: str
    office: str | None
    url: str
    control: str
    pid: int

    def __str__(self) -> str:
        return self.id if self.office is None else f"{self.id}/{self.office}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - any JSON
        """Call the simulator's control API. Raises `CityCommandError` when it does not answer, or refuses."""
        import httpx

        try:
            answer = httpx.request(method, f"{self.control}{path}", json=body, timeout=CONTROL_SECONDS, trust_env=False)
        except httpx.HTTPError:
            raise CityCommandError(f"The simulator {self} does not answer at its control API.") from None
        if answer.is_error:
            raise CityCommandError(f"The simulator {self} refuses: {answer.json()['error']}.")
        return answer.json()

    def fault(self) -> str:
        """The active fault, or `gone` when the simulator does not answer."""
        try:
            return str(self.ask("GET", "/status")["fault"])
        except CityCommandError:
            return "gone"


def running_simulators(target: str = "") -> list[RunningSimulator]:
    """The running simulators that `target` names: all, those of a system, or one `system/office`."""
    try:
        listed = json.loads((city_home() / "city.json").read_text("utf-8"))["simulators"]
    except (OSError, ValueError, KeyError):
        raise CityCommandError("The simulated city is not running; start it with: gerbang city up.") from None
    running = [
        RunningSimulator(**{name: one[name] for name in ("id", "office", "url", "control", "pid")}) for one in listed
    ]
    system, _, office = target.partition("/")
    found = [simulator for simulator in running if target in ("", simulator.id, f"{simulator.id}/{simulator.office}")]
    if found:
        return found
    offices = [simulator.office for simulator in running if simulator.id == system and simulator.office]
    if office and offices:
        raise CityCommandError(f"{system} has no office {office}; it has: {', '.join(offices)}.")
    systems = sorted({simulator.id for simulator in running})
    raise CityCommandError(f"No simulator is called {target}; there are: {', '.join(systems)}.")
