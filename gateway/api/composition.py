"""Composition of the dependencies of the API's routes, for `gateway.app`."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from gateway.api.dependencies import ApiDependencies
from gateway.api.early_refusals import STARTS_IN_A_ROUND
from gateway.api.metric_sources import add_metric_sources
from gateway.api.resources.codes import published_lists
from gateway.federation.federation import Federation
from gateway.federation.held_results import HeldResults
from gateway.federation.live import LiveQuestions
from gateway.federation.paging import Cursors
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.ground.turns import Turns
from gateway.observability.drift.detector import DriftDetector
from gateway.observability.drift.queue import DriftQueue
from gateway.observability.drift.store import DriftStore
from gateway.observability.metrics.metrics import Metrics
from gateway.oidc.clients.admin import ClientAdministration
from gateway.oidc.provider import Provider
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.policy.disclosure import DisclosureGate
from gateway.records.ids import RecordIds
from gateway.records.normaliser import Normaliser
from gateway.registry.agencies import load_agencies
from gateway.registry.code_lists import merge_code_lists
from gateway.registry.levels import Levels
from gateway.registry.registry import Registry
from gateway.registry.vault.watcher import VaultWatcher
from gateway.settings import Settings
from gateway.shared.memory import MemoryShared
from gateway.snapshots.feeds import Feeds
from gateway.snapshots.fetcher import FeedFetcher
from gateway.snapshots.inbound import InboundWebhooks
from gateway.snapshots.persistence import SnapshotPersistence
from gateway.snapshots.personal_seal import PersonSeal
from gateway.snapshots.push_store import PushStore
from gateway.snapshots.search.public import PublicIndexes
from gateway.snapshots.store import SnapshotStore
from gateway.storage.engine import Database
from gateway.upstream.preload import load_transports
from gateway.upstream.upstreams import Upstreams


def compose_dependencies(
    settings: Settings,
    *,
    clock: Clock,
    sealer: Sealer,
    database: Database,
    registry: Registry,
    levels: Levels,
    provider: Provider,
) -> ApiDependencies:
    """Create all dependencies of the routes. Nothing is started."""
    shared = MemoryShared(clock=clock)
    vault = VaultWatcher(registry, database, sealer, elsewhere=settings.secrets_elsewhere)
    load_transports(((live.spec, [office.settings for office in live.offices]) for live in registry), settings.upstream)
    metrics = Metrics()
    observer, refused = metrics.upstream_requests.observe, vault.request_check
    upstreams = Upstreams(shared, clock, settings.upstream, sealer=sealer, observer=observer, refused=refused)
    ids = RecordIds(sealer, registry.offices_reading)
    drift_detector = DriftDetector(clock)
    drift_queue = DriftQueue(drift_detector)
    agencies = load_agencies(Path(settings.agencies), registry)
    normaliser = Normaliser(ids, drift_queue.put, agencies.complete)
    seal = PersonSeal(sealer)
    snapshots = SnapshotStore(seal=seal, clock=clock, lists_kept_for=settings.result_hold)
    starts = Turns(STARTS_IN_A_ROUND)
    log = GroupedAccessLog(database, timedelta(seconds=settings.deadlines.access_log))
    feeders = tuple(
        FeedFetcher((live, office, row), upstreams=upstreams, normaliser=normaliser, seal=seal, clock=clock)
        for live in registry
        for row in live.spec.reads
        if row.feed is not None
        for office in live.offices
    )
    deps = ApiDependencies(
        settings=settings,
        clock=clock,
        database=database,
        sealer=sealer,
        registry=registry,
        agencies=agencies,
        code_lists=published_lists(merge_code_lists(registry)),
        levels=levels,
        vault=vault,
        upstreams=upstreams,
        snapshots=snapshots,
        feeds=Feeds(
            feeders,
            snapshots=snapshots,
            persistence=SnapshotPersistence(database),
            clock=clock,
            settings=settings.feeds,
        ),
        webhooks=InboundWebhooks(
            registry, snapshots=snapshots, push_store=PushStore(database), normaliser=normaliser, ids=ids, clock=clock
        ),
        starts=starts,
        federation=Federation(
            registry=registry,
            snapshots=snapshots,
            live=LiveQuestions(
                upstreams=upstreams,
                normaliser=normaliser,
                clock=clock,
                fingerprint=partial(sealer.fingerprint, "question"),
                starts=starts,
            ),
            max_records=settings.max_records,
        ),
        drift_detector=drift_detector,
        drift_queue=drift_queue,
        drift_store=DriftStore(database, drift_detector),
        ids=ids,
        clients=ClientAdministration(database, sealer, clock, agencies, settings.audience),
        gate=DisclosureGate(log=log, sealer=sealer, clock=clock),
        log=log,
        cursors=Cursors(sealer),
        indexes=PublicIndexes(snapshots),
        results=HeldResults(cache=shared, sealer=sealer, kept_for=settings.result_hold),
        accounts=provider.deps.accounts,
        authenticate=provider.callers(),
        pages=provider.deps.pages,
        metrics=metrics,
    )
    add_metric_sources(deps, normaliser)
    return deps
