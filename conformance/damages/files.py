"""Damages to a folder of files: to one file of a kind, or to all of it."""

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
BROKEN: Final[Errors] = frozenset({UpstreamMalformedError, UpstreamUnavailableError})
AWAY: Final[Errors] = frozenset({UpstreamUnavailableError})

Alter = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class FileDamage:
    """One way of damaging a file: `act` does it and says whether it could. `id` tells people which."""

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
    # Sparse, so that it takes no room.
    os.truncate(path, _OVERSIZED)
    return True


def _half(content: bytes) -> bytes | None:
    """The first half of an archive. Nothing in a text says where it should have ended."""
    return None if bodies.is_text(content) else content[: len(content) // 2]


def _in_parts(content: bytes, part: bytes) -> bytes | None:
    """An archive whose parts of XML, but for those that list the others, all hold `part`."""

    def changed(name: str, _own: bytes) -> bytes | None:
        return part if name.endswith(".xml") and "Content_Types" not in name and "workbook" not in name else None

    return bodies.with_part(content, changed)


def _file(name: str, alter: Alter, allowed: Allowed) -> FileDamage:
    return FileDamage(name, partial(_altered, alter), allowed)


_BROKEN: Final = Allowed(errors=BROKEN)
_TEXT: Final = Allowed(errors=BROKEN, survives=True)

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
"""Damages to a single file, by the rule that they belong to. What cannot be done to a file is not judged."""
