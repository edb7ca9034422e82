"""What a process holds: memory, descriptors, threads, tasks and connections, sampled during a run, and its growth."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import aiohttp

FIGURES: Final = ("rss_mb", "anonymous_mb", "descriptors", "threads", "tasks", "upstream_connections")
_ALLOWED: Final[Mapping[str, tuple[float, float]]] = {
    "rss_mb": (0.05, 4.0),
    "anonymous_mb": (0.05, 4.0),
    "descriptors": (0.10, 10.0),
    "threads": (0.0, 3.0),
    "tasks": (0.10, 10.0),
    "upstream_connections": (0.10, 10.0),
}
"""The growth that is allowed under load: a share of the first value, and at least so much."""
_ALLOWED_AT_REST: Final[Mapping[str, float]] = {
    "descriptors": 4.0, "threads": 4.0, "tasks": 2.0, "upstream_connections": 6.0,
}  # fmt: skip
"""The difference that is allowed between the rest before and after the load. Pools of threads fill up late, and
feeds keep a connection for their next fetch."""
MEMORY_SECONDS: Final = 240.0
"""How long the stores of ready answers, statements and callers take to fill up to their bounds."""
_MEMORY: Final = frozenset({"rss_mb", "anonymous_mb"})
_ESTABLISHED: Final = "01"


@dataclass(frozen=True, slots=True)
class Resources:
    """One sample, `at` seconds after the start of the load."""

    at: float
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """How one figure grew, from the first part of a run to the last. `allowed`: None if it is not judged."""

    figure: str
    first: float
    last: float
    allowed: float | None

    @property
    def flat(self) -> bool:
        """Whether the growth is allowed."""
        return self.allowed is None or self.last - self.first <= self.allowed

    def as_json(self) -> dict[str, Any]:
        """The growth as a JSON object."""
        numbers = {"first": self.first, "last": self.last, "growth": self.last - self.first}
        rounded = {name: round(one, 2) for name, one in numbers.items()}
        allowed = None if self.allowed is None else round(self.allowed, 2)
        return {"figure": self.figure, **rounded, "allowed": allowed, "flat": self.flat}


@dataclass(slots=True)
class ResourceSampler:
    """Samples a gateway process by its process id, its operator's address, and the ports of the systems."""

    pid: int
    metrics: str
    ports: frozenset[int]
    http: aiohttp.ClientSession
    samples: list[Resources] = field(default_factory=list)

    async def run(self, pause: float, clock: Callable[[], float]) -> None:
        """Take a sample each `pause` seconds, until cancelled. `clock`: seconds since the start of the load."""
        while True:
            self.samples.append(Resources(clock(), await self.take()))
            await asyncio.sleep(pause)

    async def least(self, seconds: float, pause: float = 0.25) -> Mapping[str, float]:
        """The least value of each figure over some seconds: what is held even when nothing happens."""
        taken = []
        for _ in range(max(1, round(seconds / pause))):
            taken.append(await self.take())
            await asyncio.sleep(pause)
        return {name: min(one[name] for one in taken) for name in FIGURES}

    async def take(self) -> Mapping[str, float]:
        """Take one sample."""
        process = Path(f"/proc/{self.pid}")
        status = _kilobytes(process / "status")
        async with self.http.get(self.metrics) as answer:
            tasks = re.search(r"^gerbang_asyncio_tasks ([\d.]+)$", await answer.text(), re.MULTILINE)
        links = [_link(entry) for entry in (process / "fd").iterdir()]
        return {
            "rss_mb": status["VmRSS"] * 1024 / 1e6,
            "anonymous_mb": anonymous_megabytes(process),
            "descriptors": len(links),
            "threads": len(list((process / "task").iterdir())),
            "tasks": float(tasks[1]) if tasks else 0.0,
            "upstream_connections": self._upstream_connections(process, links),
        }

    def _upstream_connections(self, process: Path, links: Sequence[str]) -> int:
        own = {link[8:-1] for link in links if link.startswith("socket:[")}
        found = 0
        for line in (process / "net" / "tcp").read_text("ascii").splitlines()[1:]:
            _, _, remote, state, *_, inode = line.split()[:10]
            found += state == _ESTABLISHED and inode in own and int(remote.rpartition(":")[2], 16) in self.ports
        return found


def anonymous_megabytes(process: Path) -> float:
    """The anonymous memory of a process in megabytes (10⁶ bytes), with what is swapped out. `process`: /proc/PID.

    Unlike the proportional set size (PSS), it does not change when another process that maps the same libraries ends.
    """
    memory = _kilobytes(process / "smaps_rollup")
    return (memory["Anonymous"] + memory.get("Swap", 0)) * 1024 / 1e6


def growth_under_load(samples: Sequence[Resources], warm_up: float) -> list[Growth]:
    """Compare the first and the last third of the samples after the warm-up, in seconds: see `_held`.

    Memory is not judged after a shorter warm-up than `MEMORY_SECONDS`: bounded stores fill up for so long.
    """
    judged = [one for one in samples if one.at >= warm_up]
    third = len(judged) // 3
    if not third:
        return []
    found = []
    for name, (share, least) in _ALLOWED.items():
        first = _held(name, [one.figures[name] for one in judged[:third]])
        last = _held(name, [one.figures[name] for one in judged[-third:]])
        judged_too = name not in _MEMORY or warm_up >= MEMORY_SECONDS
        found.append(Growth(name, first, last, max(share * first, least) if judged_too else None))
    return found


def _held(figure: str, values: Sequence[float]) -> float:
    """What is held: the median of memory; of a count the first decile, since more is in use while a system hangs."""
    ordered = sorted(values)
    return median(ordered) if figure in _MEMORY else ordered[len(ordered) // 10]


def growth_at_rest(before: Mapping[str, float], after: Mapping[str, float]) -> list[Growth]:
    """Compare what is held at rest before and after the load."""
    return [Growth(name, before[name], after[name], allowed) for name, allowed in _ALLOWED_AT_REST.items()]


def _kilobytes(path: Path) -> dict[str, int]:
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if len(words) == 3 and words[2] == "kB"}


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
