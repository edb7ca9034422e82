"""Inbound webhooks: a push from a system is stored first, then shown, and only then answered."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from adapters.contract import Batch, Reads, Webhook, WebhookOutcome, WebhookReply, WebhookRequest
from adapters.errors import AdapterError
from gateway.ground.clock import Clock
from gateway.policy.masks import mask, visible_doubts
from gateway.policy.ownership import open_to_all
from gateway.records.ids import RecordIds, RecordPlace
from gateway.records.normaliser import AnswerSource, Normaliser, dated
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.registry.system_files import RegistryError
from gateway.snapshots.overlay import Overlay, Pushed, accept_push_time
from gateway.snapshots.push_store import PushId, PushStore
from gateway.snapshots.snapshot import SnapshotKey
from gateway.snapshots.store import SnapshotStore
from gateway.storage.engine import UNAVAILABLE
from schemas.classes import DataClass
from schemas.records import Body, Record
from schemas.resources import Resource

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
    """The answer to a push: a status, and a body in the system's own envelope."""

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
    def log_fields(self) -> dict[str, object]:
        """Extra fields for log lines."""
        return {"system": self.live.spec.id, "resource": self.row.resource.name, "webhook": self.declared.path}

    def key(self, office: Office) -> SnapshotKey:
        """The snapshot that pushes from this office change."""
        return SnapshotKey(self.live.spec.id, office.id, self.row.resource.name)

    def answer(self, outcome: WebhookOutcome) -> WebhookAnswer:
        """An outcome in the system's own envelope; an empty body when the adapter's function fails."""
        reply = self._call_adapter(lambda: self.declared.reply(outcome)) or WebhookReply(b"", "text/plain")
        return WebhookAnswer(_STATUS[outcome], reply.content, reply.media_type)

    def is_from(self, office: Office, request: WebhookRequest, now: datetime) -> bool:
        """Whether the push is authenticated as coming from this office."""
        return self._call_adapter(lambda: self.declared.authenticate(office.settings, request, now)) is True

    def changed(self, body: Body) -> datetime | None:
        """The time of the system's last change to a record, if it states one; a time without a zone is ignored."""
        moment = self._call_adapter(lambda: self.declared.changed_at(body))
        return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None

    def digest(self, office: Office, request: WebhookRequest) -> str:
        """The identity of a push: its office, the system's own delivery id if it has one, and the content."""
        delivery_id = self._call_adapter(lambda: self.declared.delivery_id(request)) or ""
        parts = [part.encode("utf-8", "surrogatepass") for part in (office.id or "", delivery_id)]
        identity = b"".join(len(part).to_bytes(8, "big") + part for part in parts) + request.content
        return blake2b(identity, digest_size=24).hexdigest()

    def _call_adapter(self, function: Callable[[], T]) -> T | None:
        """Call one of the adapter's functions; return None when it fails, after logging the fault."""
        try:
            return function()
        except Exception as error:  # noqa: BLE001 - a fault in one adapter must not affect other systems
            _log.error("adapter fault in a webhook", extra=self.log_fields | {"error": type(error).__name__})
            return None


