"""Texts: what people typed, without what programs left in it."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from html import unescape
from typing import Final

from adapters.legacy.charsets import repaired
from adapters.legacy.reading import Reading, absent
from schemas.quality import QualityCode

PLACEHOLDERS: Final[AbstractSet[str]] = frozenset(
    {"-", "--", ".", "0", "x", "null", "n/a", "tidak ada", "belum ada", "data tidak ditemukan.", "- pilih -"}
)
_CHOOSE: Final = "pilih "
# Comments, what a browser never shows, tags, declarations. Marked sections such as CDATA are text here. Each looks no
# further than the next tag, or to the end at once: a parser takes hours over a megabyte of beginnings.
_MARKUP: Final = re.compile(
    r"""<!--.*?(?:-->|\Z)
    | <(script|style)\b[^<>]*+>.*?(?:</\1\s*+>|\Z)
    | </?[a-z](?:[^<>"']++ | "[^"<]*+" | '[^'<]*+')*+> | </?[a-z][^<>]*+>
    | <(?!!\[)[!?/][^<>]*+>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_KEPT_CONTROLS: Final = frozenset("\t\n\r")
_NO_TEXT: Final = frozenset("\ufeff\ufffe\uffff")
_LONGEST_REASON: Final = 200
_TITLES: Final = re.compile(r"^((H|HJ|M|MUH|MUHAMMAD)\.?\s+)+")


def _printable(text: str) -> str:
    """Without control characters, lone surrogates, byte order marks and what no document in XML may hold."""
    if text.isprintable():  # nearly every text, and nothing of these is
        return text
    return "".join(
        c for c in text if c in _KEPT_CONTROLS or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _NO_TEXT)
    )


def _without_tags(text: str) -> Reading[str]:
    """The text between tags, with entities unescaped once."""
    words, found = _MARKUP.subn("", text)
    return Reading(unescape(words), (QualityCode.HTML_DISCARDED,) if found else ())


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


def refusal_text(said: str | None) -> str:
    """Why a system refuses, in its own words: one line, no longer than a reason is; empty when it says nothing."""
    return (plain_text(said, placeholders=frozenset()).value or "")[:_LONGEST_REASON].rstrip()


def code_text(written: str | None) -> str | None:
    """A code of a list whose system leaves blanks around it and dots at its end: `2.15.02. ` is 2.15.02."""
    if written is None:
        return None
    return "".join(_printable(written).split()).rstrip(".") or None


def search_key(name: str) -> str:
    """A name folded for searching: capitals, no dots, no titles in front. Never a reason to take two people for one."""
    folded = " ".join(unicodedata.normalize("NFKC", name).upper().replace(".", " ").split())
    return _TITLES.sub("", folded)
