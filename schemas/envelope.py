"""The envelope of an answer: the systems that contributed, how fresh their data is, what failed and why."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general


class Cause(StrEnum):
    """Why a source failed; the same words as in the problem types."""

    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    CIRCUIT_OPEN = "circuit-open"
    CONCURRENCY_LIMIT = "concurrency-limit"
    QUOTA_SPENT = "quota-spent"
    CREDENTIALS_REFUSED = "credentials-refused"
    QUERY_REFUSED = "query-refused"
    MALFORMED = "malformed"
    TOO_MANY = "too-many"
    NOT_PROVEN = "not-proven"


class SourceState(StrEnum):
    """The contribution of a source.

    `fresh`: queried for this answer. `held`: a snapshot within its declared age. `stale`: an older snapshot, because
    the system failed. `failed`: no data. `unlinked`: not queried or shown until a link to the person is proven.
    `denied`: the caller is not entitled to the data. `not-asked`: excluded by the query.
    """

    FRESH = "fresh"
    HELD = "held"
    STALE = "stale"
    FAILED = "failed"
    UNLINKED = "unlinked"
    DENIED = "denied"
    NOT_ASKED = "not-asked"


_ANSWERED = frozenset({SourceState.FRESH, SourceState.HELD})
_IGNORED = frozenset({SourceState.UNLINKED, SourceState.DENIED, SourceState.NOT_ASKED})


class Source(Classed):
    """The contribution of one system, or of one of its offices, to this answer."""

    system: Annotated[str, general("Sistem", "System", examples=["e-kelurahan"])]
    office: Annotated[str | None, general("Kantor", "Office of the system", examples=["pekauman"])] = None
    resource: Annotated[str | None, general("Jenis data", "Resource, where an answer has several")] = None
    state: Annotated[SourceState, general("Keadaan", "Its contribution")]
    cause: Annotated[Cause | None, general("Sebab", "Why it failed or is stale")] = None
    retry_at: Annotated[datetime | None, general("Coba lagi pada", "When to try again")] = None
    fetched_at: Annotated[datetime | None, general("Diambil pada", "When the gateway fetched it")] = None
    items: Annotated[int | None, general("Jumlah", "Records contributed, before paging")] = None
    set_aside: Annotated[int | None, general("Disisihkan", "Records that could not be normalised")] = None
    withheld: Annotated[int | None, general("Ditahan", "Records not shown because their owner is not proven")] = None

    @property
    def counts_as_complete(self) -> bool:
        """Whether the answer is still complete with this source."""
        return self.state in _IGNORED or (self.state in _ANSWERED and not self.set_aside)


def is_complete(sources: tuple[Source, ...]) -> bool:
    """Return whether every source answered in full; the ignored states do not count."""
    return all(source.counts_as_complete for source in sources)
