"""What every experiment of one run shares: the gateway, the peers, the testbed, and how long to measure."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.gerbang import Gerbang
from benchmarks.peers.catalogue import RunningPeer
from benchmarks.processes import BenchmarkError, cores
from benchmarks.rounds import Plan
from benchmarks.testbed import ROOT, Testbed


@dataclass(slots=True)
class Bench:
    """One run. `missing` says of each peer that could not be started why; `say` prints a line of progress."""

    folder: Path
    testbed: Testbed
    gateway: Gerbang
    plan: Plan
    quick: bool
    say: Callable[[str], None]
    peers: dict[str, RunningPeer] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    gateways: list[Gerbang] = field(default_factory=list)

    def another_gateway(self, name: str, environment: Mapping[str, str] | None = None) -> Gerbang:
        """A further gateway of this checkout with an empty home, not started yet. It ends with the run."""
        gateway = Gerbang(self.gateway.checkout, self.folder / name, self.testbed, name, dict(environment or {}))
        self.gateways.append(gateway)
        return gateway

    def client(self, module: str, *arguments: object) -> Mapping[str, Any]:
        """Run one of the load programs of this package on the core of the load; return its line of JSON."""
        _, core = cores()
        command = ["taskset", "-c", str(core), sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchmarkError(f"benchmarks.{module} has failed:\n{done.stderr[-1000:]}")
        answer: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def write_systems(folder: Path, tables: Mapping[str, Sequence[str]]) -> Path:
    """Write a folder of systems' files, one for each system, from its lines."""
    folder.mkdir()
    for system, lines in tables.items():
        (folder / f"{system}.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def office_lines(settings: Mapping[str, Any]) -> list[str]:
    """The table of an office."""
    return ["[[offices]]", *(f"{name} = {json.dumps(value)}" for name, value in settings.items())]
