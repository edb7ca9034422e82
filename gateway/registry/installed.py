"""Installed adapters: distributions with an entry point in the group `gerbang.adapters`, named after their system.

    [project.entry-points."gerbang.adapters"]
    perpustakaan = "gerbang_perpustakaan:SPEC"

A distribution's code runs only when `systems/<id>.toml` states `kind = "installed"`.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Final

from adapters.contract import AdapterSpec
from gateway.registry.system_files import RegistryError
from schemas.texts import Text

GROUP: Final = "gerbang.adapters"


class BrokenAdapterError(RegistryError):
    """An adapter cannot be used. The message is for the operator; `reason` is public."""

    def __init__(self, sentence: str, reason: Text) -> None:
        super().__init__(sentence)
        self.reason = reason


def installed_adapters() -> tuple[EntryPoint, ...]:
    """All entry points of the group, as the distributions on the path declare them; none of them is loaded."""
    return tuple(entry_points(group=GROUP))


def distribution_of(entry: EntryPoint) -> str:
    """The name and version of the distribution that contains an entry point."""
    found = entry.dist
    return f"{found.name} {found.version}" if found is not None else "(unknown)"


def load_installed(
    system_id: str, entries: Iterable[EntryPoint], builtin: Mapping[str, str]
) -> AdapterSpec[Any] | None:
    """Load the installed adapter of a system; None when no distribution has one. Raises `BrokenAdapterError`."""
    found = [entry for entry in entries if entry.name == system_id]
    if not found:
        return None
    refuse_clash(system_id, found, builtin)
    description = f"The installed adapter {system_id} of the distribution {distribution_of(found[0])}"
    return load_checked(description, system_id, found[0].load)


def refuse_clash(system_id: str, entries: Iterable[EntryPoint], builtin: Mapping[str, str]) -> None:
    """Raise `BrokenAdapterError` when several adapters claim an id: the choice between them would be arbitrary."""
    claims = [f"the distribution {distribution_of(entry)}" for entry in entries if entry.name == system_id]
    claims += ["the adapter in the tree"] if claims and system_id in builtin else []
    if len(claims) > 1:
        raise BrokenAdapterError(
            f"The system {system_id} is claimed by {' and by '.join(claims)}: uninstall what is not meant.",
            Text(id="Lebih dari satu adaptor memakai kode ini.", en="More than one adapter claims this id."),
        )


def load_checked(description: str, system_id: str, load: Callable[[], object]) -> AdapterSpec[Any]:
    """Return the SPEC that `load` returns, itself or in a module. Raises `BrokenAdapterError` for any failure."""
    try:
        loaded = load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - third-party code may raise anything; it is reported
        message = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise BrokenAdapterError(
            f"{description} cannot be loaded ({message}).",
            Text(
                id=f"Adaptor tidak dapat dimuat ({type(error).__name__}).",
                en=f"The adapter cannot be loaded ({type(error).__name__}).",
            ),
        ) from None
    spec = getattr(loaded, "SPEC", None) if isinstance(loaded, ModuleType) else loaded
    if not isinstance(spec, AdapterSpec):
        raise BrokenAdapterError(
            f"{description} is none: its SPEC is no AdapterSpec but {type(spec).__name__}.",
            Text(id="Yang dimuat bukan adaptor.", en="What was loaded is no adapter."),
        )
    if spec.id != system_id:
        raise BrokenAdapterError(
            f"{description} has the id {spec.id}.",
            Text(id="Adaptor menyebut kode lain.", en="The adapter states another id."),
        )
    return spec
