"""`make soak`: load the gateway for some minutes while systems fail and recover, and check every answer.

    .venv/bin/python -m benchmarks.soak [--minutes 15] [--seed 1]

Starts the whole simulated city and the gateway in production mode, and callers: anonymous ones who read lists, ask with
`If-None-Match` and search, and residents who read their lists and overviews or sign in. Records appear and vanish, and
faults of the simulators come and go as the seed says. Ends with code 1 if an answer was wrong, or if the gateway holds
more and more memory, descriptors, threads, tasks or connections. Writes `results/soak.json` and `results/soak.md`.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.gerbang import Gerbang
from benchmarks.processes import BenchmarkError
from benchmarks.report import RESULTS
from benchmarks.soak.city import SoakCity, open_city
from benchmarks.soak.report import write_report
from benchmarks.soak.run import run_soak
from benchmarks.testbed import ROOT, free_port, residents

RESIDENTS: Final = 40
_ENVIRONMENT: Final = {
    # Snapshots change often, and what was broken is tried again soon: a run of minutes then meets many changes.
    "GERBANG_FEEDS__EVERY": json.dumps({"lapor": "PT4S", "rtmc": "PT5S", "sipd-rkpd": "PT10S", "atcs": "PT10S"}),
    "GERBANG_UPSTREAM__LONGEST_HOLD": "PT3S",
    "GERBANG_UPSTREAM__QUOTA_RETRY": "PT2S",
    "GERBANG_UPSTREAM__LOGIN_AGAIN": "PT2S",
}


@contextmanager
def _gateway(folder: Path, city: SoakCity) -> Iterator[tuple[Gerbang, str]]:
    address = f"127.0.0.1:{free_port()}"
    environment = {**_ENVIRONMENT, "GERBANG_METRICS_ADDRESS": address}
    gateway = Gerbang(ROOT, folder / "gerbang", city, environment=environment)
    try:
        gateway.start()
        yield gateway, f"http://{address}/metrics"
    finally:
        gateway.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the report is written")
    options = parser.parse_args(arguments)
    people = residents(RESIDENTS)
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gerbang-soak-")))
            city = stack.enter_context(open_city(folder, people))
            gateway, metrics = stack.enter_context(_gateway(folder, city))
            report = asyncio.run(run_soak(city, gateway, metrics, options))
    except BenchmarkError as error:
        sys.exit(str(error))
    print(f"\n{write_report(report, options.folder).read_text('utf-8')}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
