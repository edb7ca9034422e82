"""The systems in front of which servers are measured: a simulated city, recorded by the replaying backend.

The city is started once, and each measured resident gets the same number of applications, complaints and proposals.
Servers then talk to the backend only. While it records, it passes new requests on to the city; when every resident was
asked for once, the city ends.

Systems without personal records (traffic, transit, consultations) are left out: their feeds would be work that belongs
to no request.
"""

import itertools
import json
import os
import secrets
import socket
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.processes import BenchmarkError, Measured, cores, start, wait_until
from simulators.kelurahan import kelurahan
from simulators.people import DEMONSTRATION, population

ROOT: Final = Path(__file__).resolve().parents[1]
SYSTEMS: Final = (
    "dukcapil", "e-kelurahan", "e-puskesmas", "lapor", "pbb", "sipd-rkpd", "wirausaha-baru",
)  # fmt: skip
"""The systems of the city that run."""
RESIDENTS: Final = 64
FEW, MANY = 2, 10
"""Records of a resident in each of three systems: of those who have few, and of the others."""
_SEALS: Final = {"e-puskesmas": "timestamp", "pbb": "signature"}
_GRANTED_PER_MINUTE: Final = 100_000_000
_KELURAHAN_KINDS: Final = ("diajukan", "diverifikasi", "diparaf", "disetujui", "siap", "diambil", "ditolak")


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident who is asked for: account name, NIK, and the number of records in each of three systems."""

    account: str
    nik: str
    records: int


def residents(number: int = RESIDENTS, records: int = MANY, *, prefix: str = "r", skip: int = 0) -> list[Resident]:
    """The first residents of the city behind those of the demonstration and `skip` more."""
    people = [person for person in population() if person.nik and person not in DEMONSTRATION.values()]
    return [
        Resident(f"{prefix}{place:03d}", person.nik, records)
        for place, person in enumerate(people[skip : skip + number])
    ]


class Backend:
    """The replaying backend as a process, and its control port."""

    def __init__(self, process: Measured, ports: Mapping[str, int]) -> None:
        self.process = process
        self.ports = ports
        self._control = socket.create_connection(("127.0.0.1", ports["control"]))
        self._answers = self._control.makefile("rb")

    def do(self, action: str, **more: object) -> dict[str, dict[str, Any]]:
        """Carry out an action; return the status of each system."""
        self._control.sendall(json.dumps({"do": action, **more}).encode() + b"\n")
        answer: dict[str, dict[str, Any]] = json.loads(self._answers.readline())
        return answer

    def fault(self, system: str, fault: str, seconds: float = 0.0) -> None:
        """Set the fault of a system, or of all (`*`); an empty one ends it."""
        self.do("fault", system=system, fault=fault, seconds=seconds)

    @contextmanager
    def faults(self, **faults: tuple[str, float]) -> Iterator[None]:
        """Faults of systems while the block runs; names with `_` in place of `-`."""
        for system, (fault, seconds) in faults.items():
            self.fault(system.replace("_", "-"), fault, seconds)
        try:
            yield
        finally:
            self.fault("*", "")

    def close(self) -> None:
        """End the process."""
        self._answers.close()
        self._control.close()
        self.process.stop()


@dataclass(frozen=True, slots=True)
class Testbed:
    """The running backend with its residents. `systems`: the folder of overlays that name the backend's ports."""

    folder: Path
    backend: Backend
    systems: Path
    secrets: Mapping[str, Mapping[str, Any]]
    residents: Sequence[Resident]
    city: Measured

    def replay_only(self) -> None:
        """End the city: everything has been recorded."""
        self.backend.do("replay-only")
        self.city.stop()

    def check_replayed(self) -> None:
        """Raise `BenchmarkError` if the backend had to refuse a request that was never recorded."""
        refused = {name: one["refused"] for name, one in self.backend.do("status").items() if one["refused"]}
        if refused:
            raise BenchmarkError(f"Requests were not recorded before: {refused}.")


