"""The disclosure check: every record passes ownership, masking by data class and the access log before it leaves.

Only this module can create a `Disclosed`, and only a `Disclosed` becomes an answer.
"""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from typing import Any, Final, Protocol, TypeVar

from pydantic_core import from_json, to_json

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.policy.access_log.entries import AccessContext, AccessLog
from gateway.policy.access_log.recorder import AccessRecorder, Refusal
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.policy.ownership import may_see
from gateway.policy.principal import Principal
from gateway.policy.rendering import render_records, serialise
from schemas.classes import Classed
from schemas.records import Body, Record
from schemas.texts import Language

B = TypeVar("B", bound=Body)

_KEY: Final = object()

AccessedRecords = tuple[PermittedQuery[Any, Any], tuple[Record[Any], ...], tuple[str, ...]]
"""A permitted query, its records, and the systems that were asked."""


class DocumentBytes(Protocol):
    """The bytes of a document, as an adapter returns them."""

    @property
    def content(self) -> bytes:
        """The bytes."""
        ...

    @property
    def media_type(self) -> str:
        """Their media type."""
        ...

    @property
    def filename(self) -> str:
        """A file name without personal data."""
        ...


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Records as a caller may see them: one JSON object each, in order. Only `DisclosureGate` can create one."""

    items: tuple[bytes, ...] = field(repr=False)
    public: bool
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        """Refuse creation outside this module, `dataclasses.replace` included."""
        if key is not _KEY:
            raise TypeError("only DisclosureGate may create a Disclosed")

    @classmethod
    def combine(cls, parts: Iterable["Disclosed"]) -> "Disclosed":
        """Combine several disclosures into one answer, in order; public only if all of them are."""
        listed = list(parts)
        items = tuple(item for part in listed for item in part.items)
        return cls(items, bool(listed) and all(part.public for part in listed), _KEY)

    def reorder(self, order: Iterable[int]) -> "Disclosed":
        """The items at these positions, in this order."""
        return type(self)(tuple(self.items[position] for position in order), self.public, _KEY)

    def elements_of(self, field: str) -> "Disclosed":
        """The elements of a list field of the only item, as separate items."""
        (item,) = self.items
        return type(self)(tuple(to_json(part) for part in from_json(item)[field]), self.public, _KEY)


@dataclass(frozen=True, slots=True)
class DisclosedDocument:
    """A document that a caller may have. Only `DisclosureGate` can create one."""

    content: bytes = field(repr=False)
    media_type: str
    filename: str
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        """Refuse creation outside this module, `dataclasses.replace` included."""
        if key is not _KEY:
            raise TypeError("only DisclosureGate may create a DisclosedDocument")


@dataclass(frozen=True, slots=True)
class WithheldCounts:
    """The number of records of each source that the caller may not see."""

    withheld: dict[tuple[str, str | None], int]


class DisclosureGate:
    """Checks, masks and logs records before they reach a caller."""

    def __init__(self, *, log: AccessLog, sealer: Sealer, clock: Clock) -> None:
        self._log = log
        self._recorder = AccessRecorder(sealer=sealer, clock=clock)

    def filter_visible(
        self, permitted: PermittedQuery[B, Any], records: Iterable[Record[B]]
    ) -> tuple[tuple[Record[B], ...], WithheldCounts]:
        """The records that the caller may see, and the counts of withheld records."""
        shown: list[Record[B]] = []
        withheld: dict[tuple[str, str | None], int] = {}
        for record in records:
            if may_see(permitted, record.body):
                shown.append(record)
            else:
                where = (record.provenance.system, record.provenance.office)
                withheld[where] = withheld.get(where, 0) + 1
        return tuple(shown), WithheldCounts(withheld)

    def disclose_public(
        self,
        permitted: PermittedQuery[B, Any],
        records: Iterable[Record[B]],
        *,
        language: Language,
    ) -> Disclosed:
        """Disclose records of a public resource: only fields of class general; no access entry is written."""
        if permitted.view is not CallerView.PUBLIC or not permitted.resource.public:
            raise TypeError("disclose_public is for public resources")
        shown, _ = self.filter_visible(permitted, records)
        return Disclosed(render_records(permitted, shown, language), True, _KEY)

    async def disclose(
        self,
        permitted: PermittedQuery[B, Any],
        records: tuple[Record[B], ...],
        *,
        language: Language,
        occasion: AccessContext,
        systems: tuple[str, ...],
    ) -> Disclosed:
        """Disclose records of people after the access entry is committed, else raise `AccessLogUnavailableError`.

        Records that the caller may not see are left out in any case.
        """
        parts = ((permitted, records, systems),)
        (disclosed,) = await self.disclose_parts(parts, language=language, occasion=occasion)
        return disclosed

    async def disclose_parts(
        self, parts: Iterable[AccessedRecords], *, language: Language, occasion: AccessContext
    ) -> tuple[Disclosed, ...]:
        """As `disclose`, for the results of several queries of one request, whose entries are committed together."""
        visible = [
            (permitted, self.filter_visible(permitted, records)[0], systems) for permitted, records, systems in parts
        ]
        entries = tuple(
            entry
            for permitted, shown, systems in visible
            for entry in self._recorder.entries_for_shown(permitted, shown, occasion, systems)
        )
        await self._log.record(entries)
        return tuple(
            Disclosed(render_records(permitted, shown, language), False, _KEY) for permitted, shown, _ in visible
        )

    async def disclose_document(
        self, permitted: PermittedQuery[B, Any], record: Record[B], document: DocumentBytes, *, occasion: AccessContext
    ) -> DisclosedDocument:
        """Disclose a document of a record that the caller may see, after the access entry is committed."""
        if not may_see(permitted, record.body):
            raise TypeError("the caller may not see the record, so its documents are withheld")
        systems = (record.provenance.system,)
        await self._log.record(
            self._recorder.entries_for_shown(permitted, (record,), occasion, systems, result="document")
        )
        return DisclosedDocument(document.content, document.media_type, document.filename, _KEY)

    async def disclose_own_account(
        self,
        principal: Principal,
        values: Iterable[Classed],
        *,
        resource: str,
        language: Language,
        occasion: AccessContext,
    ) -> Disclosed:
        """Disclose account data that the gateway keeps about the caller; viewing it is logged as an access too."""
        listed = list(values)
        entry = self._recorder.entry_for_own_account(principal, occasion, resource=resource, count=len(listed))
        await self._log.record((entry,))
        return Disclosed(serialise(listed, language), False, _KEY)

    async def disclose_findings(
        self,
        findings: Iterable[Classed],
        accesses: Iterable[AccessedRecords],
        *,
        language: Language,
        occasion: AccessContext,
    ) -> Disclosed:
        """Disclose results derived from a person's records, without the records, after the entries are committed."""
        entries = tuple(
            entry
            for permitted, records, systems in accesses
            for entry in self._recorder.entries_for_shown(
                permitted, self.filter_visible(permitted, records)[0], occasion, systems
            )
        )
        if entries:
            await self._log.record(entries)
        return Disclosed(serialise(findings, language), False, _KEY)

    async def log_empty_access(
        self,
        permitted: PermittedQuery[B, Any],
        *,
        occasion: AccessContext,
        systems: tuple[str, ...],
        result: str,
        about: Iterable[B] = (),
    ) -> None:
        """Log an access that showed nothing: refused, or not found. `about` are the refused records."""
        await self._log.record(self._recorder.entries_for_nothing_shown(permitted, occasion, systems, result, about))

    async def log_refusal(self, principal: Principal, refusal: Refusal, occasion: AccessContext) -> None:
        """Log a refused request for personal data."""
        await self._log.record((self._recorder.entry_for_refusal(principal, refusal, occasion),))

    def person_fingerprint(self, nik: str | None) -> str | None:
        """The fingerprint under which a person's entries are stored."""
        return self._recorder.person_fingerprint(nik)


def reference_data(values: Iterable[Classed], language: Language) -> Disclosed:
    """Disclose public reference data of the gateway itself, without personal data: agencies, regions, systems."""
    return Disclosed(serialise(values, language), True, _KEY)
