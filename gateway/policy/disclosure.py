"""`disclose`: the only way out. Each record passes ownership, masking by data class, and the access log.

Nothing but this module makes a `Disclosed`, and nothing but a `Disclosed` becomes an answer.
"""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from typing import Any, Final, Protocol, TypeVar

from pydantic_core import from_json, to_json

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.policy.access_log.entries import AccessContext, AccessLog
from gateway.policy.access_log.recorder import AccessRecorder, Refusal
from gateway.policy.masks import mask
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.policy.ownership import may_see
from gateway.policy.principal import Principal
from schemas.classes import Classed
from schemas.records import Body, Record
from schemas.texts import Language

B = TypeVar("B", bound=Body)

_KEY: Final = object()


class DocumentBytes(Protocol):
    """The bytes of a document, as an adapter brings them."""

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
    """Records as a caller may see them: one JSON object each, in order. Only `DisclosureGate` can make one."""

    items: tuple[bytes, ...] = field(repr=False)
    public: bool
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        """Refuse to be made anywhere else, be it by `dataclasses.replace`."""
        if key is not _KEY:
            raise TypeError("only policy.disclose makes a Disclosed")

    @classmethod
    def joined(cls, parts: Iterable["Disclosed"]) -> "Disclosed":
        """Several disclosures as one answer, in order; public only if all of them are."""
        listed = list(parts)
        items = tuple(item for part in listed for item in part.items)
        return cls(items, bool(listed) and all(part.public for part in listed), _KEY)

    def arranged(self, order: Iterable[int]) -> "Disclosed":
        """The items at these positions, in this order."""
        return type(self)(tuple(self.items[position] for position in order), self.public, _KEY)

    def within(self, field: str) -> "Disclosed":
        """What stands in a list of the only item, as items of their own."""
        (item,) = self.items
        return type(self)(tuple(to_json(part) for part in from_json(item)[field]), self.public, _KEY)


@dataclass(frozen=True, slots=True)
class DisclosedDocument:
    """A document that a caller may have. Only `DisclosureGate` can make one."""

    content: bytes = field(repr=False)
    media_type: str
    filename: str
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        """Refuse to be made anywhere else, be it by `dataclasses.replace`."""
        if key is not _KEY:
            raise TypeError("only policy.disclose makes a DisclosedDocument")


@dataclass(frozen=True, slots=True)
class WithheldCounts:
    """How many records of each source the one who asked may not see."""

    withheld: dict[tuple[str, str | None], int]


