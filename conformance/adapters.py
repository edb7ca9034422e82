"""Which adapters there are to be checked: in the tree, installed, and remote ones that are granted here."""

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
    """The remote adapters that `config/systems` grants, as granted. Raises `RegistryError`."""
    tables = read_systems([SYSTEMS] if SYSTEMS.is_dir() else [])
    return {
        system: granted_spec(system, table["adapter"])
        for system, table in tables.items()
        if table["system"].get("kind") == SystemKind.REMOTE
    }


def every_system() -> list[str]:
    """The ids of all adapters in the tree and all remote ones that are granted here."""
    return [*BUILTIN, *remote_systems()]


def adapter_of(system: str, fixtures: Path | None = None) -> Adapter:
    """The adapter of a system, wherever it is. `fixtures`: where its golden pairs are. Raises `GerbangError`."""
    module = BUILTIN.get(system)
    if module is not None:
        return _in_the_tree(system, module, fixtures)
    return _installed(system, fixtures) or _remote(system, fixtures)


def _in_the_tree(system: str, module: str, fixtures: Path | None) -> Adapter:
    try:
        package = importlib.import_module(module)
    except ImportError as error:
        raise SuiteError(f"The adapter {system} cannot be imported: {error}.") from None
    spec = getattr(package, "SPEC", None)
    if not isinstance(spec, AdapterSpec):
        raise SuiteError(f"The adapter {system} has no SPEC.")
    return Adapter(spec, package, _fixtures(fixtures, module.rpartition(".")[2]))


def _installed(system: str, fixtures: Path | None) -> Adapter | None:
    entries = installed_adapters()
    spec = load_installed(system, entries, BUILTIN)
    if spec is None:
        return None
    module = next(entry.module for entry in entries if entry.name == system)
    return Adapter(spec, _package(system, module), _fixtures(fixtures, system.replace("-", "_")), installed=True)


def _package(system: str, module: str) -> ModuleType:
    """The package in which the SPEC stands, in its `__init__` or in a module below."""
    for name in (module, module.rpartition(".")[0]):
        found = importlib.import_module(name) if name else None
        if found is not None and hasattr(found, "__path__"):
            return found
    raise SuiteError(f"The installed adapter {system} is a single module; what is checked is a package.")


def _remote(system: str, fixtures: Path | None) -> Adapter:
    known = remote_systems()
    if system not in known:
        raise SuiteError(f"There is no adapter {system}; there are: {', '.join((*BUILTIN, *known))}.")
    package = importlib.import_module(spec_of.__module__)
    return Adapter(known[system], package, _fixtures(fixtures, system.replace("-", "_")), remote=True)


def _fixtures(given: Path | None, name: str) -> Path | None:
    root = given or _TREE / "tests" / "adapters"
    return root / name if root.is_dir() else None
