"""The command line: `python -m conformance check [ID …] [--live] [--json] [--damages N] [--reports FOLDER] …`.

Exit code 0: every rule that applies was passed. 1: some rule was broken. 2, with one sentence on standard error: the
check could not be carried out.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from conformance.adapters import SYSTEMS, adapter_of, every_system
from conformance.check_context import DAMAGES
from conformance.live import check_live, live_systems
from conformance.report import Report
from conformance.runner import check_adapter
from conformance.simulator_process import SuiteError
from gateway.ground.errors import GerbangError
from gateway.ground.garbage_collection import collect_less

_INTERRUPTED: Final = 130


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description="Checks adapters.")
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="check adapters against their simulators")
    check.add_argument("ids", nargs="*", metavar="ID", help="ids of systems; all when left out")
    check.add_argument("--live", action="store_true", help="the live systems as configured, by reading only")
    check.add_argument("--json", action="store_true", dest="as_json", help="print JSON: one report, or a list of them")
    check.add_argument("--damages", type=int, default=DAMAGES, help="how many damages each rule generates that does so")
    check.add_argument("--reports", type=Path, help="the folder in which each report is left as <id>.json")
    check.add_argument("--packaged", type=Path, help="the folder of the levels that come with the code")
    check.add_argument("--fixtures", type=Path, help="the folder that holds a folder of golden pairs for each adapter")
    return parser.parse_args(arguments)


def _check(asked: argparse.Namespace) -> bool:
    if asked.damages < 1:
        raise SuiteError("--damages is a number of damages.")
    reports: list[Report] = []
    for check in _checks(asked):
        report = check()
        reports.append(report)
        _keep(report, asked)
        if not asked.as_json:
            sys.stdout.write(("\n" if len(reports) > 1 else "") + report.table())
            sys.stdout.flush()
    if asked.as_json:
        documents = [report.document() for report in reports]
        told = documents[0] if len(asked.ids) == 1 else documents
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return all(report.passed for report in reports)


def _checks(asked: argparse.Namespace) -> list[Callable[[], Report]]:
    """What is to be carried out for each system; whatever cannot be is told before anything is."""
    ids = list(dict.fromkeys(asked.ids))
    if asked.live:
        settings, systems = live_systems(ids)
        unknown = next((system for system in ids if system not in systems), None)
        if unknown is not None:
            raise SuiteError(f"The system {unknown} is not live here.")
        chosen = [(adapter_of(system, asked.fixtures), systems[system]) for system in ids or systems]
        return [partial(check_live, adapter, live, settings.database) for adapter, live in chosen]
    systems_folder = SYSTEMS if SYSTEMS.is_dir() else None
    adapters = [adapter_of(system, asked.fixtures) for system in ids or every_system()]
    return [partial(check_adapter, one, systems=systems_folder, damages=asked.damages) for one in adapters]


def _keep(report: Report, asked: argparse.Namespace) -> None:
    try:
        if asked.reports is not None:
            report.keep(asked.reports)
        if asked.packaged is not None and not report.live:
            report.pack(asked.packaged)
    except OSError as error:
        raise SuiteError(f"The report cannot be written into {error.filename}: {error.strerror}.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    collect_less()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return 0 if _check(_arguments(arguments)) else 1
    except GerbangError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
