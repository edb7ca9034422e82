"""Bytes to text by the declared charset, and text that went through the wrong one on its way.

What MySQL calls latin1 is windows-1252 with the five unused bytes kept as control characters; so is "latin1" here.
"""

import codecs
import re
from typing import Final

from adapters.legacy.reading import Reading
from schemas.quality import QualityCode

_TABLE: Final = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
_BYTES: Final = {ord(character): byte for byte, character in enumerate(_TABLE)}
_LATIN1_NAMES: Final = frozenset({"latin1", "latin-1", "iso-8859-1", "iso8859-1", "windows-1252", "cp1252"})
# What the two first bytes of a UTF-8 character become: a letter with an accent, then one of the upper half's signs.
_SUSPECT: Final = re.compile(f"[{_TABLE[0xC2:0xF5]}][{re.escape(_TABLE[0x80:0xC0])}]")


def decode(content: bytes, charset: str) -> Reading[str]:
    """The text of `content` in its declared charset, without a byte order mark.

    Bytes that mean nothing in it become U+FFFD, with a doubt. "latin1" means windows-1252. Raises `LookupError` for
    a charset that does not exist: that is a mistake of the adapter.
    """
    if charset.lower() in _LATIN1_NAMES:
        return Reading(codecs.charmap_decode(content, "strict", _TABLE)[0])
    try:
        return Reading(content.decode(charset).removeprefix("\ufeff"))
    except UnicodeDecodeError:
        return Reading(content.decode(charset, "replace").removeprefix("\ufeff"), (QualityCode.TEXT_ENCODING,))


def repaired(text: str) -> str | None:
    """What `text` was before its UTF-8 bytes were taken for latin1, or None when that is not what happened."""
    if not _SUSPECT.search(text):
        return None
    try:
        return bytes(_BYTES[ord(character)] for character in text).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