@contextmanager
def open_testbed(folder: Path, people: Sequence[Resident]) -> Iterator[Testbed]:
    """Start the city and the backend in front of it; end both with the block."""
    _, core = cores()
    city_home = folder / "city"
    command: list[str | Path] = [sys.executable, "-m", "simulators.city", "--home", city_home, "--until-input-closes"]
    command += ["--only", ",".join(SYSTEMS)]
    city = start("The city", command, core=core, log=folder / "city.log", folder=ROOT, environment=_own_path())
    backend = None
    try:
        wait_until((city_home / "city.json").exists, city)
        simulators = json.loads((city_home / "city.json").read_text("utf-8"))["simulators"]
        _fill(simulators, people)
        tables = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (city_home / "systems").glob("*.toml")}
        backend = _start_backend(folder, tables, core)
        systems = folder / "systems"
        secret = _write_overlays(systems, tables, backend.ports)
        yield Testbed(folder, backend, systems, secret, people, city)
    finally:
        if backend is not None:
            backend.close()
        city.stop()


def _own_path() -> dict[str, str]:
    """The environment in which Python finds this checkout before an installed one."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _fill(simulators: Sequence[Mapping[str, Any]], people: Sequence[Resident]) -> None:
    """Give each resident as many applications, complaints and proposals as they shall have."""
    control = {one["id"]: one["control"] for one in simulators}
    kinds = {"e-kelurahan": "permohonan", "lapor": "report", "sipd-rkpd": "usulan"}
    places = itertools.cycle(sorted({one.name for one in kelurahan()}))
    with httpx.Client(trust_env=False, timeout=30) as client:
        for resident in people:
            for place in range(resident.records):
                for system, kind in kinds.items():
                    record = {"kind": kind, "nik": resident.nik, "kelurahan": next(places)}
                    if system == "e-kelurahan":
                        record["tahap"] = _KELURAHAN_KINDS[place % len(_KELURAHAN_KINDS)]
                    if system == "lapor":
                        record["rahasia"] = "1"  # or the public list would grow with the number of residents
                    client.post(f"{control[system]}/records", json=record).raise_for_status()


def _name(system: str, office: Mapping[str, Any]) -> str:
    return f"{system}/{office['id']}" if "id" in office else system


def _start_backend(folder: Path, tables: Mapping[str, Mapping[str, Any]], core: int) -> Backend:
    plan = [
        {"name": _name(system, office), "url": office["base_url"], "seal": _SEALS.get(system, ""), "secrets": office}
        for system, table in tables.items()
        for office in table["offices"]
        if "base_url" in office
    ]
    (folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.backend", folder / "plan.json"]
    log = folder / "backend.log"
    process = start("The backend", command, core=core, log=log, folder=ROOT, environment=_own_path())
    wait_until(lambda: log.read_bytes().endswith(b"\n"), process)
    return Backend(process, json.loads(log.read_text("utf-8").splitlines()[-1]))


def _write_overlays(
    systems: Path, tables: Mapping[str, Mapping[str, Any]], ports: Mapping[str, int]
) -> dict[str, Mapping[str, Any]]:
    """Write the overlays with the backend's addresses; return the settings of each office."""
    systems.mkdir()
    settings: dict[str, Mapping[str, Any]] = {}
    for system, table in tables.items():
        lines: list[str] = []
        for office in table["offices"]:
            name = _name(system, office)
            changed = dict(office)
            if "base_url" in office:
                # The agencies' quotas would end the measurement; the simulators have none either.
                granted = {"per_minute": _GRANTED_PER_MINUTE, "per_day": _GRANTED_PER_MINUTE}
                changed |= {"base_url": f"http://127.0.0.1:{ports[name]}", **granted}
            settings[name] = changed
            lines += ["[[offices]]", *(f"{key} = {json.dumps(value)}" for key, value in changed.items()), ""]
        (systems / f"{system}.toml").write_text("\n".join(lines), "utf-8")
    for path in (ROOT / "config" / "systems").glob("*.toml"):
        if path.stem not in tables:
            (systems / path.name).write_text(f'[system]\nid = "{path.stem}"\nlive = false\n', "utf-8")
    return settings


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def new_master_key() -> str:
    """A master key for a temporary home."""
    return secrets.token_urlsafe(32)


def pause(seconds: float) -> None:
    """Wait, for what has no event to wait for."""
    time.sleep(seconds)
