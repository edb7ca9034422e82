"""Client of the adapter protocol: probes a remote adapter, reads its records, and carries out commands."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, JsonValue, TypeAdapter

from adapters.contract import Absent, Bad, Batch, Content, Pending, Refused, Stored, Subject
from adapters.errors import UnusableRecordError, UpstreamMalformedError
from adapters.remote.bodies import body_of
from adapters.remote.grant import AdapterGrant, Description
from adapters.remote.signed_exchange import OurCall, exchange
from adapters.remote.wire import (
    LONGEST_KEY,
    Ask,
    AskContent,
    AskedSubject,
    AskFeed,
    AskOne,
    BadItem,
    IsAbsent,
    IsPending,
    Item,
    OneDocument,
    OneItem,
    Page,
    Ready,
    WasRefused,
    WasStored,
    Write,
)
from schemas.places import RegionLevel, regions
from schemas.resources import Query, Resource
from schemas.texts import KEEP

_DESCRIPTION: Final = TypeAdapter(Description)
_READY: Final = TypeAdapter(Ready)
_PAGE: Final = TypeAdapter(Page)
_ONE: Final = TypeAdapter(OneItem)
_DOCUMENT: Final = TypeAdapter(OneDocument)
_SENT: Final[TypeAdapter[WasStored | WasRefused | IsPending]] = TypeAdapter(WasStored | WasRefused | IsPending)
_FOUND: Final[TypeAdapter[WasStored | WasRefused | IsAbsent | IsPending]] = TypeAdapter(
    WasStored | WasRefused | IsAbsent | IsPending
)
_REGION: Final = "region"
_FOR_PEOPLE: Final = frozenset({"title", "contact", "codes", "assumed"})


@dataclass(frozen=True, slots=True)
class Prober:
    """Checks whether the system is available, and whether the remote adapter is still what was granted."""

    system: str
    granted: AdapterGrant

    async def probe(self, call: OurCall) -> None:
        """Raise `UpstreamMalformedError` when the adapter describes itself in another way than was granted."""
        await exchange(call, "GET", "/probe", None, _READY)
        description = await exchange(call, "GET", "/adapter", None, _DESCRIPTION)
        fields = [name for name in AdapterGrant.model_fields if name not in _FOR_PEOPLE]
        changed = [name for name in fields if getattr(description, name) != getattr(self.granted, name)]
        changed += ["id"] if description.id != self.system else []
        if changed:
            raise UpstreamMalformedError(f"the description of the adapter differs from the grant: {', '.join(changed)}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one resource; `pushes` are the filters that are passed on."""

    resource: Resource[Any, Any]
    pushes: frozenset[str]

    async def ask(self, call: OurCall, query: Query, mark: str | None) -> Batch[Item]:
        """Return one page of a list.

        A subject without any identifier that the system may receive has no records here: no request is sent.
        """
        if call.subject is not None and call.subject == Subject():
            return Batch(())
        message = Ask(subject=_subject(call), query=_filters(query, self.pushes), mark=mark)
        page = await exchange(call, "POST", self._path("ask"), message, _PAGE)
        return self._batch(page, call.subject)

    async def one(self, call: OurCall, key: str) -> Item | None:
        """Return one record by its key; None when the system has none."""
        if not _is_possible_key(key):
            return None
        message = AskOne(key=key, subject=_subject(call))
        item = (await exchange(call, "POST", self._path("one"), message, _ONE)).item
        if item is not None and (item.key != key or self._belongs_to_another(item, call.subject)):
            raise UpstreamMalformedError("the answer is not the requested record")
        return item

    async def feed(self, call: OurCall, mark: str | None) -> AsyncIterator[Batch[Item]]:
        """Yield every part of the feed, until one has no mark."""
        seen = {mark}
        while True:
            page = await exchange(call, "POST", self._path("feed"), AskFeed(mark=mark), _PAGE)
            yield self._batch(page, None)
            mark = page.next
            if mark is None:
                return
            if mark in seen:
                raise UpstreamMalformedError("the feed repeats a mark")
            seen.add(mark)

    async def content(self, call: OurCall, key: str, document_id: str) -> Content | None:
        """Return a document by its id; None when the record has none with this id."""
        if not (_is_possible_key(key) and _is_possible_key(document_id)):
            return None
        message = AskContent(key=key, document=document_id, subject=_subject(call))
        document = (await exchange(call, "POST", self._path("content"), message, _DOCUMENT)).document
        if document is None:
            return None
        try:
            content = base64.b64decode(document.content, validate=True)
        except ValueError:
            content = None
        if content is None:
            raise UpstreamMalformedError("the document is not in base64")
        return Content(content, document.media_type, document.filename)

    def _path(self, operation: str) -> str:
        return f"/reads/{self.resource.name}/{operation}"

    def _batch(self, page: Page, subject: Subject | None) -> Batch[Item]:
        items = tuple(self._checked(entry, subject) for entry in page.items)
        return Batch(items, as_of=page.as_of, next=page.next, whole=page.whole)

    def _checked(self, entry: Item | BadItem, subject: Subject | None) -> Item | Bad:
        if isinstance(entry, BadItem):
            return Bad(entry.bad)
        return Bad("not a record of the subject") if self._belongs_to_another(entry, subject) else entry

    def _belongs_to_another(self, item: Item, subject: Subject | None) -> bool:
        """Return whether a record certainly belongs to another resident than the subject."""
        if subject is None or self.resource.owner is None:
            return False
        try:
            owner = self.resource.owner(body_of(self.resource, item))
        except UnusableRecordError:
            return False
        return None not in (owner.nik, subject.nik) and owner.nik != subject.nik


