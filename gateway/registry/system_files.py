"""Reads `systems/*.toml`, one file for each system; a later folder overrides an earlier one, offices by id."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.ground.errors import GerbangError

OfficeId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class RegistryError(GerbangError):
    """A system cannot be registered; one sentence names it and the reason."""


class _OfficeTable(BaseModel):
    """An `[[offices]]` table, of which only the id is checked here; the adapter's settings check the rest."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    id: OfficeId | None = None


class _SystemFile(BaseModel):
    """The tables of a system's file."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    system: dict[str, Any] = {}
    adapter: dict[str, Any] = {}
    offices: tuple[_OfficeTable, ...] = ()


def read_systems(folders: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """The tables of every system by its id, the file's name."""
    systems: dict[str, dict[str, Any]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise RegistryError(f"The folder of systems {folder} does not exist.")
        for path in sorted(folder.glob("*.toml")):
            systems[path.stem] = _overridden(systems.get(path.stem, {}), _read(path))
    return systems


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file. Raises `RegistryError`."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistryError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistryError(f"The settings file {path} is not TOML: {error}.") from None


def first_error(error: ValidationError) -> str:
    """The location and message of the first error, without the given value."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _read(path: Path) -> dict[str, Any]:
    tables = read_toml(path)
    try:
        offices = _SystemFile.model_validate(tables).offices
    except ValidationError as error:
        raise RegistryError(f"The settings file {path} is not right: {first_error(error)}.") from None
    ids = [office.id for office in offices]
    duplicate = next((office_id for office_id in ids if ids.count(office_id) > 1), "")
    if duplicate != "":
        raise RegistryError(f"The settings file {path} is not right: two offices have the id {duplicate or '(none)'}.")
    return tables


def _overridden(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    offices: dict[str | None, dict[str, Any]] = {office.get("id"): office for office in below.get("offices", [])}
    for office in above.get("offices", []):
        offices[office.get("id")] = {**offices.get(office.get("id"), {}), **office}
    tables = {name: {**below.get(name, {}), **above.get(name, {})} for name in ("system", "adapter")}
    return {**tables, "offices": list(offices.values())}
