"""Find the adapters to check: in the source tree, in installed distributions, and granted remote adapters."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from adapters.contract import AdapterSpec
from adapters.remote import spec_of
from conformance.check_context import Adapter
from conformance.simulator_process import SuiteError
from gateway.registry.builtin import BUILTIN
from gateway.registry.installed import installed_adapters, load_installed
from gateway.registry.registry import SystemKind
from gateway.registry.remote_grants import granted_spec
from gateway.registry.system_files import read_systems

_TREE: Final = Path(__file__).resolve().parent.parent
SYSTEMS: Final = _TREE / "config" / "systems"


def remote_systems() -> dict[str, AdapterSpec[Any]]:
    """Return the specs of the remote adapters that `config/systems` grants. Raises `RegistryError`."""
    tables = read_systems([SYSTEMS] if SYSTEMS.is_dir() else [])
    return {
        system: granted_spec(system, table["adapter"])
        for system, table in tables.items()
        if table["system"].get("kind") == SystemKind.REMOTE
    }


def all_systems() -> list[str]:
    """Return the ids of all adapters in the source tree and of all granted remote adapters."""
    return [*BUILTIN, *remote_systems()]


def adapter_of(system: str, fixtures: Path | None = None) -> Adapter:
    """Return the adapter of a system. Raises `GerbangError`.

    `fixtures` is the folder that contains one folder of golden pairs per adapter; default: `tests/adapters`.
    """
    module = BUILTIN.get(system)
    if module is not None:
        return _from_source_tree(system, module, fixtures)
    return _from_distribution(system, fixtures) or _from_grants(system, fixtures)


def _from_source_tree(system: str, module: str, fixtures: Path | None) -> Adapter:
    try:
        package = importlib.import_module(module)
    except ImportError as error:
        raise SuiteError(f"The adapter {system} cannot be imported: {error}.") from None
    spec = getattr(package, "SPEC", None)
    if not isinstance(spec, AdapterSpec):
        raise SuiteError(f"The adapter {system} has no SPEC.")
    return Adapter(spec, package, _fixtures(fixtures, module.rpartition(".")[2]))


def _from_distribution(system: str, fixtures: Path | None) -> Adapter | None:
    entries = installed_adapters()
    spec = load_installed(system, entries, BUILTIN)
    if spec is None:
        return None
    module = next(entry.module for entry in entries if entry.name == system)
    return Adapter(spec, _package(system, module), _fixtures(fixtures, system.replace("-", "_")), installed=True)


def _package(system: str, module: str) -> ModuleType:
    """Return the package that contains the SPEC, in its `__init__` or in a submodule."""
    for name in (module, module.rpartition(".")[0]):
        package = importlib.import_module(name) if name else None
        if package is not None and hasattr(package, "__path__"):
            return package
    raise SuiteError(f"The installed adapter {system} is a single module; the suite checks packages only.")


def _from_grants(system: str, fixtures: Path | None) -> Adapter:
    granted = remote_systems()
    if system not in granted:
        raise SuiteError(f"There is no adapter {system}; there are: {', '.join((*BUILTIN, *granted))}.")
    package = importlib.import_module(spec_of.__module__)
    return Adapter(granted[system], package, _fixtures(fixtures, system.replace("-", "_")), remote=True)


def _fixtures(folder: Path | None, name: str) -> Path | None:
    root = folder or _TREE / "tests" / "adapters"
    return root / name if root.is_dir() else None
