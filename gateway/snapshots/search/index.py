"""An index of some records: which of them have a word that begins so, in their headline or elsewhere.

It is made of nothing but what may be seen of the records: what is masked in them cannot be found by anybody.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final

from schemas.folding import folded
from schemas.records import Body, Record
from schemas.resources import Resource

HEADLINE, ELSEWHERE = 8, 3
"""What a word counts for that is the very word that was asked for, by where it stands."""
_BEGINNING: Final = 0.625
"""The part of it that a longer word counts for."""


class Index:
    """The words of records, by their position in the list that was indexed."""

    def __init__(self, resource: Resource[Any, Any], records: Iterable[Record[Body]]) -> None:
        found: dict[str, dict[int, int]] = {}
        for position, record in enumerate(records):
            for word, weight in _weights(resource, record.body).items():
                found.setdefault(word, {})[position] = weight
        self._words = sorted(found)
        self._places = found

    def find(self, words: Iterable[str]) -> dict[int, float]:
        """The positions of records that have every one of these folded words, and how well each fits."""
        scores: dict[int, float] | None = None
        for word in dict.fromkeys(words):
            one = self._one(word)
            kept = one if scores is None else {at: score + one[at] for at, score in scores.items() if at in one}
            scores = kept
            if not scores:
                break
        return scores or {}

    def _one(self, word: str) -> dict[int, float]:
        best: dict[int, float] = {}
        for number in range(bisect_left(self._words, word), len(self._words)):
            longer = self._words[number]
            if not longer.startswith(word):
                break
            part = 1.0 if longer == word else _BEGINNING
            for position, weight in self._places[longer].items():
                best[position] = max(best.get(position, 0.0), weight * part)
        return best


def _weights(resource: Resource[Any, Any], body: Body) -> dict[str, int]:
    headline, *rest = resource.searched(body) if resource.searched else (None,)
    weights = dict.fromkeys(folded(*rest), ELSEWHERE)
    weights.update(dict.fromkeys(folded(headline), HEADLINE))
    return weights