class InboundWebhooks:
    """All webhooks of all live systems."""

    def __init__(
        self,
        systems: Iterable[LiveSystem],
        *,
        snapshots: SnapshotStore,
        push_store: PushStore,
        normaliser: Normaliser,
        ids: RecordIds,
        clock: Clock,
    ) -> None:
        self._webhooks = {
            (webhook.live.spec.id, webhook.declared.path): webhook for live in systems for webhook in _webhooks_of(live)
        }
        self._snapshots = snapshots
        self._push_store = push_store
        self._normaliser = normaliser
        self._ids = ids
        self._clock = clock
        self._overlays: dict[SnapshotKey, Overlay[Any]] = {}
        # Pushes are processed one at a time, so that the stored and the shown state agree.
        self._push_lock = asyncio.Lock()

    async def start(self) -> None:
        """Load earlier pushes as overlays over the snapshots; call it after `Feeds.load`, which adds these."""
        for webhook in self._webhooks.values():
            resource, row = webhook.row.resource, webhook.row
            for office in webhook.live.offices:
                key = webhook.key(office)
                overlay = Overlay(resource, webhook.changed, row.keep)
                overlay.add(await self._stored(key, resource, self._clock() - row.keep))
                self._overlays[key] = overlay
                self._snapshots.add_overlay(key, overlay)

    def at(self, system: str, path: str) -> InboundWebhook | None:
        """The webhook at this path of a live system."""
        return self._webhooks.get((system, path))

    @staticmethod
    def too_large(webhook: InboundWebhook) -> WebhookAnswer:
        """The answer to a push whose body exceeds its bound."""
        return webhook.answer(WebhookOutcome.TOO_LARGE)

    @staticmethod
    def interrupted(webhook: InboundWebhook) -> WebhookAnswer:
        """The answer to a push that was interrupted."""
        return webhook.answer(WebhookOutcome.MALFORMED)

    async def receive(self, webhook: InboundWebhook, headers: Mapping[str, str], content: bytes) -> WebhookAnswer:
        """Receive one push. It is stored if, and only if, the answer reports that it is."""
        request = WebhookRequest(headers, content)
        office = self._sender(webhook, request)
        if office is None:
            _log.warning("push not authenticated", extra=webhook.log_fields)
            return webhook.answer(WebhookOutcome.NOT_AUTHENTICATED)
        batch = self._read(webhook, request)
        if batch is None:
            return webhook.answer(WebhookOutcome.MALFORMED)
        return webhook.answer(await self._store(webhook, office, request, batch))

    def _sender(self, webhook: InboundWebhook, request: WebhookRequest) -> Office | None:
        """The office that the push comes from. Every office is tried, so that the duration reveals nothing."""
        now = self._clock()
        found = [office for office in webhook.live.offices if webhook.is_from(office, request, now)]
        return found[0] if found else None

    @staticmethod
    def _read(webhook: InboundWebhook, request: WebhookRequest) -> Batch[Any] | None:
        try:
            return webhook.declared.read(request)
        except AdapterError as error:
            _log.warning("push not readable", extra=webhook.log_fields | {"reason": error.reason})
        except Exception as error:  # noqa: BLE001 - a fault of the adapter, not of the sender; the push stays unread
            _log.error("adapter fault in a webhook", extra=webhook.log_fields | {"error": type(error).__name__})
        return None

    async def _store(
        self, webhook: InboundWebhook, office: Office, request: WebhookRequest, batch: Batch[Any]
    ) -> WebhookOutcome:
        at, key = self._clock(), webhook.key(office)
        normalised = self._normaliser.make(webhook.row, dated(batch), AnswerSource(key.system, key.office, at))
        pushed = [self._pushed(webhook, record) for record in normalised.records]
        pushed += [Pushed(id_, None, None, at) for id_ in self._removed_ids(webhook, office, batch)]
        if normalised.set_aside and not pushed:
            return WebhookOutcome.MALFORMED
        push, since = PushId(key.system, webhook.declared.path, webhook.digest(office, request)), at - webhook.row.keep
        async with self._push_lock:
            try:
                new = await self._push_store.save(push, key, pushed, set_aside=normalised.set_aside, at=at, since=since)
                # The sender of a repeated push may have got no answer to the first, which was then not shown either.
                shown = pushed if new else await self._stored(key, webhook.row.resource, since)
            except (*UNAVAILABLE, SQLAlchemyError, OSError) as error:
                _log.error("push not stored", extra=webhook.log_fields | {"error": type(error).__name__})
                return WebhookOutcome.UNAVAILABLE
            self._snapshots.apply_overlay(key, self._overlays[key].add(shown))
        _log.info("push", extra=webhook.log_fields | {"outcome": "new" if new else "repeated", "count": len(pushed)})
        return WebhookOutcome.STORED

    async def _stored(self, key: SnapshotKey, resource: Resource[Any, Any], since: datetime) -> list[Pushed[Any]]:
        """The stored pushes since `since`, without those about ids of an earlier scheme: these match no record."""
        stored = await self._push_store.load(key, resource, since)
        return [push for push in stored if self._ids.open(resource, push.record_id) is not None]

    def _removed_ids(self, webhook: InboundWebhook, office: Office, batch: Batch[Any]) -> Iterator[str]:
        """The ids of records that the push reports as deleted."""
        for removed in batch.removed:
            resource = webhook.row.resource
            yield self._ids.make(resource.prefix, RecordPlace(resource.name, webhook.live.spec.id, office.id, removed))

    @staticmethod
    def _pushed(webhook: InboundWebhook, record: Record[Any]) -> Pushed[Any]:
        """The held part of a pushed record: its public part, or None when it must not be shown."""
        received_at = record.provenance.fetched_at
        changed_at = accept_push_time(webhook.changed(record.body), received_at)
        if not open_to_all(webhook.row.resource, record.body):
            return Pushed(record.id, None, changed_at, received_at)
        body = mask(record.body, _GENERAL, release_numbers=False)
        shown = replace(record, body=body, doubts=visible_doubts(record, _GENERAL))
        return Pushed(record.id, shown, changed_at, received_at)


def _webhooks_of(live: LiveSystem) -> Iterator[InboundWebhook]:
    """The webhooks of a system. Raises `RegistryError` for one whose records must not be held."""
    for row in live.spec.reads:
        if row.webhook is not None:
            if row.feed is None or not row.resource.public:
                raise RegistryError(
                    f"The adapter {live.spec.id} has a webhook for {row.resource.name}, which is not fed or not public."
                )
            yield InboundWebhook(live, row, row.webhook)
