"""Decoding by the declared charset, and repair of text that was decoded with the wrong one (mojibake).

MySQL's "latin1" is windows-1252 with the five unused bytes kept as control characters; "latin1" means the same here.
"""

import codecs
import re
from typing import Final

from adapters.legacy.reading import Reading
from schemas.doubts import DoubtCode

_TABLE: Final = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
_BYTES: Final = {ord(character): byte for byte, character in enumerate(_TABLE)}
_LATIN1_NAMES: Final = frozenset({"latin1", "latin-1", "iso-8859-1", "iso8859-1", "windows-1252", "cp1252"})
# The first two bytes of a UTF-8 character read as latin1: an accented letter, then a sign of the upper half.
_SUSPECT: Final = re.compile(f"[{_TABLE[0xC2:0xF5]}][{re.escape(_TABLE[0x80:0xC0])}]")


def decode(content: bytes, charset: str) -> Reading[str]:
    """Return the text of `content` in its declared charset, without a byte order mark.

    Invalid bytes become U+FFFD, with a doubt. "latin1" means windows-1252. Raises `LookupError` for a charset that does
    not exist, which is an error in the adapter.
    """
    if charset.lower() in _LATIN1_NAMES:
        return Reading(codecs.charmap_decode(content, "strict", _TABLE)[0])
    try:
        return Reading(content.decode(charset).removeprefix("\ufeff"))
    except UnicodeDecodeError:
        return Reading(content.decode(charset, "replace").removeprefix("\ufeff"), (DoubtCode.TEXT_ENCODING,))


def repair_mojibake(text: str) -> str | None:
    """Return `text` as it was before its UTF-8 bytes were read as latin1; None when it is not such a text."""
    if not _SUSPECT.search(text):
        return None
    try:
        return bytes(_BYTES[ord(character)] for character in text).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
