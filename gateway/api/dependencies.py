"""Dependencies of the API's routes, composed once by `gateway.api.composition`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gateway.authentication.callers import Callers
from gateway.federation.federation import Federation
from gateway.federation.held_results import HeldResults
from gateway.federation.paging import Cursors
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.ground.turns import Turns
from gateway.identity.accounts import Accounts
from gateway.observability.drift.detector import DriftDetector
from gateway.observability.drift.queue import DriftQueue
from gateway.observability.drift.store import DriftStore
from gateway.observability.metrics.metrics import Metrics
from gateway.oidc.clients.admin import ClientAdministration
from gateway.oidc.html.pages import PageRenderer
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.policy.disclosure import DisclosureGate
from gateway.records.ids import RecordIds
from gateway.registry.agencies import Agencies
from gateway.registry.levels import Levels
from gateway.registry.registry import Registry
from gateway.registry.vault.watcher import VaultWatcher
from gateway.settings import Settings
from gateway.snapshots.feeds import Feeds
from gateway.snapshots.inbound import InboundWebhooks
from gateway.snapshots.search.public import PublicIndexes
from gateway.snapshots.store import SnapshotStore
from gateway.storage.engine import Database
from gateway.upstream.upstreams import Upstreams
from schemas.code_lists import CodeList


@dataclass(frozen=True, slots=True)
class ApiDependencies:
    """Dependencies of the API's routes. `app.state.deps` holds the one instance."""

    settings: Settings
    clock: Clock
    database: Database
    sealer: Sealer
    registry: Registry
    agencies: Agencies
    code_lists: Mapping[str, CodeList]
    levels: Levels
    vault: VaultWatcher
    upstreams: Upstreams
    snapshots: SnapshotStore
    feeds: Feeds
    webhooks: InboundWebhooks
    starts: Turns
    federation: Federation
    drift_detector: DriftDetector
    drift_queue: DriftQueue
    drift_store: DriftStore
    ids: RecordIds
    clients: ClientAdministration
    gate: DisclosureGate
    log: GroupedAccessLog
    cursors: Cursors
    indexes: PublicIndexes
    results: HeldResults
    accounts: Accounts
    authenticate: Callers
    pages: PageRenderer
    metrics: Metrics


async def _dependencies(request: Request) -> ApiDependencies:
    deps: ApiDependencies = request.app.state.deps
    return deps


ApiDeps = Annotated[ApiDependencies, Depends(_dependencies)]
"""The type of a route's `deps` parameter."""
