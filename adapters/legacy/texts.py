"""Text columns: cleaning of what people typed from what programs added."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from html import unescape
from typing import Final

from adapters.legacy.charsets import repair_mojibake
from adapters.legacy.reading import Reading, absent
from schemas.doubts import DoubtCode

PLACEHOLDERS: Final[AbstractSet[str]] = frozenset(
    {"-", "--", ".", "0", "x", "null", "n/a", "tidak ada", "belum ada", "data tidak ditemukan.", "- pilih -"}
)
_CHOOSE: Final = "pilih "
# Comments, scripts and styles, tags, declarations. Marked sections such as CDATA count as text. Each alternative stops
# at the next tag, or runs to the end at once: otherwise a megabyte of unclosed tags would take hours.
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
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ .-]?\d){9,}")
WITHHELD: Final = "[nomor disamarkan]"
_TITLES: Final = re.compile(r"^((H|HJ|M|MUH|MUHAMMAD)\.?\s+)+")


def mask_long_numbers(text: str) -> str:
    """Return text that staff typed for the public, without telephone numbers, NIK and card numbers.

    A run of ten or more digits, with single blanks, points or hyphens between them, becomes `WITHHELD`. Names in words
    are not recognised.
    """
    return _LONG_NUMBER.sub(WITHHELD, text)


def _printable(text: str) -> str:
    """Remove control characters, lone surrogates, byte order marks and characters that XML forbids."""
    if text.isprintable():  # nearly every text; none of the removed characters is printable
        return text
    return "".join(
        c for c in text if c in _KEPT_CONTROLS or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _NO_TEXT)
    )


def _right_charset(text: str, *, double_encoded: bool) -> tuple[str, tuple[DoubtCode, ...]]:
    """Return the text, repaired if its column is declared to be encoded twice, else with a doubt. ASCII is right."""
    if text.isascii():
        return text, ()
    repaired = repair_mojibake(text)
    if repaired is None:
        return text, ()
    return (repaired, ()) if double_encoded else (text, (DoubtCode.TEXT_ENCODING,))


def _one_line(text: str) -> str:
    """Return the printable characters in NFC, with blanks and line breaks collapsed. ASCII is in NFC."""
    text = _printable(text)
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())


def plain_text(
    written: str | None,
    *,
    placeholders: AbstractSet[str] = PLACEHOLDERS,
    html: bool = False,
    double_encoded: bool = False,
    spreadsheet: bool = False,
) -> Reading[str]:
    """Return one line of text: NFC, without control characters, with blanks and line breaks collapsed.

    Declared per column: the words (in lower case) that stand for no value, whether the text may contain HTML, whether
    its UTF-8 was encoded twice, whether a spreadsheet's leading apostrophe may precede it. A text that merely looks
    encoded twice is not changed, and gets a doubt.
    """
    if written is None:
        return absent()
    doubts: tuple[DoubtCode, ...] = ()
    if written.isascii() and written.isprintable() and not html:
        # Most texts: they were not encoded twice, and only their blanks can be wrong.
        text = " ".join(written.split())
    else:
        text, doubts = _right_charset(written, double_encoded=double_encoded)
        if html:
            text, tags = _MARKUP.subn("", text)
            text = unescape(text)
            doubts = (*doubts, DoubtCode.HTML_DISCARDED) if tags else doubts
        text = _one_line(text)
    if spreadsheet:
        text = text.removeprefix("'").strip()
    if not text:
        return absent(*doubts)
    if placeholders:
        folded = text.casefold()
        if folded in placeholders or folded.startswith(_CHOOSE):
            return absent(*doubts, DoubtCode.PLACEHOLDER)
    return Reading(text, doubts)


def refusal_text(written: str | None) -> str:
    """Return a system's reason for a refusal as one line, shortened to 200 characters; empty when it gives none."""
    return (plain_text(written, placeholders=frozenset()).value or "")[:_LONGEST_REASON].rstrip()


def code_text(written: str | None) -> str | None:
    """Return a code without surrounding blanks and trailing dots: `2.15.02. ` is 2.15.02."""
    if written is None:
        return None
    return "".join(_printable(written).split()).rstrip(".") or None


def search_key(name: str) -> str:
    """Fold a name for searching: upper case, no dots, no leading titles. Never a proof that two people are the same."""
    folded = " ".join(unicodedata.normalize("NFKC", name).upper().replace(".", " ").split())
    return _TITLES.sub("", folded)
