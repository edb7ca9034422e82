"""Webhooks: systems push changes to us, which are stored first, shown at once, and only then answered."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from adapters.contract import Batch, Reads, Webhook, WebhookOutcome, WebhookReply, WebhookRequest
from adapters.errors import AdapterError
from gateway.ground.clock import Clock
from gateway.policy.masks import mask
from gateway.policy.ownership import open_to_all
from gateway.records.ids import RecordIds, RecordPlace
from gateway.records.normaliser import AnswerSource, Normaliser
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.registry.system_files import RegistryError
from gateway.snapshots.overlay import Overlay, Pushed, accept_push_time
from gateway.snapshots.push_store import PushId, PushStore
from gateway.snapshots.snapshot import SnapshotKey
from gateway.snapshots.store import SnapshotStore
from schemas.classes import DataClass
from schemas.records import Body, Record

T = TypeVar("T")

_GENERAL: Final = frozenset({DataClass.GENERAL})
_STATUS: Final[Mapping[WebhookOutcome, int]] = MappingProxyType(
    {
        WebhookOutcome.STORED: 200,
        WebhookOutcome.NOT_AUTHENTICATED: 401,
        WebhookOutcome.MALFORMED: 422,
        WebhookOutcome.TOO_LARGE: 413,
        WebhookOutcome.UNAVAILABLE: 503,
    }
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the system that pushed is answered: a status, and a body in its own envelope."""

    status: int
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class InboundWebhook:
    """The webhook of one row of a live system."""

    live: LiveSystem
    row: Reads[Any, Any, Any, Any, Any]
    declared: Webhook[Any, Any, Any]

    @property
    def where(self) -> dict[str, object]:
        """What log lines say of it."""
        return {"system": self.live.spec.id, "resource": self.row.resource.name, "webhook": self.declared.path}

    def key(self, office: Office) -> SnapshotKey:
        """The snapshot that pushes from this office change."""
        return SnapshotKey(self.live.spec.id, office.id, self.row.resource.name)

    def answer(self, outcome: WebhookOutcome) -> WebhookAnswer:
        """An outcome in the system's own envelope; an empty body when the adapter fails to make one."""
        reply = self._sound(lambda: self.declared.reply(outcome)) or WebhookReply(b"", "text/plain")
        return WebhookAnswer(_STATUS[outcome], reply.content, reply.media_type)

    def is_from(self, office: Office, request: WebhookRequest, now: datetime) -> bool:
        """Whether the push is from this office; whoever cannot be authenticated is not let in."""
        return self._sound(lambda: self.declared.authenticate(office.settings, request, now)) is True

    def changed(self, body: Body) -> datetime | None:
        """When the system itself changed a record last, if it says so; a time without its zone says nothing."""
        moment = self._sound(lambda: self.declared.changed(body))
        return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None

    def digest(self, request: WebhookRequest) -> str:
        """By what a push is known again: the system's own name for it, if it has one, and its content."""
        named = (self._sound(lambda: self.declared.delivery(request)) or "").encode("utf-8", "surrogatepass")
        return blake2b(len(named).to_bytes(8, "big") + named + request.content, digest_size=24).hexdigest()

    def _sound(self, function: Callable[[], T]) -> T | None:
        """What one of the adapter's functions gives; None when it fails, which its author is told by the log."""
        try:
            return function()
        except Exception as error:  # noqa: BLE001 - a fault of one adapter is nobody else's
            _log.error("adapter fault in a webhook", extra=self.where | {"error": type(error).__name__})
            return None


