"""The parts of the gateway that routes use, put together once by `gateway.app`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gateway.accounts.accounts import Accounts
from gateway.audit.log import GroupedAccessLog
from gateway.clients.administering import ClientAdministration
from gateway.clock import Clock
from gateway.copies.doors import Doors
from gateway.copies.feeds import Feeds
from gateway.copies.shelf import Shelf
from gateway.drift.keeping import DriftKeeper
from gateway.drift.noticing import Noticer
from gateway.federation.federation import Federation
from gateway.federation.paging import Cursors
from gateway.federation.results import HeldResults
from gateway.policy.disclosure import Gate
from gateway.policy.ids import RecordIds
from gateway.registry.levels import Levels
from gateway.registry.registry import Registry
from gateway.sealing import Sealer
from gateway.search.public import PublicIndexes
from gateway.settings import Settings
from gateway.sso.callers import Callers
from gateway.storage.engine import Database
from gateway.upstream.upstreams import Upstreams
from gateway.vault.watching import VaultWatch
from schemas.agency import Agency


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that was composed."""

    settings: Settings
    clock: Clock
    database: Database
    sealer: Sealer
    registry: Registry
    agencies: Mapping[str, Agency]
    levels: Levels
    vault: VaultWatch
    upstreams: Upstreams
    shelf: Shelf
    feeds: Feeds
    doors: Doors
    federation: Federation
    noticer: Noticer
    drifts: DriftKeeper
    ids: RecordIds
    clients: ClientAdministration
    gate: Gate
    log: GroupedAccessLog
    cursors: Cursors
    indexes: PublicIndexes
    results: HeldResults
    accounts: Accounts
    authenticate: Callers


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


TheParts = Annotated[Parts, Depends(_parts)]
