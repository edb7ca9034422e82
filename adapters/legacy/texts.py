"""Texts: what people typed, without what programs left in it."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from html.parser import HTMLParser
from typing import Final

from adapters.legacy.charsets import repaired
from adapters.legacy.reading import Reading, absent
from schemas.quality import QualityCode

PLACEHOLDERS: Final[AbstractSet[str]] = frozenset(
    {"-", "--", ".", "0", "x", "null", "n/a", "tidak ada", "belum ada", "data tidak ditemukan.", "- pilih -"}
)
_CHOOSE: Final = "pilih "
_SILENT: Final = frozenset({"script", "style"})
_KEPT_CONTROLS: Final = frozenset("\t\n\r")
_TITLES: Final = re.compile(r"^((H|HJ|M|MUH|MUHAMMAD)\.?\s+)+")


def _printable(text: str) -> str:
    """Without control characters, lone surrogates and byte order marks."""
    return "".join(
        c for c in text if c in _KEPT_CONTROLS or (unicodedata.category(c) not in {"Cc", "Cs"} and c != "\ufeff")
    )


class _Words(HTMLParser):
    """Keeps the text between tags, with entities unescaped once."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags = 0
        self._silenced = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags += 1
        self._silenced += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        self.tags += 1
        self._silenced -= tag in _SILENT and self._silenced > 0

    def handle_data(self, data: str) -> None:
        if not self._silenced:
            self.words.append(data)


def _without_tags(text: str) -> Reading[str]:
    reader = _Words()
    # The parser knows marked sections such as CDATA, and fails on those that it does not know; here they are text.
    reader.feed(text.replace("<![", "&lt;!["))
    reader.close()
    return Reading("".join(reader.words), (QualityCode.HTML_DISCARDED,) if reader.tags else ())


def _right_charset(text: str, *, double_encoded: bool) -> Reading[str]:
    better = repaired(text)
    if better is None:
        return Reading(text)
    return Reading(better) if double_encoded else Reading(text, (QualityCode.TEXT_ENCODING,))


def plain_text(
    written: str | None,
    *,
    placeholders: AbstractSet[str] = PLACEHOLDERS,
    html: bool = False,
    double_encoded: bool = False,
    spreadsheet: bool = False,
) -> Reading[str]:
    """One line of text: NFC, blanks and line breaks collapsed, control characters gone.

    Declared per column: which words (in lower case) stand for nothing, whether HTML may stand in it, whether its UTF-8
    was encoded twice, whether a spreadsheet's leading apostrophe may stand in front. Text that only looks encoded
    twice is left as it is, with a doubt.
    """
    if written is None:
        return absent()
    charset = _right_charset(written, double_encoded=double_encoded)
    words = _without_tags(charset.value or "") if html else Reading(charset.value or "")
    doubts = (*charset.doubts, *words.doubts)
    text = " ".join(unicodedata.normalize("NFC", _printable(words.value or "")).split())
    text = text.removeprefix("'").strip() if spreadsheet else text
    if not text:
        return absent(*doubts)
    folded = text.casefold()
    if folded in placeholders or (placeholders and folded.startswith(_CHOOSE)):
        return absent(*doubts, QualityCode.PLACEHOLDER)
    return Reading(text, doubts)


def code_text(written: str | None) -> str | None:
    """A code of a list whose system leaves blanks around it and dots at its end: `2.15.02. ` is 2.15.02."""
    if written is None:
        return None
    return "".join(_printable(written).split()).rstrip(".") or None


def search_key(name: str) -> str:
    """A name folded for searching: capitals, no dots, no titles in front. Never a reason to take two people for one."""
    folded = " ".join(unicodedata.normalize("NFKC", name).upper().replace(".", " ").split())
    return _TITLES.sub("", folded)
