"""Applies changed secrets while the gateway serves: checks every few seconds, and at once when a system refuses us.

Each process checks separately, so that every process applies a change soon, however it was made.
"""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gateway.ground.sealing import Sealer
from gateway.registry.office_secrets import Secrets
from gateway.registry.offices import Office
from gateway.registry.registry import Registry
from gateway.registry.vault.store import OpenedVault, open_all
from gateway.storage.engine import Database
from gateway.storage.tables.vault import SystemSecretRow

_INTERVAL: Final = 3.0
_MIN_INTERVAL: Final = 0.5
"""The shortest time in seconds between two checks, however often systems refuse us."""

_log = logging.getLogger(__name__)

Marks = frozenset[tuple[str, str, str, int, bytes | None]]


class VaultWatcher:
    """Keeps the settings of every office in line with the vault. `elsewhere`: see `Secrets`."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        sealer: Sealer,
        *,
        elsewhere: Collection[str] | None,
        interval: float = _INTERVAL,
    ) -> None:
        self._registry = registry
        self._database = database
        self._sealer = sealer
        self._elsewhere = elsewhere
        self._interval = interval
        self._marks: Marks | None = None
        self._unavailable = False
        self._requested = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start checking, if there is an office whose settings can change."""
        if any(True for _ in self._changeable()):
            self._loop = asyncio.create_task(self._run(), name="vault")

    async def aclose(self) -> None:
        """Stop checking."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop

    def request_check(self) -> None:
        """Request a check: a system has refused us, so its secret may just have been changed."""
        self._requested.set()

    async def check(self) -> None:
        """Apply the changes since the last check. Logs an unavailable database or a bad row."""
        try:
            async with self._database.session() as session:
                rows = (await session.scalars(select(SystemSecretRow))).all()
        except (SQLAlchemyError, OSError) as error:
            if not self._unavailable:
                _log.warning("vault not read", extra={"error": type(error).__name__})
            self._unavailable = True
            return
        self._unavailable = False
        marks = _marks(rows)
        if marks != self._marks:
            self._marks = marks
            self._apply(open_all(self._sealer, rows))

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._requested.wait()
            self._requested.clear()
            await self.check()
            await asyncio.sleep(_MIN_INTERVAL)

    def _apply(self, opened: OpenedVault) -> None:
        secrets = Secrets(opened.held, self._elsewhere)
        for system, office in self._changeable():
            log_fields = {"system": system, "office": office.id}
            if (system, office.id) in opened.spoilt:
                _log.error("secret not sealed for its place", extra=log_fields)
            elif _has_new_settings(office, secrets, log_fields):
                _log.info("changed secrets applied", extra=log_fields)

    def _changeable(self) -> Iterator[tuple[str, Office]]:
        for live in self._registry:
            for office in live.offices:
                if office.table is not None:
                    yield live.spec.id, office


def _has_new_settings(office: Office, secrets: Secrets, log_fields: dict[str, str | None]) -> bool:
    """Return whether the office has new settings. Invalid ones are logged, and leave it unchanged."""
    if office.table is None:
        return False
    try:
        settings = office.table.settings(secrets)
    except Exception as error:  # noqa: BLE001 - an adapter validates its settings itself, and may raise any error
        # The sentence of a `RegistryError` is for the start: an adapter's message may contain the value.
        _log.error("changed secrets do not fit", extra={**log_fields, "error": type(error).__name__})
        return False
    if settings == office.settings:
        return False
    office.settings = settings
    return True


def _marks(rows: Sequence[SystemSecretRow]) -> Marks:
    return frozenset((row.system, row.office, row.field, row.version, row.sealed) for row in rows)
