"""Speaks the adapter protocol: one signed request, one signed answer, and nothing believed that is not signed."""

import base64
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from adapters.contract import Absent, Bad, Batch, Call, Content, Pending, Refused, Stored, Subject
from adapters.errors import UnusableRecordError, UpstreamMalformedError
from adapters.legacy.envelopes import read_json
from adapters.legacy.statuses import refuse_status
from adapters.remote.bodies import body_of
from adapters.remote.grant import Description, Granted
from adapters.remote.settings import Settings
from adapters.remote.signing import BadSignatureError, Key, Signed, check_answer, sign_request
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
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from schemas.resources import Query, Resource
from schemas.texts import KEEP

OurCall = Call[Settings, HttpUpstream]
T = TypeVar("T")

_DESCRIPTION: Final = TypeAdapter(Description)
_READY: Final = TypeAdapter(Ready)
_PAGE: Final = TypeAdapter(Page)
_ONE: Final = TypeAdapter(OneItem)
_DOCUMENT: Final = TypeAdapter(OneDocument)
_SENT: Final[TypeAdapter[WasStored | WasRefused | IsPending]] = TypeAdapter(WasStored | WasRefused | IsPending)
_FOUND: Final[TypeAdapter[WasStored | WasRefused | IsAbsent | IsPending]] = TypeAdapter(
    WasStored | WasRefused | IsAbsent | IsPending
)
_NONCE_SEEN: Final = 409
_OK: Final = 200
_FOR_PEOPLE: Final = frozenset({"title", "contact", "assumed"})


