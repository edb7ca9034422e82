"""The files that a running city writes: `city.json` for tools, and the gateway's overlays.

They contain the credentials of the agencies, so only their owner can read them.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

Ready = Mapping[str, Any]
"""The description that a ready simulator prints: id, office, url, control, pid, settings."""

CITY_FILE: Final = "city.json"
PEOPLE_FILE: Final = "people.json"


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, with mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    draft.replace(path)


def _toml(value: str | int | bool) -> str:  # noqa: FBT001 - a value, not a switch
    # JSON strings, numbers and booleans are valid TOML, except that TOML requires DEL to be escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return ("folder", unquote(parts.path))
    return ("url" if parts.scheme == "sqlite" else "base_url", url)


def _office(simulator: Ready) -> Iterator[str]:
    yield "[[offices]]"
    if simulator["office"] is not None:
        yield f"id = {_toml(simulator['office'])}"
    values = dict([_place(simulator["url"])]) | dict(simulator["settings"])
    for name, value in values.items():
        yield f"{name} = {_toml(value)}"


def overlay(simulators: Iterable[Ready]) -> str:
    """Return the TOML overlay of one system: one `[[offices]]` table for each of its simulators."""
    return "\n\n".join("\n".join(_office(simulator)) for simulator in simulators) + "\n"


def write_city_files(home: Path, simulators: list[Ready], people: Mapping[str, str | None]) -> None:
    """Write the overlays and the NIKs of the demonstration people, then `city.json` as the sign of completion."""
    write_private(home / PEOPLE_FILE, json.dumps(dict(people), indent=2) + "\n")
    for system in sorted({simulator["id"] for simulator in simulators}):
        write_private(
            home / "systems" / f"{system}.toml",
            overlay(simulator for simulator in simulators if simulator["id"] == system),
        )
    write_private(home / CITY_FILE, json.dumps({"simulators": simulators}, indent=2) + "\n")


def delete_city_files(home: Path) -> None:
    """Delete the files of `publish`, because other programs may soon use the addresses."""
    (home / CITY_FILE).unlink(missing_ok=True)
    for path in (home / "systems").glob("*.toml"):
        path.unlink(missing_ok=True)
