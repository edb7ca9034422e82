"""The parameters of a new system, and their checks."""

import keyword
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from gateway.ground.errors import GerbangError

LONGEST_ID: Final = 32
LONGEST_TITLE: Final = 60
DEFAULT_AGENCY: Final = "diskominfotik"

_ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
# Characters that need no escaping between quotes or in tables of Python, TOML, JSON and Markdown.
_TITLE: Final = re.compile(r"[^\W_](?:[\w ,.:;()/&'’+–-]*[\w.)])?")
_RESERVED: Final = frozenset({"adapters", "conformance", "gateway", "gerbang", "schemas", "simulators", "tests"})


class ScaffoldError(GerbangError):
    """A new system cannot be generated; the message gives the reason in one sentence."""


class AccessMethod(StrEnum):
    """How the gateway reaches the new system."""

    HTTP = "http"
    SOAP = "soap"
    SQL = "sql"
    FILES = "files"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class NewSystem:
    """The values for the template."""

    id: str
    way: AccessMethod
    agency: str
    title: str
    title_en: str

    @property
    def package(self) -> str:
        """The name of its packages."""
        return self.id.replace("-", "_")


def new_system(
    tree: Path, system_id: str, way: AccessMethod, *, agency: str = "", title: str = "", title_en: str = ""
) -> NewSystem:
    """The parameters of a new system, checked against the source tree. Raises `ScaffoldError`."""
    _check_id(system_id)
    agency = agency or DEFAULT_AGENCY
    known = _agencies(tree / "config" / "agencies.toml")
    if agency not in known:
        raise ScaffoldError(f"There is no agency {agency} in config/agencies.toml; there are: {', '.join(known)}.")
    title = title or system_id.replace("-", " ").title()
    for given in (title, title_en or title):
        _check_title(given)
    return NewSystem(system_id, way, agency, title, title_en or title)


def _check_id(system_id: str) -> None:
    if len(system_id) > LONGEST_ID or not _ID.fullmatch(system_id):
        raise ScaffoldError(
            f"An id is kebab-case, a to z and 0 to 9, begins with a letter and has at most {LONGEST_ID} characters, "
            "such as air-minum."
        )
    if keyword.iskeyword(system_id) or system_id in _RESERVED:
        raise ScaffoldError(f"The word {system_id} is reserved; choose another id.")


def _check_title(title: str) -> None:
    if len(title) > LONGEST_TITLE or not _TITLE.fullmatch(title):
        raise ScaffoldError(
            f"A title has at most {LONGEST_TITLE} characters, on one line, without quotation marks or markup."
        )


def _agencies(path: Path) -> tuple[str, ...]:
    try:
        return tuple(entry["id"] for entry in tomllib.loads(path.read_text("utf-8"))["agencies"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ScaffoldError(f"{path} cannot be read: a new system is made in a source checkout.") from None
