"""The final check: refuses to save texts that still contain a personal word or number, in any encoding.

It uses the list of replaced values, and the forms of personal numbers; apart from the list it shares nothing with the
replacer.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.adapter_tools.recorder.fragments import unescaped
from gateway.adapter_tools.recorder.standins import HOST, RESERVED, StandIns
from gateway.adapter_tools.recorder.vocabulary import words_of
from gateway.ground.errors import GerbangError

_SHORTEST_WORD: Final = 3
_SHORTEST_NUMBER: Final = 8
_RUNS: Final = re.compile(r"\d(?:[ .\-/()_']{0,2}\d){7,}")
_NIK: Final = re.compile(r"(?<!\d)(?:1[1-9]|2[1-9]|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])\d{14}(?!\d)")
_FRACTION: Final = re.compile(r"(?<![\d.])\d{1,3}\.\d{5,}(?![\d.])")
_MAIL: Final = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_CODED: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


class SurvivedError(GerbangError):
    """Possible personal data would have been saved; nothing was saved."""


def refuse_survivors(
    texts: Iterable[str], standins: StandIns, vocabulary: frozenset[str], subject: Iterable[str]
) -> None:
    """Raise `SurvivedError` for personal data in the texts to be saved; its message names the kind."""
    words = {word for word in standins.words if len(word) >= _SHORTEST_WORD}
    words -= vocabulary | set(standins.words.values()) | words_of(HOST)
    numbers = {number for number in (*standins.numbers, *subject) if len(number) >= _SHORTEST_NUMBER}
    drawn = set(standins.numbers.values())
    for text in texts:
        for decoded in _decodings(text):
            found = _personal_data(decoded, words, numbers - drawn, drawn)
            if found:
                raise SurvivedError(f"Nothing was saved: {found} would have been left in it.")


def _decodings(text: str) -> Iterator[str]:
    """The text as it is, without its escapes, and the decoded base64 parts."""
    plain = unescaped(text)
    yield plain
    for coded in _CODED.findall(plain):
        try:
            yield base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_").decode("utf-8")
        except (ValueError, binascii.Error):
            continue


def _personal_data(text: str, words: set[str], numbers: set[str], drawn: set[str]) -> str | None:
    if words & words_of(text):
        return "a word that was replaced elsewhere"
    if any(number in run for run in _runs(text) for number in numbers):
        return "a number that was replaced elsewhere"
    # The many digits of a position are a fraction, and no NIK.
    runs = _runs(_FRACTION.sub(" ", text))
    if any(not found.startswith(RESERVED) and found not in drawn for run in runs for found in _NIK.findall(run)):
        return "what looks like a NIK"
    if any(host.casefold() != HOST for host in _MAIL.findall(text)):
        return "an e-mail address"
    return None


def _runs(text: str) -> set[str]:
    """Every long row of digits, without separators."""
    return {re.sub(r"\D", "", run) for run in _RUNS.findall(text)}
