"""Installed adapters: distributions with an entry point in the group `gerbang.adapters`, named after their system.

    [project.entry-points."gerbang.adapters"]
    perpustakaan = "gerbang_perpustakaan:SPEC"

Nothing of a distribution is run because it is installed: only when `systems/<id>.toml` says `kind = "installed"`.
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
    """An adapter cannot be used; the message is for the operator, `reason` is what anybody may be told of it."""

    def __init__(self, sentence: str, reason: Text) -> None:
        super().__init__(sentence)
        self.reason = reason


def installed_adapters() -> tuple[EntryPoint, ...]:
    """Every entry point of the group, as the distributions on the path declare them; none of them is loaded."""
    return tuple(entry_points(group=GROUP))


def distribution_of(entry: EntryPoint) -> str:
    """The name and version of the distribution that brings an entry point."""
    found = entry.dist
    return f"{found.name} {found.version}" if found is not None else "(unknown)"


def load_installed(
    system_id: str, entries: Iterable[EntryPoint], builtin: Mapping[str, str]
) -> AdapterSpec[Any] | None:
    """The installed adapter of a system; None where no distribution has one. Raises `BrokenAdapterError`."""
    found = [entry for entry in entries if entry.name == system_id]
    if not found:
        return None
    refuse_clash(system_id, found, builtin)
    whose = f"The installed adapter {system_id} of the distribution {distribution_of(found[0])}"
    return load_checked(whose, system_id, found[0].load)


def refuse_clash(system_id: str, entries: Iterable[EntryPoint], builtin: Mapping[str, str]) -> None:
    """Raise `BrokenAdapterError` where an id is claimed more than once: it would be left to chance who answers."""
    claims = [f"the distribution {distribution_of(entry)}" for entry in entries if entry.name == system_id]
    claims += ["the adapter in the tree"] if claims and system_id in builtin else []
    if len(claims) > 1:
        raise BrokenAdapterError(
            f"The system {system_id} is claimed by {' and by '.join(claims)}: uninstall what is not meant.",
            Text(id="Lebih dari satu adaptor memakai kode ini.", en="More than one adapter claims this id."),
        )


def load_checked(whose: str, system_id: str, load: Callable[[], object]) -> AdapterSpec[Any]:
    """What `load` gives, a SPEC or a module with one. Whatever goes wrong meanwhile is a `BrokenAdapterError`."""
    try:
        loaded = load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's code; whatever it does is told
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise BrokenAdapterError(
            f"{whose} cannot be loaded ({said}).",
            Text(
                id=f"Adaptor tidak dapat dimuat ({type(error).__name__}).",
                en=f"The adapter cannot be loaded ({type(error).__name__}).",
            ),
        ) from None
    spec = getattr(loaded, "SPEC", None) if isinstance(loaded, ModuleType) else loaded
    if not isinstance(spec, AdapterSpec):
        raise BrokenAdapterError(
            f"{whose} is none: its SPEC is no AdapterSpec but {type(spec).__name__}.",
            Text(id="Yang dimuat bukan adaptor.", en="What was loaded is no adapter."),
        )
    if spec.id != system_id:
        raise BrokenAdapterError(
            f"{whose} says that its id is {spec.id}.",
            Text(id="Adaptor menyebut kode lain.", en="The adapter states another id."),
        )
    return spec
