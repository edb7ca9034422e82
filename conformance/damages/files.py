"""Damages to a folder: to one file of a kind, or to all files."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from adapters.errors import UpstreamMalformedError, UpstreamUnavailableError
from conformance.damages import bodies
from conformance.damages.verdicts import Allowed, Errors

_OVERSIZED: Final = 50_000_000
_BOM: Final = b"\xef\xbb\xbf"
MALFORMED_OR_UNAVAILABLE: Final[Errors] = frozenset({UpstreamMalformedError, UpstreamUnavailableError})
UNAVAILABLE: Final[Errors] = frozenset({UpstreamUnavailableError})

Alter = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class FileDamage:
    """One way of damaging a file. `act` returns whether the file could be damaged; `id` is shown in reports."""

    id: str
    act: Callable[[Path], bool]
    allowed: Allowed


def _altered(alter: Alter, path: Path) -> bool:
    content = alter(path.read_bytes())
    if content is None:
        return False
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)
    return True


def _oversized(path: Path) -> bool:
    # A sparse file takes no disk space.
    os.truncate(path, _OVERSIZED)
    return True


def _half(content: bytes) -> bytes | None:
    """Return the first half of an archive; None for a text, whose end cannot be recognised."""
    return None if bodies.is_text(content) else content[: len(content) // 2]


def _in_parts(content: bytes, part: bytes) -> bytes | None:
    """Return an archive whose XML parts all contain `part`, except those that list the other parts."""

    def changed(name: str, _own: bytes) -> bytes | None:
        return part if name.endswith(".xml") and "Content_Types" not in name and "workbook" not in name else None

    return bodies.with_part(content, changed)


def _file(name: str, alter: Alter, allowed: Allowed) -> FileDamage:
    return FileDamage(name, partial(_altered, alter), allowed)


_BROKEN: Final = Allowed(errors=MALFORMED_OR_UNAVAILABLE)
_TEXT: Final = Allowed(errors=MALFORMED_OR_UNAVAILABLE, survives=True)

FILES: Final[Mapping[str, tuple[FileDamage, ...]]] = MappingProxyType(
    {
        "contents": (
            _file("an empty file", lambda _own: b"", _BROKEN),
            _file("half a file", _half, _BROKEN),
            _file("a page under its name", lambda _own: bodies.PAGE, _BROKEN),
            _file("garbage", lambda _own: bodies.GARBAGE, _BROKEN),
            _file("wrong charset", bodies.in_utf_16, _TEXT),
            _file("a BOM", lambda own: _BOM + own if bodies.is_text(own) else None, _TEXT),
        ),
        "bombs": (
            FileDamage("50 MB", _oversized, _BROKEN),
            _file("a decompression bomb", bodies.zip_bomb, _BROKEN),
            _file("an XML bomb", lambda own: _in_parts(own, bodies.xml_bomb()), _BROKEN),
            _file("10,000 levels", lambda own: _in_parts(own, bodies.deep_xml()), _BROKEN),
        ),
    }
)
"""Damages to a single file, by the rule that uses them. A damage that does not apply to a file is skipped."""
