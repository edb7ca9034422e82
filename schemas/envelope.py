"""The envelope of an answer: the systems that contributed, how fresh their data is, what failed and why."""

from datetime import datetime
from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import Code


class Cause(Code):
    """Why a source failed, is stale or is denied; the same words as in the problem types."""

    TIMEOUT = "timeout", "Sistem terlalu lambat", "System too slow"
    UNAVAILABLE = "unavailable", "Sistem tidak tersedia", "System unavailable"
    CIRCUIT_OPEN = "circuit-open", "Sistem sedang dijeda", "System paused"
    CONCURRENCY_LIMIT = "concurrency-limit", "Sistem penuh", "System busy"
    QUOTA_SPENT = "quota-spent", "Kuota habis", "Quota exhausted"
    CREDENTIALS_REFUSED = "credentials-refused", "Gerbang ditolak sistem", "System refuses the gateway"
    QUERY_REFUSED = "query-refused", "Pertanyaan ditolak sistem", "System refuses the query"
    MALFORMED = "malformed", "Jawaban sistem tidak terbaca", "Unreadable answer from the system"
    TOO_MANY = "too-many", "Hasil terlalu banyak", "Too many results"
    NOT_PROVEN = "not-proven", "Adaptor belum teruji", "Adapter not verified"
    INSUFFICIENT_SCOPE = "insufficient-scope", "Cakupan kurang", "Insufficient scope"
    STRONGER_SIGN_IN_NEEDED = "stronger-sign-in-needed", "Perlu masuk dengan lebih kuat", "Stronger sign-in needed"
    FORBIDDEN = "forbidden", "Tidak berhak", "Not allowed"


DENIAL_CAUSES = frozenset({Cause.INSUFFICIENT_SCOPE, Cause.STRONGER_SIGN_IN_NEEDED, Cause.FORBIDDEN})
"""The causes of the state `denied`. All others are failures of a system."""


class SourceState(Code):
    """The contribution of a source.

    `fresh`: queried for this answer. `held`: a snapshot within its declared age. `stale`: an older snapshot, because
    the system failed. `partial`: some offices of the system answered, and others did not; only the whole system can
    have this state. `failed`: no data. `unlinked`: not queried or shown until a link to the person is proven.
    `denied`: the caller is not entitled to the data. `not-asked`: excluded by the query.
    """

    FRESH = "fresh", "Baru ditanyakan", "Queried for this answer"
    HELD = "held", "Dari salinan yang masih baru", "From a snapshot within its maximum age"
    STALE = "stale", "Dari salinan lama, sebab sistem gagal", "From an older snapshot, because the system failed"
    PARTIAL = "partial", "Hanya sebagian kantornya menjawab", "Only some of its offices answered"
    FAILED = "failed", "Gagal, tidak ada yang dapat ditampilkan", "Failed; no records"
    UNLINKED = "unlinked", "Belum terbukti milik siapa", "Owner of the records not proven yet"
    DENIED = "denied", "Tidak berhak", "Access denied"
    NOT_ASKED = "not-asked", "Tidak ditanyakan", "Not queried"


IN_FULL = frozenset({SourceState.FRESH, SourceState.HELD})
"""The states of a source that answered in full, except for records that it set aside or withheld."""
_IGNORED = frozenset({SourceState.UNLINKED, SourceState.DENIED, SourceState.NOT_ASKED})

_SYSTEM = general("Sistem", "System", examples=["e-kelurahan"])
_RESOURCE = general("Jenis data", "Resource, where an answer has several")
_STATE = general("Keadaan", "Its contribution")
_CAUSE = general("Sebab", "Why it failed, is stale or is denied; left out where its offices have several causes")
_RETRY_AT = general("Coba lagi pada", "When to try again")
_FETCHED_AT = general("Diambil pada", "When the gateway fetched it; of several offices, the earliest time")
_ITEMS = general("Jumlah", "Records contributed, before paging")
_SET_ASIDE = general("Disisihkan", "Records that could not be normalised")
_WITHHELD = general("Ditahan", "Records not shown because their owner is not proven")


class OfficeSource(Classed):
    """The contribution of one office of a system, or of a system without offices. It does not leave the gateway.

    Answers have a `Source` for each system instead: `gateway.api.sources` combines its offices.
    """

    system: Annotated[str, _SYSTEM]
    office: Annotated[str | None, general("Kantor", "Office of the system", examples=["pekauman"])] = None
    resource: Annotated[str | None, _RESOURCE] = None
    state: Annotated[SourceState, _STATE]
    cause: Annotated[Cause | None, _CAUSE] = None
    retry_at: Annotated[datetime | None, _RETRY_AT] = None
    fetched_at: Annotated[datetime | None, _FETCHED_AT] = None
    items: Annotated[int | None, _ITEMS] = None
    set_aside: Annotated[int | None, _SET_ASIDE] = None
    withheld: Annotated[int | None, _WITHHELD] = None

    @property
    def answered_in_full(self) -> bool:
        """Whether the absence of a record from this source proves that there is none."""
        return self.state in IN_FULL and not self.set_aside and not self.withheld

    @property
    def counts_as_complete(self) -> bool:
        """Whether the answer is still complete with this source."""
        return self.answered_in_full or (self.state in _IGNORED and not self.withheld)


def is_complete(sources: tuple[OfficeSource, ...]) -> bool:
    """Return whether every source answered in full and withheld nothing; the ignored states do not count."""
    return all(source.counts_as_complete for source in sources)


class UnansweredOffice(Classed):
    """An office that did not answer in full, in the source of a system whose offices differ."""

    office: Annotated[str, general("Kantor", "Office of the system", examples=["pekauman"])]
    name: Annotated[str, general("Nama", "Its name", examples=["Puskesmas Pekauman"])]
    state: Annotated[SourceState, general("Keadaan", "Its contribution")]
    cause: Annotated[Cause | None, general("Sebab", "Why it failed, is stale or is denied")] = None
    retry_at: Annotated[datetime | None, _RETRY_AT] = None


class Source(Classed):
    """The contribution of one system to this answer, of all its offices together."""

    system: Annotated[str, _SYSTEM]
    name: Annotated[str, general("Nama", "Title of the system", examples=["e-Puskesmas"])]
    resource: Annotated[str | None, _RESOURCE] = None
    state: Annotated[SourceState, _STATE]
    cause: Annotated[Cause | None, _CAUSE] = None
    retry_at: Annotated[datetime | None, _RETRY_AT] = None
    fetched_at: Annotated[datetime | None, _FETCHED_AT] = None
    items: Annotated[int | None, _ITEMS] = None
    set_aside: Annotated[int | None, _SET_ASIDE] = None
    withheld: Annotated[int | None, _WITHHELD] = None
    offices: Annotated[
        tuple[UnansweredOffice, ...] | None,
        general("Kantor", "Offices that did not answer in full; only where not all offices have the same state"),
    ] = None
