"""Texts with markup: replaces the text between tags, and keeps only the names of tags."""

import html
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

_TAG: Final = re.compile(
    r"<(/?)(a|b|body|br|button|center|code|div|em|font|form|h[1-6]|head|hr|html|i|img|input|label|li|ol|option|p|pre|"
    r"select|small|span|strong|style|sub|sup|table|tbody|td|textarea|tfoot|th|thead|title|tr|u|ul)(?:\s[^<>]*)?(/?)>",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"<!.*?>", re.DOTALL)
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_DEEPEST: Final = 5


def unescaped(text: str) -> str:
    """The text without entities and percent-encoding, however often it was escaped."""
    for _ in range(_DEEPEST):
        plain = html.unescape(text)
        plain = unquote(plain) if _ESCAPED.search(plain) else plain
        if plain == text:
            break
        text = plain
    return text


def in_markup(text: str, replaced: Callable[[str], str]) -> str:
    """The text with every part between tags replaced. Anything that is no known tag counts as text."""
    if "<" not in text and "&" not in text:
        return replaced(unescaped(text))
    parts, last = [], 0
    text = _COMMENT.sub(" ", text)
    for tag in _TAG.finditer(text):
        parts += [_part(text[last : tag.start()], replaced), f"<{tag[1]}{tag[2]}{tag[3]}>"]
        last = tag.end()
    return "".join([*parts, _part(text[last:], replaced)])


def _part(text: str, replaced: Callable[[str], str]) -> str:
    return html.escape(replaced(unescaped(text)), quote=False)
