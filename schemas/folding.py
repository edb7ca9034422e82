"""Folding: one form for the spellings and abbreviations of a word in this city, so that a search finds all of them.

Upper and lower case, accents and signs are ignored. Abbreviations (`Jl.`, `Kel.`, `Sei`) become the whole word, a
Banjarese or pre-1972 spelling that offices still use becomes the present one, and a trailing `-nya` ("the") is removed.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.texts import Text

_WORD: Final = re.compile(r"[^\W_]+")
_WHOLE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "jl": ("jalan",),
        "jln": ("jalan",),
        "gg": ("gang",),
        "kel": ("kelurahan",),
        "kec": ("kecamatan",),
        "no": ("nomor",),
        "sei": ("sungai",),
        "sungei": ("sungai",),
        "pkm": ("puskesmas",),
        "rs": ("rumah", "sakit"),
        "rsud": ("rumah", "sakit", "umum", "daerah"),
        "benua": ("banua",),
        "masjid": ("mesjid",),
        "ijin": ("izin",),
        "nopember": ("november",),
        "pebruari": ("februari",),
        "achmad": ("ahmad",),
        "soetojo": ("sutoyo",),
        "soetoyo": ("sutoyo",),
        "sutojo": ("sutoyo",),
        "soekarno": ("sukarno",),
        "soedirman": ("sudirman",),
        "soeprapto": ("suprapto",),
    }
)
_THE: Final = "nya"
_SHORTEST_STEM: Final = 4


def folded(*texts: str | Text | None) -> tuple[str, ...]:
    """Return the folded words of some texts, in order; of a text in two languages, the words of both."""
    words: list[str] = []
    for text in texts:
        if isinstance(text, Text):
            words += folded(text.id, text.en)
        elif text:
            for word in _WORD.findall(_plain(text)):
                words += _whole(word)
    return tuple(words)


def _plain(text: str) -> str:
    """Return the text without case and accents. ASCII texts, the majority, take a fast path."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in apart if not unicodedata.combining(character))


def _whole(word: str) -> tuple[str, ...]:
    stem = word.removesuffix(_THE)
    if len(stem) >= _SHORTEST_STEM:
        word = stem
    return _WHOLE.get(word) or (word,)
