"""Takes up changed secrets while the gateway serves: looks every few seconds, and at once when a system refuses us.

Each process looks for itself, so that whichever way a secret was changed, all of them have it soon.
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

_PACE: Final = 3.0
_SHORTEST: Final = 0.5
"""Seconds between two looks, however often systems refuse us."""

_log = logging.getLogger(__name__)

Marks = frozenset[tuple[str, str, str, int, bytes | None]]


class VaultWatcher:
    """Keeps the settings of every office as the vault says. `elsewhere`: see `Secrets`."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        sealer: Sealer,
        *,
        elsewhere: Collection[str] | None,
        pace: float = _PACE,
    ) -> None:
        self._registry = registry
        self._database = database
        self._sealer = sealer
        self._elsewhere = elsewhere
        self._pace = pace
        self._marks: Marks | None = None
        self._away = False
        self._wanted = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, where there is an office whose settings can change."""
        if any(True for _ in self._changeable()):
            self._loop = asyncio.create_task(self._run(), name="vault")

    async def aclose(self) -> None:
        """Look no more."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop

    def look_soon(self) -> None:
        """A system has refused us: its secret may just have been changed."""
        self._wanted.set()

    async def look(self) -> None:
        """Take up what has changed since the last look. A database that is away, or a bad row, costs only this."""
        try:
            async with self._database.session() as session:
                rows = (await session.scalars(select(SystemSecretRow))).all()
        except (SQLAlchemyError, OSError) as error:
            if not self._away:
                _log.warning("vault not read", extra={"error": type(error).__name__})
            self._away = True
            return
        self._away = False
        marks = _marks(rows)
        if marks != self._marks:
            self._marks = marks
            self._take_up(open_all(self._sealer, rows))

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace):
                    await self._wanted.wait()
            self._wanted.clear()
            await self.look()
            await asyncio.sleep(_SHORTEST)

    def _take_up(self, opened: OpenedVault) -> None:
        secrets = Secrets(opened.held, self._elsewhere)
        for system, office in self._changeable():
            where = {"system": system, "office": office.id}
            if (system, office.id) in opened.spoilt:
                _log.error("secret not sealed for where it stands", extra=where)
            elif _renewed(office, secrets, where):
                _log.info("secrets taken up", extra=where)

    def _changeable(self) -> Iterator[tuple[str, Office]]:
        for live in self._registry:
            for office in live.offices:
                if office.table is not None:
                    yield live.spec.id, office


def _renewed(office: Office, secrets: Secrets, where: dict[str, str | None]) -> bool:
    """Whether the office has other settings now. Those that do not fit are told of, and leave it as it was."""
    if office.table is None:
        return False
    try:
        settings = office.table.settings(secrets)
    except Exception as error:  # noqa: BLE001 - an adapter judges its settings itself, and may break by any error
        # The sentence of a `RegistryError` is for the start: an adapter's own words about a value may stand in it.
        _log.error("changed secrets do not fit", extra={**where, "error": type(error).__name__})
        return False
    if settings == office.settings:
        return False
    office.settings = settings
    return True


def _marks(rows: Sequence[SystemSecretRow]) -> Marks:
    return frozenset((row.system, row.office, row.field, row.version, row.sealed) for row in rows)
