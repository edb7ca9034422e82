"""What the running city leaves in its folder: `city.json` for whoever drives it, and the gateway's overlays.

All of it is readable by its owner only, since the agencies' credentials stand in it.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

Ready = Mapping[str, Any]
"""What a simulator's process says when it answers: id, office, url, control, pid, settings."""

CITY_FILE: Final = "city.json"
PEOPLE_FILE: Final = "people.json"


def write_private(path: Path, text: str) -> None:
    """Put a file there whole or not at all, with mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    draft.replace(path)


def _toml(value: str | int | bool) -> str:  # noqa: FBT001 - a value, not a switch
    # JSON's texts, numbers and truth values are TOML's, but for DEL, which TOML wants escaped too.
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
    """The overlay of one system in TOML: one `[[offices]]` table for each of its simulators."""
    return "\n\n".join("\n".join(_office(simulator)) for simulator in simulators) + "\n"


def publish(home: Path, simulators: list[Ready], people: Mapping[str, str | None]) -> None:
    """Write the overlays and the demonstration people's NIK, then `city.json`: once that is there, everything is."""
    write_private(home / PEOPLE_FILE, json.dumps(dict(people), indent=2) + "\n")
    for system in sorted({simulator["id"] for simulator in simulators}):
        write_private(
            home / "systems" / f"{system}.toml",
            overlay(simulator for simulator in simulators if simulator["id"] == system),
        )
    write_private(home / CITY_FILE, json.dumps({"simulators": simulators}, indent=2) + "\n")


def withdraw(home: Path) -> None:
    """Take away what `publish` wrote: the addresses may soon be somebody else's."""
    (home / CITY_FILE).unlink(missing_ok=True)
    for path in (home / "systems").glob("*.toml"):
        path.unlink(missing_ok=True)