@dataclass(frozen=True, slots=True)
class Writer:
    """Carries out one command."""

    name: str

    async def send(self, call: OurCall, command: BaseModel, code: str) -> Stored | Refused | Pending:
        """Send the command once.

        The upstream stack never repeats this request; only `gateway.delivery` decides that.
        """
        outcome = await exchange(
            call, "POST", f"/writes/{self.name}/send", _write(call, command, code), _SENT, safe=False
        )
        return _outcome(outcome)

    async def look(self, call: OurCall, command: BaseModel, code: str) -> Stored | Absent | Refused | Pending:
        """Return whether the system has stored the command, has refused it since, or has not decided yet."""
        outcome = await exchange(call, "POST", f"/writes/{self.name}/look", _write(call, command, code), _FOUND)
        return Absent() if isinstance(outcome, IsAbsent) else _outcome(outcome)


def _outcome(outcome: WasStored | WasRefused | IsPending) -> Stored | Refused | Pending:
    if isinstance(outcome, WasRefused):
        return Refused(outcome.code, outcome.reason)
    return Pending() if isinstance(outcome, IsPending) else Stored(outcome.key, outcome.reference)


def _write(call: OurCall, command: BaseModel, code: str) -> Write:
    return Write(command=command.model_dump(mode="json", context=KEEP), code=code, subject=_subject(call))


def _filters(query: Query, pushes: frozenset[str]) -> dict[str, JsonValue]:
    """Return the filters that the adapter applies. A region is passed on only if it is a kelurahan.

    The gateway's filter also accepts a kecamatan or the city; an adapter that compares codes would find nothing.
    """
    filters = query.model_dump(mode="json", include=set(pushes), exclude_none=True)
    if not _is_kelurahan(filters.get(_REGION)):
        filters.pop(_REGION, None)
    return filters


def _is_kelurahan(code: object) -> bool:
    region = regions().get(code) if isinstance(code, str) else None
    return region is not None and region.level is RegionLevel.KELURAHAN


def _subject(call: OurCall) -> AskedSubject | None:
    subject = call.subject
    return None if subject is None else AskedSubject(nik=subject.nik, kk=subject.kk, phone=subject.phone)


def _is_possible_key(key: str) -> bool:
    """Return whether the text can be a key of this system at all."""
    return 0 < len(key) <= LONGEST_KEY and key.isprintable()
