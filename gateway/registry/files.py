"""Reads `systems/*.toml`: one file for each system, a later folder laid over an earlier one, offices joined by id."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gateway.errors import GerbangError


class RegistryError(GerbangError):
    """A system cannot be registered; one sentence says which and why."""


def read_systems(folders: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """The tables of every system by its id, the file's name."""
    systems: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            systems[path.stem] = _laid_over(systems.get(path.stem, {}), _read(path))
    return systems


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistryError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistryError(f"The settings file {path} is not TOML: {error}.") from None


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    offices: dict[str | None, dict[str, Any]] = {office.get("id"): office for office in below.get("offices", [])}
    for office in above.get("offices", []):
        offices[office.get("id")] = {**offices.get(office.get("id"), {}), **office}
    system = {**below.get("system", {}), **above.get("system", {})}
    rest = {name: value for name, value in {**below, **above}.items() if name not in ("system", "offices")}
    return {**rest, "system": system, "offices": list(offices.values())}
