"""The command line: `python -m conformance check [ID …] [--json] [--reports FOLDER] [--fixtures FOLDER]`.

Exit code 0: every rule that applies was passed. 1: some rule was broken. 2, with one sentence on standard error: the
check could not be carried out.
"""

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from adapters.contract import AdapterSpec
from adapters.remote import spec_of
from conformance.bench import Adapter
from conformance.city import SuiteError
from conformance.report import Report
from conformance.running import check_adapter
from gateway.errors import GerbangError
from gateway.registry.builtin import BUILTIN
from gateway.registry.files import read_systems
from gateway.registry.registry import Kind
from gateway.registry.remote import granted_spec

_INTERRUPTED: Final = 130
_TREE: Final = Path(__file__).resolve().parent.parent
_SYSTEMS: Final = _TREE / "config" / "systems"


def remote_systems() -> dict[str, AdapterSpec[Any]]:
    """The remote adapters that `config/systems` grants, as granted. Raises `RegistryError`."""
    tables = read_systems([_SYSTEMS] if _SYSTEMS.is_dir() else [])
    return {
        system: granted_spec(system, table["adapter"])
        for system, table in tables.items()
        if table["system"].get("kind") == Kind.REMOTE
    }


def adapter_of(system: str, fixtures: Path | None) -> Adapter:
    """The adapter of a system in the tree, or of a remote one that is granted there. Raises `GerbangError`."""
    module = BUILTIN.get(system)
    if module is None:
        return _remote_adapter(system, fixtures)
    try:
        package = importlib.import_module(module)
    except ImportError as error:
        raise SuiteError(f"The adapter {system} cannot be imported: {error}.") from None
    spec = getattr(package, "SPEC", None)
    if not isinstance(spec, AdapterSpec):
        raise SuiteError(f"The adapter {system} has no SPEC.")
    return Adapter(spec, package, _fixtures(fixtures, module.rpartition(".")[2]))


def _remote_adapter(system: str, fixtures: Path | None) -> Adapter:
    known = remote_systems()
    if system not in known:
        raise SuiteError(f"There is no adapter {system}; there are: {', '.join((*BUILTIN, *known))}.")
    package = importlib.import_module(spec_of.__module__)
    return Adapter(known[system], package, _fixtures(fixtures, system.replace("-", "_")), remote=True)


def _fixtures(given: Path | None, name: str) -> Path | None:
    root = given or _TREE / "tests" / "adapters"
    return root / name if root.is_dir() else None


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description="Checks adapters.")
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="check adapters against their twins")
    check.add_argument("ids", nargs="*", metavar="ID", help="ids of systems; all when left out")
    check.add_argument("--json", action="store_true", dest="as_json", help="print JSON: one report, or a list of them")
    check.add_argument("--reports", type=Path, help="the folder in which each report is left as <id>.json")
    check.add_argument("--fixtures", type=Path, help="the folder that holds a folder of golden pairs for each adapter")
    return parser.parse_args(arguments)


def _check(asked: argparse.Namespace) -> bool:
    ids: list[str] = list(dict.fromkeys(asked.ids)) or [*BUILTIN, *remote_systems()]
    adapters = [adapter_of(system, asked.fixtures) for system in ids]
    reports: list[Report] = []
    for adapter in adapters:
        report = check_adapter(adapter, systems=_SYSTEMS if _SYSTEMS.is_dir() else None)
        reports.append(report)
        if asked.reports is not None:
            _keep(report, asked.reports)
        if not asked.as_json:
            sys.stdout.write(("\n" if len(reports) > 1 else "") + report.table())
            sys.stdout.flush()
    if asked.as_json:
        documents = [report.document() for report in reports]
        told = documents[0] if len(asked.ids) == 1 else documents
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return all(report.passed for report in reports)


def _keep(report: Report, folder: Path) -> None:
    try:
        report.keep(folder)
    except OSError as error:
        raise SuiteError(f"The report cannot be written into {folder}: {error.strerror}.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
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
