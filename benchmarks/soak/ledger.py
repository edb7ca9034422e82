"""The records that the simulators hold, each with the times between which it was there.

A record is named by a mark: a text that its canonical form shows too. The initial records are read from the databases
of the simulators, and each change that is made during the run is noted with the times before and after it. So the
answer to a question that lasted from one time to another can be judged: records that were there all that time must be
in it, and records that were never there in that time must not.

All times are Unix times, since the gateway and the simulators run on the same machine.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

PUBLIC: Final = "umum"
"""The owner of the public complaints; all other owners are accounts."""


@dataclass(slots=True)
class HeldRecord:
    """One record: it appeared between two times, and went between two times; `-inf`: before the run, `inf`: not yet."""

    mark: str
    appeared_after: float = -math.inf
    appeared_before: float = -math.inf
    gone_after: float = math.inf
    gone_before: float = math.inf

    def always_there(self, start: float, end: float) -> bool:
        """Whether it was there during the whole time."""
        return self.appeared_before < start and end < self.gone_after

    def ever_there(self, start: float, end: float) -> bool:
        """Whether it may have been there at some moment of this time."""
        return self.appeared_after < end and start < self.gone_before


class Ledger:
    """All records, by owner and resource (`application`, `complaint`, …)."""

    def __init__(self) -> None:
        self._records: defaultdict[tuple[str, str], list[HeldRecord]] = defaultdict(list)

    def add_initial(self, owner: str, resource: str, marks: Iterable[str]) -> None:
        """Note records that are there from the start."""
        self._records[owner, resource] += [HeldRecord(mark) for mark in marks]

    def add(self, owner: str, resource: str, record: HeldRecord) -> HeldRecord:
        """Note a record that is about to be created; the caller sets its times."""
        self._records[owner, resource].append(record)
        return record

    def differences(self, owner: str, resource: str, marks: Sequence[str], start: float, end: float) -> Iterator[str]:
        """Say what an answer with these marks to a question from `start` to `end` lacks, and what it has too much."""
        shown = Counter(marks)
        records = self._records[owner, resource]
        required = Counter(one.mark for one in records if one.always_there(start, end))
        possible = Counter(one.mark for one in records if one.ever_there(start, end))
        missing, foreign = required - shown, shown - possible
        if missing:
            of_all = f"{missing.total()} of {required.total()}"
            yield f"{resource}: {of_all} records are missing, such as {_first(missing)!r}"
        if foreign:
            yield f"{resource}: {foreign.total()} records are not in the system, such as {_first(foreign)!r}"

    def required(self, owner: str, resource: str, start: float, end: float) -> int:
        """The number of records that were there from `start` to `end`."""
        return sum(one.always_there(start, end) for one in self._records[owner, resource])

    def present(self, owner: str, resource: str) -> list[str]:
        """The marks of the records that are there now, in order."""
        return sorted(one.mark for one in self._records[owner, resource] if one.gone_after == math.inf)

    def forget_before(self, time: float) -> None:
        """Forget records that were gone before this time: no answer is older."""
        for records in self._records.values():
            records[:] = [one for one in records if one.gone_before > time]


def _first(counter: "Counter[str]") -> str:
    return min(counter)
