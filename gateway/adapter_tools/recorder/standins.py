"""Replacement values for personal words, numbers and dates: always the same for the same value, and always different.

Drawn with a key that the developer keeps: without the key the original cannot be found, even though personal numbers
are few enough to be tried one by one.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Final

RESERVED: Final = "637199"
_CONSONANTS: Final = "qxzvwfkj"
_VOWELS: Final = "aiuo"
_LEGAL_DAYS: Final = 28
_WOMAN: Final = 40
HOST: Final = "contoh.invalid"


class StandIns:
    """Draws replacement values. A value is never replaced by itself."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.words: dict[str, str] = {}
        """The replacements by original word, folded."""
        self.numbers: dict[str, str] = {}

    def word(self, word: str) -> str:
        """A word of the same length and capitals that is no name."""
        folded = word.casefold()
        drawn = self.words.get(folded)
        if drawn is None:
            drawn = next(candidate for candidate in self._syllables(folded) if candidate != folded)
            self.words[folded] = drawn
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, drawn, strict=False))

    def digits(self, digits: str) -> str:
        """As many digits: about sixteen as a NIK, thirteen as an insurance card number, others freely."""
        drawn = self.numbers.get(digits)
        if drawn is None:
            drawn = next(candidate for candidate in self._numbers(digits) if candidate != digits)
            self.numbers[digits] = drawn
        return drawn

    def phone(self, digits: str) -> str:
        """A telephone number of an unassigned range, of the same length, with the same prefix."""
        prefix = next((prefix for prefix in ("62", "0") if digits.startswith(prefix)), "")
        tail = len(digits) - len(prefix) - 6
        drawn = prefix + "812008" + self._draw("phone", re.sub(r"^(62|0)", "", digits), max(tail, 1))
        self.numbers[digits] = drawn
        return drawn

    def day(self, day: int, month: int) -> tuple[int, int]:
        """Another day and month; the year is kept, so that ages stay plausible."""
        for count in range(1_000):
            stream = self._stream("day", f"{day:02d}{month:02d}/{count}")
            drawn = next(stream) % _LEGAL_DAYS + 1, next(stream) % 12 + 1
            if drawn != (day, month):
                return drawn
        raise AssertionError("no other day was drawn")

    def _numbers(self, digits: str) -> Iterator[str]:
        for count in range(1_000):
            yield self._number(digits, str(count))
        raise AssertionError("no other number was drawn")

    def _number(self, digits: str, salt: str) -> str:
        if len(digits) == 16:
            return RESERVED + self._claim(digits[6:12], salt) + self._serial(digits, salt)
        if 14 <= len(digits) <= 17:
            # A NIK with missing or additional digits: the error is preserved.
            return RESERVED + self._draw("long", digits + salt, len(digits) - 6)
        if len(digits) == 13:
            return "00099" + self._draw("card", digits + salt, 8)
        drawn, zeros = self._draw("digits", digits + salt, len(digits)), len(digits) - len(digits.lstrip("0"))
        return "0" * zeros + drawn[zeros : zeros + 1].replace("0", "7") + drawn[zeros + 1 :]

    def _claim(self, claim: str, salt: str) -> str:
        """The birth date in a NIK, replaced like a column of birth dates; the encoding for women is kept."""
        day, month, year = int(claim[:2]), int(claim[2:4]), claim[4:]
        woman = _WOMAN if day > _WOMAN else 0
        if not (1 <= day - woman <= 31 and 1 <= month <= 12):
            return self._draw("claim", claim + salt, 6)
        new_day, new_month = self.day(day - woman, month)
        return f"{new_day + woman:02d}{new_month:02d}{year}"

    def _serial(self, digits: str, salt: str) -> str:
        """Four digits; a final 0, which spreadsheets leave when they lose the last digit, is kept."""
        drawn = self._draw("serial", digits + salt, 4)
        return drawn[:3] + ("0" if digits.endswith("0") else drawn[3].replace("0", "5"))

    def _syllables(self, folded: str) -> Iterator[str]:
        for count in range(1_000):
            stream = self._stream("word", f"{folded}/{count}")
            yield "".join(
                (_VOWELS if place % 2 else _CONSONANTS)[next(stream) % (4 if place % 2 else 8)]
                for place in range(len(folded))
            )
        raise AssertionError("no other word was drawn")

    def _draw(self, purpose: str, value: str, size: int) -> str:
        stream = self._stream(purpose, value)
        return "".join(str(next(stream) % 10) for _ in range(size))

    def _stream(self, purpose: str, value: str) -> Iterator[int]:
        count = 0
        while True:
            yield from hmac.new(self._key, f"{purpose}/{value}/{count}".encode(), hashlib.sha256).digest()
            count += 1