@dataclass(frozen=True, slots=True)
class Prober:
    """Asks whether the system is there, and whether its adapter still is what was granted."""

    system: str
    granted: Granted

    async def probe(self, call: OurCall) -> None:
        """Raises `UpstreamMalformedError` when the adapter says something else of itself than was granted."""
        await _exchange(call, "GET", "/probe", None, _READY)
        said = await _exchange(call, "GET", "/adapter", None, _DESCRIPTION)
        fields = [name for name in Granted.model_fields if name not in _FOR_PEOPLE]
        changed = [name for name in fields if getattr(said, name) != getattr(self.granted, name)]
        changed += ["id"] if said.id != self.system else []
        if changed:
            raise UpstreamMalformedError(f"the adapter is not what was granted: {', '.join(changed)}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks about one resource; `pushes` are the filters that are passed on."""

    resource: Resource[Any, Any]
    pushes: frozenset[str]

    async def ask(self, call: OurCall, query: Query, mark: str | None) -> Batch[Item]:
        """One page of a list. Whoever has no identifier that the system may see is not asked about."""
        if call.subject is not None and call.subject == Subject():
            return Batch(())
        given = query.model_dump(mode="json", include=set(self.pushes), exclude_none=True)
        message = Ask(subject=_subject(call), query=given, mark=mark)
        page = await _exchange(call, "POST", self._path("ask"), message, _PAGE)
        return self._batch(page, call.subject)

    async def one(self, call: OurCall, key: str) -> Item | None:
        """One record by its key; None when the system has none."""
        if not _sayable(key):
            return None
        message = AskOne(key=key, subject=_subject(call))
        item = (await _exchange(call, "POST", self._path("one"), message, _ONE)).item
        if item is not None and (item.key != key or self._of_another(item, call.subject)):
            raise UpstreamMalformedError("a record came that was not asked for")
        return item

    async def feed(self, call: OurCall, mark: str | None) -> AsyncIterator[Batch[Item]]:
        """Part after part, until one has no mark."""
        seen = {mark}
        while True:
            page = await _exchange(call, "POST", self._path("feed"), AskFeed(mark=mark), _PAGE)
            yield self._batch(page, None)
            mark = page.next
            if mark is None:
                return
            if mark in seen:
                raise UpstreamMalformedError("the feed gives a mark twice")
            seen.add(mark)

    async def content(self, call: OurCall, key: str, number: int) -> Content | None:
        """A document; None when there is none of this number."""
        if not _sayable(key):
            return None
        message = AskContent(key=key, number=number, subject=_subject(call))
        document = (await _exchange(call, "POST", self._path("content"), message, _DOCUMENT)).document
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
        items = tuple(self._passed(entry, subject) for entry in page.items)
        return Batch(items, as_of=page.as_of, next=page.next, whole=page.whole)

    def _passed(self, entry: Item | BadItem, subject: Subject | None) -> Item | Bad:
        if isinstance(entry, BadItem):
            return Bad(entry.bad)
        return Bad("not a record of whoever was asked about") if self._of_another(entry, subject) else entry

    def _of_another(self, item: Item, subject: Subject | None) -> bool:
        """Whether a record surely belongs to somebody else than was asked about."""
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
        """Send it, once: such a request is never repeated by anybody but `gateway.delivery`."""
        said = await _exchange(
            call, "POST", f"/writes/{self.name}/send", _write(call, command, code), _SENT, safe=False
        )
        return _outcome(said)

    async def look(self, call: OurCall, command: BaseModel, code: str) -> Stored | Absent | Refused | Pending:
        """Whether the system has it, has refused it since, or has yet to say."""
        said = await _exchange(call, "POST", f"/writes/{self.name}/look", _write(call, command, code), _FOUND)
        return Absent() if isinstance(said, IsAbsent) else _outcome(said)


def _outcome(said: WasStored | WasRefused | IsPending) -> Stored | Refused | Pending:
    if isinstance(said, WasRefused):
        return Refused(said.code, said.reason)
    return Pending() if isinstance(said, IsPending) else Stored(said.key, said.reference)


def _write(call: OurCall, command: BaseModel, code: str) -> Write:
    return Write(command=command.model_dump(mode="json", context=KEEP), code=code, subject=_subject(call))


def _subject(call: OurCall) -> AskedSubject | None:
    subject = call.subject
    return None if subject is None else AskedSubject(nik=subject.nik, kk=subject.kk, phone=subject.phone)


def _sayable(key: str) -> bool:
    """Whether a key can be one of this system at all."""
    return 0 < len(key) <= LONGEST_KEY and key.isprintable()


async def _exchange(
    call: OurCall, method: str, path: str, message: BaseModel | None, shape: TypeAdapter[T], *, safe: bool = True
) -> T:
    """Put one question and believe the answer if it is signed for this very question."""
    content = b"" if message is None else to_json(message)
    answer, asked = await _sent(call, method, path, content, safe=safe)
    if answer.status == _NONCE_SEEN and safe:
        # The upstream stack may repeat a safe request as it is; then the adapter has seen its nonce already.
        answer, asked = await _sent(call, method, path, content, safe=safe)
    refuse_status(answer, call.now)
    _believed(call, answer, asked)
    return read_json(answer, shape)


async def _sent(call: OurCall, method: str, path: str, content: bytes, *, safe: bool) -> tuple[HttpAnswer, Signed]:
    whole_path = urlsplit(str(call.settings.base_url)).path.rstrip("/") + path
    asked = sign_request(
        _key(call),
        method,
        whole_path,
        content,
        created=int(call.now.timestamp()),
        nonce=secrets.token_urlsafe(16),
    )
    headers = {"accept": "application/json", **asked.headers}
    if method == "GET":
        return await call.up.send(HttpRequest("GET", path, headers=headers)), asked
    headers["content-type"] = "application/json"
    request = HttpRequest("POST", path, headers=headers, content=content, safe=safe)
    return await call.up.send(request), asked


def _key(call: OurCall) -> Key:
    return Key(call.settings.keyid, call.settings.secret.get_secret_value())


def _believed(call: OurCall, answer: HttpAnswer, asked: Signed) -> None:
    if answer.status != _OK:
        raise UpstreamMalformedError(f"the adapter answers status {answer.status}, which the protocol does not know")
    try:
        check_answer(_key(call), asked, answer.status, answer.headers, answer.content)
    except BadSignatureError as error:
        reason = str(error)
    else:
        return
    raise UpstreamMalformedError(f"the answer is not signed as agreed: {reason}")
