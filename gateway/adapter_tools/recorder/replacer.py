"""Replaces every value in a text or a JSON tree that is not known to be impersonal."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from gateway.adapter_tools.recorder.columns import ColumnKind, kind_of
from gateway.adapter_tools.recorder.dates import DATE, Births, middle_of_year, parts_of, written_like
from gateway.adapter_tools.recorder.fragments import in_markup, unescaped
from gateway.adapter_tools.recorder.standins import HOST, StandIns
from gateway.adapter_tools.recorder.vocabulary import WORD, region_codes, words_of

_TOKEN: Final = re.compile(
    r"(?P<sealed>[A-Za-z0-9+/_=-]{64,})|"
    r"(?P<email>[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+)"
    r"|(?P<address>\b[A-Za-z][A-Za-z+.-]{1,10}://[^\s<>\"']+)"
    rf"|(?P<date>(?P<day>{DATE})(?:[T ]+\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)"
    r"|(?P<clock>(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d))"
    r"|(?P<number>\d+(?:[ .,\-/()_']{1,2}\d+)*)"
    r"|(?P<word>[^\W\d_]+)",
    re.IGNORECASE,
)
SEALED: Final = "Q09OVE9I"
"""The replacement for pictures, sealed texts and other unreadable values."""
_RUN: Final = re.compile(r"\d+")
_PHONE: Final = re.compile(r"(?:62|0)?8\d{7,11}")
_DEGREES: Final = re.compile(r"(?:1[0-7]\d|\d{1,2})[.,]\d{1,18}")
_EPOCH: Final = re.compile(r"(?:9[5-9]|1\d\d|2[01]\d)\d{7}(?:\d{3})?")
_KEPT_DIGITS: Final = 4
_WHOLE_RUN: Final = 8
_OF_A_PERSON: Final = 13
_SHORTEST_NAME: Final = 3
_CODE: Final = 2
_LARGEST: Final = 10.0**18
_IN_FULL: Final = frozenset({ColumnKind.PERSON, ColumnKind.BIRTH})
_OPEN: Final = frozenset({ColumnKind.MOMENT, ColumnKind.PLAIN})
_BY_THE_DIGIT: Final = frozenset({ColumnKind.ADDRESS, ColumnKind.BIRTH, ColumnKind.PERSON, ColumnKind.POSITION})


class Replacer:
    """Replaces personal values, after `learn` has collected all of them, so that the order is irrelevant.

    `vocabulary`: impersonal words. `today`: the date of the recording. `plain`: columns that the developer declares
    impersonal.
    """

    def __init__(
        self, standins: StandIns, vocabulary: frozenset[str], today: date, plain: frozenset[str] = frozenset()
    ) -> None:
        self._standins = standins
        self._vocabulary = vocabulary
        self._plain = plain
        self._names: set[str] = set()
        self._births = Births(today)
        self.declared: set[str] = set()
        """Words that are kept because the developer declares their column impersonal."""

    def learn(self, value: Any, column: str = "") -> None:  # noqa: ANN401 - JSON
        """Collect people's names and birth dates, so that they are recognised everywhere."""
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self.learn(inner, str(name))
        elif isinstance(value, list | tuple):
            for inner in value:
                self.learn(inner, column)
        elif isinstance(value, str | int | float):
            self._learn(str(value), kind_of(column, self._plain))

    def _learn(self, text: str, kind: ColumnKind) -> None:
        if kind is ColumnKind.PERSON:
            self._names |= {word for word in words_of(text) if len(word) >= _SHORTEST_NAME}
        self._births.learn(text, of_a_person=kind is ColumnKind.BIRTH)

    def tree(self, value: Any, column: str = "") -> Any:  # noqa: ANN401 - JSON
        """The tree with replaced values."""
        if isinstance(value, Mapping):
            return {self._name(str(name)): self.tree(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(inner, column) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        return self.text(value, column) if isinstance(value, str) else self._number(value, column)

    def text(self, text: str, column: str = "") -> str:
        """The text with replaced values."""
        if text.lstrip()[:1] in ("{", "["):
            try:
                return json.dumps(self.tree(json.loads(text), column), ensure_ascii=False)
            except (ValueError, RecursionError):
                pass  # truncated JSON, for instance: treat it as text
        kind = kind_of(column, self._plain)
        return in_markup(text, lambda part: self._replace(part, kind))

    def _replace(self, text: str, kind: ColumnKind) -> str:
        whole = text.strip()
        if whole in region_codes() or (kind is ColumnKind.UNKNOWN and len(whole) <= _CODE and whole.isalpha()):
            return text
        return _TOKEN.sub(lambda found: self._token(found, kind, whole), text)

    def _token(self, found: re.Match[str], kind: ColumnKind, whole: str) -> str:
        token, group = found[0], str(found.lastgroup)
        replacements: Mapping[str, Callable[[], str]] = {
            "sealed": lambda: SEALED,
            "email": lambda: self._standins.word("".join(WORD.findall(token.partition("@")[0])) or "x") + f"@{HOST}",
            "address": lambda: self._address(token),
            "date": lambda: self._date(found["day"], kind, alone=token == whole) + token.removeprefix(found["day"]),
            "clock": lambda: token,
            "number": lambda: self._digits(token, kind, alone=token == whole),
            "word": lambda: token if self._is_impersonal(token.casefold(), kind) else self._standins.word(token),
        }
        return replacements[group]()

    def _is_impersonal(self, word: str, kind: ColumnKind) -> bool:
        if kind in _IN_FULL:
            return False
        if kind is ColumnKind.PLAIN and word not in self._names:
            self.declared.add(word)
            return True
        return word in self._vocabulary and (kind is ColumnKind.REGION or word not in self._names)

    def _address(self, token: str) -> str:
        """A network address: the scheme, a reserved host, and the path with only known words kept."""
        scheme, _, rest = unescaped(token).partition("://")
        path = rest.partition("/")[2]
        return f"{scheme}://{HOST}/{self._replace(path, ColumnKind.UNKNOWN)}"

    def _date(self, token: str, kind: ColumnKind, *, alone: bool) -> str:
        day = parts_of(token)
        if kind is ColumnKind.PLAIN and (day is None or day not in self._births):
            return token
        if kind is ColumnKind.MOMENT and alone and not self._births.may_hold(day or middle_of_year(token)):
            return token
        if day is None:
            return self._digits(token, kind, alone=alone)
        return written_like(token, *self._standins.day(day.day, day.month))

    def _digits(self, token: str, kind: ColumnKind, *, alone: bool) -> str:
        digits = "".join(_RUN.findall(token))
        if self._is_impersonal_number(token, digits, kind, alone=alone):
            return token
        if kind is ColumnKind.POSITION and _DEGREES.fullmatch(token):
            return re.sub(r"(?<=[.,]\d\d)\d+", lambda found: self._stand_in(found[0]), token)
        if any(len(run) >= _WHOLE_RUN for run in _RUN.findall(token)):
            return _RUN.sub(lambda found: self._stand_in(found[0]), token)
        drawn = iter(self._stand_in(digits))
        return re.sub(r"\d", lambda _: next(drawn), token)

    def _is_impersonal_number(self, token: str, digits: str, kind: ColumnKind, *, alone: bool) -> bool:
        """Whether these digits are impersonal: zeros, a region, a time, a short number outside of personal columns."""
        if not digits.strip("0") or token in region_codes():
            return True
        if kind in _OPEN and alone and _EPOCH.fullmatch(token):
            return kind is ColumnKind.PLAIN or not self._births.may_hold(
                datetime.fromtimestamp(int(token[:10]), UTC).date()
            )
        if kind is ColumnKind.PLAIN:
            return len(digits) < _OF_A_PERSON and not _PHONE.fullmatch(digits)
        return kind not in _BY_THE_DIGIT and len(digits) <= _KEPT_DIGITS

    def _stand_in(self, digits: str) -> str:
        if not digits.strip("0"):
            return digits
        return self._standins.phone(digits) if _PHONE.fullmatch(digits) else self._standins.digits(digits)

    def _number(self, value: int | float, column: str) -> int | float:
        kind = kind_of(column, self._plain)
        if isinstance(value, int) or (value.is_integer() and abs(value) < _LARGEST):
            drawn = int(self._digits(str(abs(int(value))), kind, alone=True)) * (-1 if value < 0 else 1)
            return type(value)(drawn)
        return float(self._digits(repr(value), kind, alone=True)) if kind is ColumnKind.POSITION else value

    def _name(self, name: str) -> str:
        """The name of a member: unchanged where all its words are in the vocabulary."""
        return (
            name
            if words_of(name) <= self._vocabulary and not re.search(r"\d{5}", name)
            else self._replace(name, ColumnKind.UNKNOWN)
        )
