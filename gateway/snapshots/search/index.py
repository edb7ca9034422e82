"""A prefix index of records: which records contain a word with a given prefix, in the headline or another field.

It contains only what callers may see of the records: masked text cannot be found.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final

from schemas.folding import folded
from schemas.records import Body, Record
from schemas.resources import Resource

HEADLINE, OTHER_FIELD = 8, 3
"""The weight of an exact match, by where the word is."""
_PREFIX_FACTOR: Final = 0.625
"""The factor for a match of a prefix only."""


class Index:
    """The words of records, with their positions in the indexed list."""

    def __init__(self, resource: Resource[Any, Any], records: Iterable[Record[Body]]) -> None:
        found: dict[str, dict[int, int]] = {}
        for position, record in enumerate(records):
            for word, weight in _weights(resource, record.body).items():
                found.setdefault(word, {})[position] = weight
        self._words = sorted(found)
        self._positions = found

    def find(self, words: Iterable[str]) -> dict[int, float]:
        """The positions of the records that contain all of these folded words, with their scores."""
        scores: dict[int, float] | None = None
        for word in dict.fromkeys(words):
            matches = self._matches(word)
            combined = (
                matches
                if scores is None
                else {at: score + matches[at] for at, score in scores.items() if at in matches}
            )
            scores = combined
            if not scores:
                break
        return scores or {}

    def _matches(self, word: str) -> dict[int, float]:
        best: dict[int, float] = {}
        for number in range(bisect_left(self._words, word), len(self._words)):
            candidate = self._words[number]
            if not candidate.startswith(word):
                break
            factor = 1.0 if candidate == word else _PREFIX_FACTOR
            for position, weight in self._positions[candidate].items():
                best[position] = max(best.get(position, 0.0), weight * factor)
        return best


def _weights(resource: Resource[Any, Any], body: Body) -> dict[str, int]:
    headline, *rest = resource.searched(body) if resource.searched else (None,)
    weights = dict.fromkeys(folded(*rest), OTHER_FIELD)
    weights.update(dict.fromkeys(folded(headline), HEADLINE))
    return weights
