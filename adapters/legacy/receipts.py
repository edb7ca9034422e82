"""The receipt code that ends a free text, in brackets, by which a write is found again: `Jalan rusak [GB-7F3K2Q]`."""

import re
from typing import Final

_CODE: Final = re.compile(r"\[[A-Z]{2}-[0-9A-Z]{4,32}\]")


def with_code(text: str, code: str) -> str:
    """`text` as it is sent: the code stands at its end."""
    return f"{text} {mark(code)}"


def mark(code: str) -> str:
    """The code as it stands in a text, and as it is searched for."""
    return f"[{code}]"


def bears(text: str | None, code: str) -> bool:
    """Whether this code ends the text. One that stands elsewhere in it was typed by somebody."""
    return (text or "").rstrip().endswith(mark(code))


def without_code(text: str) -> str:
    """The text as whoever wrote it gave it. Only its end is looked at, however many blanks stand in it."""
    kept = text.rstrip()
    start = kept.rfind("[")
    return kept[:start].rstrip() if start >= 0 and _CODE.fullmatch(kept, start) else text
