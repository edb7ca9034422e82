"""The simulator of one system as a separate process, and its control API.

The suite depends on the command that starts simulators and on the files that a running city writes, not on their code.
"""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from pydantic import ValidationError

from adapters.contract import AdapterSpec, OfficeSettings
from gateway.ground.errors import GerbangError
from gateway.registry.system_files import read_systems

_READY_WITHIN: Final = 60.0
_ENDS_WITHIN: Final = 5.0
_LOOK: Final = 0.02
_NO_CONTENT: Final = 204


class SuiteError(GerbangError):
    """The suite cannot run; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class SimulatorOffice:
    """One office of a running simulator: the settings by which the gateway reaches it, and its control API."""

    id: str | None
    settings: OfficeSettings = field(repr=False)
    control: str

    async def call_control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Send a request to the control API. Raises `SuiteError` when it is refused."""
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, f"{self.control}{path}", json=body) as answer,
        ):
            if answer.status >= 400:
                raise SuiteError(
                    f"The control API of the simulator refuses {method} {path} with status {answer.status}."
                )
            return await answer.json() if answer.status != _NO_CONTENT else None

    async def elapse(self, seconds: float) -> int | None:
        """Let the simulator do at once what it would do within `seconds`; return the number of pending tasks.

        For a simulator without this function: sleep, and return None.
        """
        try:
            done = await self.call_control("POST", "/elapse", {"seconds": seconds})
        except SuiteError:
            await asyncio.sleep(seconds)
            return None
        return int(done["pending"])

    async def unseal(self, headers: Mapping[str, str], answer: bytes) -> bytes | None:
        """Decrypt the sealed part of an answer to a request with these headers; None if nothing is sealed."""
        opened = await self.call_control("POST", "/unseal", {"headers": dict(headers), "answer": _written(answer)})
        return None if opened is None else base64.b64decode(opened["inside"])

    async def seal(self, headers: Mapping[str, str], answer: bytes, inside: bytes) -> bytes:
        """Return the same answer with `inside` sealed in it, as the system itself would seal it."""
        body = {"headers": dict(headers), "answer": _written(answer), "inside": _written(inside)}
        return base64.b64decode((await self.call_control("POST", "/seal", body))["answer"])

    async def writes(self, code: str) -> int:
        """Return how many writes with this receipt code the simulator has stored."""
        ledger = await self.call_control("GET", "/ledger")
        return sum(write["code"] == code for write in ledger["writes"])


def _written(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulator with all its offices. `people`: the NIK of each known person, or None."""

    offices: tuple[SimulatorOffice, ...]
    people: Mapping[str, str | None] = field(repr=False)


@contextmanager
def running_simulator(spec: AdapterSpec[Any], home: Path, systems: Path | None = None) -> Iterator[Simulator]:
    """Run the simulator of this adapter in `home` until the block ends.

    `systems` is the folder of the settings files. Raises `SuiteError` when the simulator does not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "simulators.city", "--home", str(home), "--only", spec.id, "--until-input-closes"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as city:
        try:
            _await(city, home / "city.json")
            yield _read(spec, home, systems)
        finally:
            if city.stdin is not None:
                city.stdin.close()
            try:
                city.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                city.kill()


def _await(city: "subprocess.Popen[bytes]", listed: Path) -> None:
    until = time.monotonic() + _READY_WITHIN
    while not listed.exists():
        if city.poll() is not None:
            said = city.stderr.read().decode("utf-8", "replace").strip() if city.stderr else ""
            raise SuiteError(said.rpartition("\n")[2] or "The simulator exited without an error message.")
        if time.monotonic() > until:
            raise SuiteError(f"The simulator was not ready within {_READY_WITHIN:.0f} seconds.")
        time.sleep(_LOOK)


def _read(spec: AdapterSpec[Any], home: Path, systems: Path | None) -> Simulator:
    folders = [folder for folder in (systems, home / "systems") if folder is not None]
    table = read_systems(folders)[spec.id]
    listed = json.loads((home / "city.json").read_text("utf-8"))["simulators"]
    controls = {simulator["office"]: simulator["control"] for simulator in listed}
    running = [office for office in table["offices"] if office.get("id") in controls]
    offices = tuple(_office(spec, office, controls[office.get("id")]) for office in running)
    return Simulator(offices, json.loads((home / "people.json").read_text("utf-8")))


def _office(spec: AdapterSpec[Any], table: Mapping[str, Any], control: str) -> SimulatorOffice:
    values = {name: value for name, value in table.items() if name not in ("id", "title")}
    try:
        return SimulatorOffice(table.get("id"), spec.settings.model_validate(values), control)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SuiteError(
            f"The settings of {spec.id} do not accept the values of its simulator: {where}: {first['msg']}."
        ) from None
