"""The receipt code in brackets at the end of a free text, by which a write is found: `Jalan rusak [GB-7F3K2Q]`."""

import re
from typing import Final

_CODE: Final = re.compile(r"\[[A-Z]{2}-[0-9A-Z]{4,32}\]")


def with_code(text: str, code: str) -> str:
    """Return `text` as it is sent, with the code appended."""
    return f"{text} {mark(code)}"


def mark(code: str) -> str:
    """Return the code in brackets, as it is written into a text and searched for."""
    return f"[{code}]"


def ends_with_code(text: str | None, code: str) -> bool:
    """Return whether the text ends with this code. A code elsewhere in the text was typed by a person."""
    return (text or "").rstrip().endswith(mark(code))


def without_code(text: str) -> str:
    """Return the text as its author wrote it. Only the end is checked, however many trailing blanks there are."""
    kept = text.rstrip()
    start = kept.rfind("[")
    return kept[:start].rstrip() if start >= 0 and _CODE.fullmatch(kept, start) else text
