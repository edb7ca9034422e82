"""Profile the gateway under one workload: a flame graph, and a table of functions.

    .venv/bin/python -m benchmarks.profile WORKLOAD [--connections 8] [--seconds 10]

Starts the recorded city and the gateway as `make bench` does, loads the gateway by wrk, and lets py-spy sample its
stacks meanwhile. Writes `results/profile/WORKLOAD.svg`, a flame graph for a browser, `WORKLOAD.folded`, the same stacks
as text (one line each: functions from the outermost to the innermost, and the number of samples), and
`WORKLOAD.md`, a table of functions: `own` is the share of samples in the function itself, `total` the share in it and
all that it calls. A sample counts threads that use the processor or hold the interpreter; idle ones are left out.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.gerbang import Gerbang
from benchmarks.load import Load, run_wrk
from benchmarks.processes import BenchmarkError, alone, cores
from benchmarks.report import RESULTS
from benchmarks.testbed import ROOT, open_testbed, residents
from benchmarks.workloads import WORKLOADS, Workload, requests_for, warm_up

FOLDER: Final = RESULTS / "profile"
_RATE: Final = 250
"""Samples a second; more would slow the gateway itself."""
_ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class FunctionShare:
    """A function by name and file. `own` and `total` are numbers of samples."""

    function: str
    own: int
    total: int


def function_shares(folded: Iterable[str]) -> tuple[int, list[FunctionShare]]:
    """Count the samples of each function in folded stacks; return all samples, and the functions, the costliest first.

    A function that calls itself counts once a stack.
    """
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    samples = 0
    for line in folded:
        stack, _, count = line.rpartition(" ")
        if not count.isdigit():
            continue
        frames = [frame for frame in stack.split(";") if frame] or ["unknown"]
        samples += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            total[frame] += int(count)
    found = [FunctionShare(function, own[function], count) for function, count in total.items()]
    return samples, sorted(found, key=lambda one: (-one.own, -one.total, one.function))


def page_of(workload: Workload, samples: int, shares: Sequence[FunctionShare], load: Load) -> str:
    """The table as a page."""
    lines = [
        f"# Profile of `{workload.name}`: `GET {workload.target}`",
        "",
        f"{samples:,} samples, {load.per_second:,.0f} requests/s, {load.refused} refused, {load.broken} broken.",
        "",
        "| own | total | function |",
        "| ---: | ---: | --- |",
    ]
    lines += [
        f"| {one.own / samples:.1%} | {one.total / samples:.1%} | `{one.function}` |"
        for one in shares[:_ROWS]
        if samples
    ]
    return "\n".join(lines) + "\n"


def profile(workload: Workload, connections: int, seconds: float) -> Path:
    """Profile one workload; return the path of the table. Raises `BenchmarkError` if py-spy cannot do it."""
    spy = shutil.which("py-spy", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
    if spy is None:
        raise BenchmarkError("py-spy is not installed; `make bench` installs it with the other tools.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gerbang-profile-") as name, open_testbed(Path(name), residents()) as bed:
        gateway = Gerbang(ROOT, Path(name) / "gerbang", bed)
        try:
            gateway.start()
            warm_up(gateway, bed.residents)
            bed.replay_only()
            requests = requests_for(gateway, workload, bed.residents)
            load = _sample(spy, gateway, workload, requests, connections=connections, seconds=seconds)
        finally:
            gateway.stop()
    folded = (FOLDER / f"{workload.name}.folded").read_text("utf-8").splitlines()
    samples, shares = function_shares(folded)
    page = FOLDER / f"{workload.name}.md"
    page.write_text(page_of(workload, samples, shares, load), "utf-8")
    return page


def _sample(
    spy: str, gateway: Gerbang, workload: Workload, requests: Path, *, connections: int, seconds: float
) -> Load:
    """Load the gateway while py-spy records its stacks twice: as a picture, and as text."""
    _, core = cores()
    with ThreadPoolExecutor(1) as pool:
        # py-spy needs a moment to start, and the two recordings follow each other.
        load = pool.submit(run_wrk, gateway.port, requests, connections=connections, seconds=2 * seconds + 2, core=core)
        for form, ending in (("flamegraph", "svg"), ("raw", "folded")):
            output = FOLDER / f"{workload.name}.{ending}"
            command = [spy, "record", "--pid", str(gateway.running.pid), "--format", form, "--output", str(output)]
            command += ["--duration", str(max(1, round(seconds))), "--rate", str(_RATE), "--nonblocking", "--function"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BenchmarkError(f"py-spy has failed; it may need root:\n{done.stderr[-1000:]}")
        return load.result()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=[*WORKLOADS])
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    try:
        with alone():
            page = profile(WORKLOADS[options.workload], options.connections, options.seconds)
    except BenchmarkError as error:
        sys.exit(str(error))
    print(page.read_text("utf-8"))


if __name__ == "__main__":
    main()