class DisclosureGate:
    """The gate between records and callers."""

    def __init__(self, *, log: AccessLog, sealer: Sealer, clock: Clock) -> None:
        self._log = log
        self._recorder = AccessRecorder(sealer=sealer, clock=clock)

    def sift(
        self, asked: PermittedQuery[B, Any], records: Iterable[Record[B]]
    ) -> tuple[tuple[Record[B], ...], WithheldCounts]:
        """The records that the one who asked may see, and where others were withheld."""
        shown: list[Record[B]] = []
        withheld: dict[tuple[str, str | None], int] = {}
        for record in records:
            if may_see(asked, record.body):
                shown.append(record)
            else:
                where = (record.provenance.system, record.provenance.office)
                withheld[where] = withheld.get(where, 0) + 1
        return tuple(shown), WithheldCounts(withheld)

    def disclose_public(
        self,
        asked: PermittedQuery[B, Any],
        records: Iterable[Record[B]],
        *,
        language: Language,
        kind: str | None = None,
    ) -> Disclosed:
        """Records of a public resource: what is not general in them is masked, and no entry is due."""
        if asked.view is not CallerView.PUBLIC or not asked.resource.public:
            raise TypeError("disclose_public is for public resources")
        shown, _ = self.sift(asked, records)
        return Disclosed(tuple(_render(asked, record, language, kind) for record in shown), True, _KEY)

    async def disclose(
        self,
        asked: PermittedQuery[B, Any],
        records: tuple[Record[B], ...],
        *,
        language: Language,
        occasion: AccessContext,
        systems: tuple[str, ...],
        kind: str | None = None,
    ) -> Disclosed:
        """Records of people, once the access entry is committed; raises `AccessLogUnavailableError` when it is not.

        `kind` is written into each item where an answer mixes resources. A record that the one who asked may not see
        is left out whatever the caller of this thinks of it.
        """
        shown, _ = self.sift(asked, records)
        await self._log.record(self._recorder.shown(asked, shown, occasion, systems))
        return Disclosed(tuple(_render(asked, record, language, kind) for record in shown), False, _KEY)

    async def disclose_document(
        self, asked: PermittedQuery[B, Any], record: Record[B], document: DocumentBytes, *, occasion: AccessContext
    ) -> DisclosedDocument:
        """A document of a record that the one who asked may see, once the access entry is committed."""
        if not may_see(asked, record.body):
            raise TypeError("the record is not shown to the one who asked, so its documents are not either")
        systems = (record.provenance.system,)
        await self._log.record(self._recorder.shown(asked, (record,), occasion, systems, result="document"))
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
        """What the gateway itself keeps about the caller, such as their access log; looking at it is an access too."""
        listed = list(values)
        entry = self._recorder.own_account(principal, occasion, resource=resource, count=len(listed))
        await self._log.record((entry,))
        return Disclosed(_written(listed, language), False, _KEY)

    async def disclose_findings(
        self,
        findings: Iterable[Classed],
        looked_at: Iterable[tuple[PermittedQuery[Any, Any], tuple[Record[Any], ...], tuple[str, ...]]],
        *,
        language: Language,
        occasion: AccessContext,
    ) -> Disclosed:
        """What was found out from somebody's records without showing them, once the access entries are committed.

        `looked_at` are the terms on which records were asked for, the records, and the systems that were asked.
        """
        entries = tuple(
            entry
            for asked, records, systems in looked_at
            for entry in self._recorder.shown(asked, self.sift(asked, records)[0], occasion, systems)
        )
        if entries:
            await self._log.record(entries)
        return Disclosed(_written(findings, language), False, _KEY)

    async def note(
        self,
        asked: PermittedQuery[B, Any],
        *,
        occasion: AccessContext,
        systems: tuple[str, ...],
        result: str,
        about: Iterable[B] = (),
    ) -> None:
        """Put on record an access that showed nothing: refused, or not found. `about` are the records refused."""
        await self._log.record(self._recorder.nothing_shown(asked, occasion, systems, result, about))

    async def note_refusal(self, principal: Principal, refusal: Refusal, occasion: AccessContext) -> None:
        """Put on record that somebody asked for personal data and was refused."""
        await self._log.record((self._recorder.refused(principal, refusal, occasion),))

    def person(self, nik: str | None) -> str | None:
        """The fingerprint by which a person's entries are found again."""
        return self._recorder.person(nik)


def reference_data(values: Iterable[Classed], language: Language) -> Disclosed:
    """What the gateway itself tells everybody, and which is no system's and nobody's: agencies, regions, systems."""
    return Disclosed(_written(values, language), True, _KEY)


def _written(values: Iterable[Classed], language: Language) -> tuple[bytes, ...]:
    context = {"language": language}
    return tuple(value.model_dump_json(context=context).encode() for value in values)


def _render(asked: PermittedQuery[B, Any], record: Record[B], language: Language, kind: str | None = None) -> bytes:
    body = mask(record.body, asked.classes, release_numbers=asked.releases_numbers)
    head = to_json({"id": record.id} if kind is None else {"id": record.id, "kind": kind})
    if kind is not None and "kind" in type(body).model_fields:
        middle = _with_kind_renamed(body, language, kind_within(kind))
    else:
        middle = body.model_dump_json(context={"language": language})
    rest = f',{middle[1:-1]},"provenance":{record.provenance.model_dump_json()}}}'
    return head[:-1] + rest.encode()


def kind_within(resource: str) -> str:
    """The name of a body's own field `kind` where items of several resources are told apart by a `kind`."""
    return f"{resource.replace('-', '_')}_kind"


def _with_kind_renamed(body: Body, language: Language, name: str) -> str:
    context = {"language": language}
    rest = body.model_dump_json(context=context, exclude={"kind"})
    own = body.model_dump_json(context=context, include={"kind"}).removeprefix('{"kind":')
    return f'{{"{name}":{own[:-1]},{rest[1:]}'
