"""P12: the time of a start, and the resident memory of the process."""

from statistics import median

from benchmarks.bench import Bench
from benchmarks.goals import Goal


def start_goals(bench: Bench, after_load: float) -> list[Goal]:
    """The rows of P12. `after_load`: megabytes of the gateway that was loaded in all rounds.

    A cold start is one of a gateway that has been started before: its tables exist, and its snapshots are stored.
    """
    gateway = bench.another_gateway("starting")
    starts = []
    for number in range(2 if bench.quick else 5):
        started = gateway.start()
        gateway.stop()
        if number:
            starts.append(started)
    answered, ready = median(one.answered for one in starts), median(one.ready for one in starts)
    memory = median(one.memory for one in starts)
    return [
        Goal("P12", "cold start to the first answer", answered, 1.5, unit="seconds", more={"seconds_to_ready": ready}),
        Goal("P12", "resident memory when ready", memory, 150, unit="megabytes"),
        Goal("P12", "resident memory after the load of this run", after_load, 200, unit="megabytes"),
    ]