class InboundWebhooks:
    """Every webhook of every live system."""

    def __init__(
        self,
        systems: Iterable[LiveSystem],
        *,
        snapshots: SnapshotStore,
        keeper: PushStore,
        maker: Normaliser,
        ids: RecordIds,
        clock: Clock,
    ) -> None:
        self._webhooks = {
            (webhook.live.spec.id, webhook.declared.path): webhook for live in systems for webhook in _webhooks_of(live)
        }
        self._snapshots = snapshots
        self._keeper = keeper
        self._maker = maker
        self._ids = ids
        self._clock = clock
        self._overlays: dict[SnapshotKey, Overlay[Any]] = {}
        # One push after the other: what is stored and what is shown stay the same.
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Lay what was pushed before over the snapshots; call it once the feeds have made room for them."""
        for webhook in self._webhooks.values():
            resource, row = webhook.row.resource, webhook.row
            for office in webhook.live.offices:
                key = webhook.key(office)
                overlay = Overlay(resource, webhook.changed, row.keep)
                overlay.take(await self._keeper.kept(key, resource, self._clock() - row.keep))
                self._overlays[key] = overlay
                self._snapshots.lay_over(key, overlay)

    def at(self, system: str, path: str) -> InboundWebhook | None:
        """The webhook at this path of a live system."""
        return self._webhooks.get((system, path))

    @staticmethod
    def too_large(webhook: InboundWebhook) -> WebhookAnswer:
        """The answer to a push of which the body passes its bound."""
        return webhook.answer(WebhookOutcome.TOO_LARGE)

    @staticmethod
    def broken_off(webhook: InboundWebhook) -> WebhookAnswer:
        """The answer to a push that never came to its end."""
        return webhook.answer(WebhookOutcome.MALFORMED)

    async def receive(self, webhook: InboundWebhook, headers: Mapping[str, str], content: bytes) -> WebhookAnswer:
        """Take in one push. It is stored when the answer says so, and not otherwise."""
        request = WebhookRequest(headers, content)
        office = self._sender(webhook, request)
        if office is None:
            _log.warning("push not authenticated", extra=webhook.where)
            return webhook.answer(WebhookOutcome.NOT_AUTHENTICATED)
        batch = self._read(webhook, request)
        if batch is None:
            return webhook.answer(WebhookOutcome.MALFORMED)
        return webhook.answer(await self._store(webhook, office, request, batch))

    def _sender(self, webhook: InboundWebhook, request: WebhookRequest) -> Office | None:
        """The office that the push is really from. Every office is tried, so that the time tells nothing."""
        now = self._clock()
        found = [office for office in webhook.live.offices if webhook.is_from(office, request, now)]
        return found[0] if found else None

    @staticmethod
    def _read(webhook: InboundWebhook, request: WebhookRequest) -> Batch[Any] | None:
        try:
            return webhook.declared.read(request)
        except AdapterError as error:
            _log.warning("push not readable", extra=webhook.where | {"reason": error.reason})
        except Exception as error:  # noqa: BLE001 - a fault of the adapter is not the sender's, but it stays unread
            _log.error("adapter fault in a webhook", extra=webhook.where | {"error": type(error).__name__})
        return None

    async def _store(
        self, webhook: InboundWebhook, office: Office, request: WebhookRequest, batch: Batch[Any]
    ) -> WebhookOutcome:
        at, key = self._clock(), webhook.key(office)
        made = self._maker.make(webhook.row, batch.items, AnswerSource(key.system, key.office, at, batch.as_of))
        pushed = [self._pushed(webhook, record) for record in made.records]
        pushed += [Pushed(id_, None, None, at) for id_ in self._gone(webhook, office, batch)]
        if made.set_aside and not pushed:
            return WebhookOutcome.MALFORMED
        push, since = PushId(key.system, webhook.declared.path, webhook.digest(request)), at - webhook.row.keep
        async with self._one_at_a_time:
            try:
                new = await self._keeper.keep(push, key, pushed, set_aside=made.set_aside, at=at, since=since)
                # Who repeats a push may never have been told that it was stored, and then it was not shown either.
                shown = pushed if new else await self._keeper.kept(key, webhook.row.resource, since)
            except (SQLAlchemyError, OSError) as error:
                _log.error("push not stored", extra=webhook.where | {"error": type(error).__name__})
                return WebhookOutcome.UNAVAILABLE
            self._snapshots.pushed(key, self._overlays[key].take(shown))
        _log.info("push", extra=webhook.where | {"outcome": "new" if new else "repeated", "count": len(pushed)})
        return WebhookOutcome.STORED

    def _gone(self, webhook: InboundWebhook, office: Office, batch: Batch[Any]) -> Iterator[str]:
        """The ids of records that the push says are gone."""
        for removed in batch.removed:
            resource = webhook.row.resource
            yield self._ids.make(resource.prefix, RecordPlace(resource.name, webhook.live.spec.id, office.id, removed))

    @staticmethod
    def _pushed(webhook: InboundWebhook, record: Record[Any]) -> Pushed[Any]:
        """What is held of a pushed record: what anyone may see of it, or that nobody may."""
        received_at = record.provenance.fetched_at
        changed_at = accept_push_time(webhook.changed(record.body), received_at)
        if not open_to_all(webhook.row.resource, record.body):
            return Pushed(record.id, None, changed_at, received_at)
        body = mask(record.body, _GENERAL, release_numbers=False)
        return Pushed(record.id, Record(record.id, record.key, body, record.provenance), changed_at, received_at)


def _webhooks_of(live: LiveSystem) -> Iterator[InboundWebhook]:
    """The webhooks of a system. Raises `RegistryError` for one that cannot be: it would hold what may not be held."""
    for row in live.spec.reads:
        if row.webhook is not None:
            if row.feed is None or not row.resource.public:
                raise RegistryError(
                    f"The adapter {live.spec.id} has a webhook for {row.resource.name}, which is not fed or not public."
                )
            yield InboundWebhook(live, row, row.webhook)
