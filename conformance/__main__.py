"""The command line: `python -m conformance check [ID …] [--live] [--json] [--damages N] [--reports FOLDER] …`.

Exit code 0: every applicable rule passed. 1: a rule failed. 2: the check could not be carried out; one sentence on
standard error gives the reason.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from conformance.adapters import SYSTEMS, adapter_of, all_systems
from conformance.check_context import DAMAGES
from conformance.live import check_live, live_systems
from conformance.report import Report
from conformance.runner import check_adapter
from conformance.simulator_process import SuiteError
from gateway.ground.errors import GerbangError
from gateway.ground.garbage_collection import reduce_garbage_collection

_INTERRUPTED: Final = 130


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description="Checks adapters.")
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="check adapters against their simulators")
    check.add_argument("ids", nargs="*", metavar="ID", help="ids of systems; default: all")
    check.add_argument("--live", action="store_true", help="check the configured live systems, read-only")
    check.add_argument("--json", action="store_true", dest="as_json", help="print JSON: one report, or a list of them")
    check.add_argument("--damages", type=int, default=DAMAGES, help="number of damages per generating rule")
    check.add_argument("--reports", type=Path, help="folder in which to write each report as <id>.json")
    check.add_argument("--packaged", type=Path, help="folder of the levels that are shipped with the code")
    check.add_argument("--fixtures", type=Path, help="folder that contains one folder of golden pairs per adapter")
    return parser.parse_args(arguments)


def _check(arguments: argparse.Namespace) -> bool:
    if arguments.damages < 1:
        raise SuiteError("--damages must be at least 1.")
    reports: list[Report] = []
    for check in _checks(arguments):
        report = check()
        reports.append(report)
        _write_report(report, arguments)
        if not arguments.as_json:
            sys.stdout.write(("\n" if len(reports) > 1 else "") + report.table())
            sys.stdout.flush()
    if arguments.as_json:
        documents = [report.document() for report in reports]
        output = documents[0] if len(arguments.ids) == 1 else documents
        sys.stdout.write(json.dumps(output, ensure_ascii=False, indent=2) + "\n")
    return all(report.passed for report in reports)


def _checks(arguments: argparse.Namespace) -> list[Callable[[], Report]]:
    """Return one check per system. Raises `GerbangError` for an unusable system before any check runs."""
    ids = list(dict.fromkeys(arguments.ids))
    if arguments.live:
        settings, systems = live_systems(ids)
        unknown = next((system for system in ids if system not in systems), None)
        if unknown is not None:
            raise SuiteError(f"The system {unknown} is not configured as live in this installation.")
        chosen = [(adapter_of(system, arguments.fixtures), systems[system]) for system in ids or systems]
        return [partial(check_live, adapter, live, settings.database) for adapter, live in chosen]
    systems_folder = SYSTEMS if SYSTEMS.is_dir() else None
    adapters = [adapter_of(system, arguments.fixtures) for system in ids or all_systems()]
    return [partial(check_adapter, adapter, systems=systems_folder, damages=arguments.damages) for adapter in adapters]


def _write_report(report: Report, arguments: argparse.Namespace) -> None:
    try:
        if arguments.reports is not None:
            report.write(arguments.reports)
        if arguments.packaged is not None and not report.live:
            report.write_packaged(arguments.packaged)
    except OSError as error:
        raise SuiteError(f"The report cannot be written into {error.filename}: {error.strerror}.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    reduce_garbage_collection()
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
