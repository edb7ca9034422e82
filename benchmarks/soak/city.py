"""The simulated city of a soak: all simulators as processes, their control API, and changes of their records."""

import asyncio
import itertools
import json
import math
import os
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import aiohttp

from benchmarks.processes import Measured, cores, start, wait_until
from benchmarks.soak.ledger import PUBLIC, HeldRecord, Ledger
from benchmarks.soak.simulator_state import words
from benchmarks.testbed import ROOT, Resident
from simulators.kelurahan import kelurahan

UNLIMITED: Final = 100_000_000
_MOST_OWN: Final = 6
"""Most records that a run adds to one resident in one system; an overview shows them all."""
_MOST_PUBLIC: Final = 25


@dataclass(frozen=True, slots=True)
class SoakCity:
    """The running city: the folder of its databases, the overlays for the gateway, and the controls by simulator."""

    home: Path
    systems: Path
    residents: Sequence[Resident]
    process: Measured
    controls: Mapping[str, str]
    ports: frozenset[int]


@contextmanager
def open_city(folder: Path, people: Sequence[Resident]) -> Iterator[SoakCity]:
    """Start the whole city; end it with the block."""
    home = folder / "city"
    command: list[str | Path] = [sys.executable, "-m", "simulators.city", "--home", home, "--until-input-closes"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = start("The city", command, core=cores()[1], log=folder / "city.log", folder=ROOT, environment=environment)
    try:
        wait_until((home / "city.json").exists, process)
        listed = json.loads((home / "city.json").read_text("utf-8"))["simulators"]
        controls = {_name(one["id"], one["office"]): one["control"] for one in listed}
        urls = [one["url"] for one in listed if one["url"].startswith("http:")]
        ports = frozenset(int(url.rpartition(":")[2].rstrip("/")) for url in urls)
        yield SoakCity(home, _overlays(home / "systems", folder / "systems"), people, process, controls, ports)
    finally:
        process.stop()


def _name(system: str, office: str | None) -> str:
    return f"{system}/{office}" if office else system


def _overlays(source: Path, target: Path) -> Path:
    """The city's overlays without the agencies' quotas, which this load would spend."""
    target.mkdir()
    for path in source.glob("*.toml"):
        lines: list[str] = []
        for office in tomllib.loads(path.read_text("utf-8"))["offices"]:
            quotas = {"per_minute": UNLIMITED, "per_day": UNLIMITED} if "base_url" in office else {}
            settings = {**office, **quotas}
            lines += ["[[offices]]", *(f"{name} = {json.dumps(value)}" for name, value in settings.items()), ""]
        (target / path.name).write_text("\n".join(lines), "utf-8")
    return target


class Controls:
    """The control API of all simulators."""

    def __init__(self, city: SoakCity, http: aiohttp.ClientSession) -> None:
        self._city = city
        self._http = http

    async def set_fault(self, simulator: str, kind: str) -> None:
        """Set a fault, or `none`."""
        async with self._http.put(f"{self._city.controls[simulator]}/fault", json={"kind": kind}) as answer:
            answer.raise_for_status()

    async def supported_faults(self, simulator: str) -> list[str]:
        """The faults that a simulator supports, without `none`."""
        async with self._http.get(f"{self._city.controls[simulator]}/status") as answer:
            found: list[str] = (await answer.json())["supported_faults"]
            return [kind for kind in found if kind != "none"]

    async def add_record(self, simulator: str, record: Mapping[str, Any]) -> str:
        """Add a record; return its key."""
        async with self._http.post(f"{self._city.controls[simulator]}/records", json=record) as answer:
            answer.raise_for_status()
            return str((await answer.json())["key"])

    async def remove_record(self, simulator: str, key: str) -> None:
        """Remove a record by its key."""
        async with self._http.delete(f"{self._city.controls[simulator]}/records/{key}") as answer:
            answer.raise_for_status()


@dataclass(slots=True)
class _Added:
    """A record that this run has added. `hidden` complaints are secret now."""

    simulator: str
    key: str
    record: HeldRecord


@dataclass(slots=True)
class RecordChanges:
    """Adds and removes records while the gateway is loaded, and notes each change in the ledger.

    The text of each added record names its owner (a canary), so an answer with another's record shows itself.
    """

    controls: Controls
    ledger: Ledger
    people: Sequence[Resident]
    random: Random
    changes: int = 0
    _added: dict[tuple[str, str], list[_Added]] = field(default_factory=dict)
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _places: tuple[str, ...] = tuple(sorted({one.name for one in kelurahan()}))

    async def run(self, pause: float) -> None:
        """Make a change each `pause` seconds, until cancelled."""
        while True:
            await asyncio.shield(self.change())
            await asyncio.sleep(pause)

    async def change(self) -> None:
        """Add or remove one record of a resident, or one public complaint."""
        resource = self.random.choice(("application", "complaint", "proposal", "public"))
        resident = self.random.choice(self.people)
        owner = PUBLIC if resource == "public" else resident.account
        kind = "complaint" if resource == "public" else resource
        there = self._added.setdefault((owner, kind), [])
        most = _MOST_PUBLIC if owner == PUBLIC else _MOST_OWN
        if there and self.random.random() < len(there) / most:
            await self._remove(there.pop(self.random.randrange(len(there))))
        else:
            there.append(await self._add(owner, kind, resident.nik))
        self.changes += 1

    async def _add(self, owner: str, resource: str, nik: str) -> _Added:
        text = canary(owner, next(self._serial))
        place = self.random.choice(self._places)
        secret = "0" if owner == PUBLIC else "1"
        simulator, fields = {
            "application": ("e-kelurahan", {"kind": "permohonan", "keperluan": text}),
            "complaint": ("lapor", {"kind": "report", "isi": text, "rahasia": secret}),
            "proposal": ("sipd-rkpd", {"kind": "usulan", "masalah": text}),
        }[resource]
        # A public complaint also has a reporter: a resident who is asked for nothing.
        fields |= {"nik": REPORTER if owner == PUBLIC else nik, "kelurahan": place}
        record = self.ledger.add(owner, resource, HeldRecord(words(text), time.time(), math.inf))
        key = await self.controls.add_record(simulator, fields)
        record.appeared_before = time.time()
        if resource != "application":
            record.mark = key.rpartition("/")[2]
        return _Added(simulator, key, record)

    async def _remove(self, one: _Added) -> None:
        one.record.gone_after = time.time()
        await self.controls.remove_record(one.simulator, one.key)
        one.record.gone_before = time.time()


REPORTER: Final = "6371990101709999"
"""The NIK of nobody in the city."""


def canary(owner: str, serial: int) -> str:
    """The text of a record that names its owner. It is short, since long numbers are masked."""
    return f"Kanari {owner} n{serial}"
