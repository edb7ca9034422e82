"""The schedule of faults: which simulator has which fault from when to when, made from a seed before the run."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from benchmarks.soak.city import Controls

RECOVERY_SECONDS: Final = 20.0
"""How long after its fault a system may still be reported as failed: circuits, pauses and sessions take time."""
_PAUSE: Final = (1.0, 8.0)
_LASTS: Final = (5.0, 25.0)
_MOST_AT_ONCE: Final = 3


@dataclass(frozen=True, slots=True)
class ScheduledFault:
    """A fault of a simulator, in seconds from the start of the schedule."""

    simulator: str
    kind: str
    begins: float
    ends: float


def schedule(seed: int, supported: Mapping[str, Sequence[str]], seconds: float) -> list[ScheduledFault]:
    """Faults for a run of some seconds: up to three at once, never two of one simulator, each kind in turn."""
    random = Random(seed)
    pairs = [(simulator, kind) for simulator, kinds in sorted(supported.items()) for kind in sorted(kinds)]
    found: list[ScheduledFault] = []
    begins, left = random.uniform(*_PAUSE), list[tuple[str, str]]()
    while True:
        if not left:
            left = random.sample(pairs, len(pairs))
        simulator, kind = left.pop()
        begins = max(begins, *(one.ends for one in found if one.simulator == simulator), 0.0)
        running = sorted(one.ends for one in found if one.ends > begins)
        if len(running) >= _MOST_AT_ONCE:
            begins = running[-_MOST_AT_ONCE]
        ends = begins + random.uniform(*_LASTS)
        if ends > seconds:
            return found
        found.append(ScheduledFault(simulator, kind, begins, ends))
        begins += random.uniform(*_PAUSE)


@dataclass(slots=True)
class FaultTimes:
    """Which system had a fault when: begin and end in seconds since the epoch, the end of a running one infinite."""

    periods: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def explains(self, system: str, start: float, end: float) -> bool:
        """Whether the system had a fault between these times, or shortly before."""
        return any(begun <= end and start <= ended + RECOVERY_SECONDS for begun, ended in self.periods.get(system, ()))


@dataclass(slots=True)
class FaultRun:
    """Sets faults by their schedule, and notes their times."""

    controls: Controls
    faults: Sequence[ScheduledFault]
    times: FaultTimes = field(default_factory=FaultTimes)

    async def run(self) -> None:
        """Set and end each fault at its time."""
        start = time.time()
        async with asyncio.TaskGroup() as group:
            for fault in self.faults:
                group.create_task(self._one(fault, start))

    async def _one(self, fault: ScheduledFault, start: float) -> None:
        await asyncio.sleep(start + fault.begins - time.time())
        began = time.time()
        periods = self.times.periods.setdefault(fault.simulator.partition("/")[0], [])
        place = len(periods)
        periods.append((began, math.inf))
        await self.controls.set_fault(fault.simulator, fault.kind)
        try:
            await asyncio.sleep(max(0.0, start + fault.ends - time.time()))
        finally:
            await self.controls.set_fault(fault.simulator, "none")
            periods[place] = (began, time.time())
