"""The composition root: the only module that wires components together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from pydantic_core import to_json
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from gateway.api.caller_limits import CallerLimits
from gateway.api.cross_origin import CrossOriginLayer
from gateway.api.dependencies import ApiDependencies
from gateway.api.docs import get_openapi_document
from gateway.api.early_refusals import Refusing
from gateway.api.edge import Edge, EdgeSettings
from gateway.api.metric_sources import (
    RATE_LIMITED,
    READY_ANSWER_FAMILIES,
    RateLimitMetrics,
    ReadyAnswerMetrics,
    add_metric_sources,
)
from gateway.api.problems.handlers import Problems
from gateway.api.ready_answers import ReadyAnswers
from gateway.api.refusals import RefusalRecorder
from gateway.api.resources import verification
from gateway.api.resources.codes import published_lists
from gateway.api.routers import API_ROUTERS, ROUTERS_WITHOUT_TOKENS
from gateway.api.routing.routing_layer import RoutingLayer
from gateway.federation.federation import Federation
from gateway.federation.held_results import HeldResults
from gateway.federation.paging import Cursors
from gateway.ground.clock import Clock, now
from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import Sealer
from gateway.observability.drift.detector import DriftDetector
from gateway.observability.drift.queue import DriftQueue
from gateway.observability.drift.store import DriftStore
from gateway.observability.metrics.metrics import Metrics
from gateway.observability.request_log import RequestLog
from gateway.oidc.clients.addresses import origin_of
from gateway.oidc.clients.admin import ClientAdministration
from gateway.oidc.clients.origins import RegisteredOrigins
from gateway.oidc.provider import Provider
from gateway.pages import landing
from gateway.pages import problems as pages
from gateway.pages.routes import provider_routes
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.policy.disclosure import DisclosureGate
from gateway.records.ids import RecordIds
from gateway.records.normaliser import Normaliser
from gateway.registry.agencies import load_agencies
from gateway.registry.code_lists import merge_code_lists
from gateway.registry.level_limits import restrict_by_level
from gateway.registry.levels import Levels
from gateway.registry.registry import Registry, load_registry
from gateway.registry.vault.store import read_secrets
from gateway.registry.vault.watcher import VaultWatcher
from gateway.settings import Mode, Settings, Unproven
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
from gateway.storage.migration import check_current, migrate
from gateway.upstream.preload import load_transports
from gateway.upstream.upstreams import Upstreams

PAGE_ROUTERS: Final = (pages.router, landing.router)
"""Routers of pages for people, which have no access tokens."""


def create_app(settings: Settings, *, clock: Clock = now, registry: Registry | None = None) -> FastAPI:
    """Create the gateway application. `registry` replaces the systems of the settings, for tests."""
    sealer = open_sealer(settings)
    database = Database(settings.database, settings.database_limits)
    levels = Levels(settings.home / "conformance", clock=clock)
    registry = restrict_by_level(
        registry or _load_registry(settings, database, sealer), levels, serve_unproven=_serves_unproven(settings)
    )
    provider = Provider(database, sealer, settings, clock=clock)
    deps = compose(
        settings,
        clock=clock,
        sealer=sealer,
        database=database,
        registry=registry,
        levels=levels,
        provider=provider,
    )
    problems = Problems(settings.issuer_url, clock, RefusalRecorder().record)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        outbox_worker = provider.deps.accounts.outbox_worker
        async with AsyncExitStack() as closing:
            # Closed in reverse order, independently of each other; also if the start fails.
            for component in (
                database,
                provider,
                deps.upstreams,
                deps.log,
                deps.drift_store,
                deps.drift_queue,
                deps.vault,
                deps.feeds,
                outbox_worker,
                deps.metrics.event_loop_lag,
            ):
                closing.push_async_callback(component.aclose)
            prepare = migrate if settings.mode is Mode.DEMO else check_current
            await anyio.to_thread.run_sync(prepare, database)
            await provider.start()
            outbox_worker.start()
            provider.start_jobs()
            deps.log.start()
            await deps.vault.start()
            await deps.drift_store.start()
            deps.drift_queue.start()
            await deps.feeds.load()
            await deps.webhooks.start()
            # Last: fetching competes for the event loop with whatever is still awaited here.
            deps.feeds.start()
            deps.metrics.event_loop_lag.start()
            yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.deps = deps
    for router in (*API_ROUTERS, *ROUTERS_WITHOUT_TOKENS, *PAGE_ROUTERS):
        # As they were declared: `include_router` would let FastAPI analyse each route once more.
        app.router.routes.extend(router.routes)
    app.router.routes.extend(
        provider_routes(provider, provider.authenticator(), verification.RegisterVerification(deps))
    )
    problems.install(app)
    _serve_openapi(app, settings)
    limits = CallerLimits(settings.limits, provider.known_callers)
    app.middleware_stack = _layers(app, settings, database, problems, limits)
    return app


def _layers(app: FastAPI, settings: Settings, database: Database, problems: Problems, limits: CallerLimits) -> ASGIApp:
    """Return the layers between the server and the routes of `app`, innermost first."""
    by_fastapi = ExceptionMiddleware(AsyncExitStackMiddleware(app.router), handlers=app.exception_handlers)
    routes = RoutingLayer(by_fastapi, application=app)
    deps: ApiDependencies = app.state.deps
    clock, metrics = deps.clock, deps.metrics
    ready_answers = app.state.ready_answers = ReadyAnswers(routes, clock)
    metrics.add_source(READY_ANSWER_FAMILIES, ReadyAnswerMetrics(ready_answers).samples)
    metrics.add_source((RATE_LIMITED,), RateLimitMetrics(limits).samples)
    edge = Edge(
        ready_answers,
        EdgeSettings(settings.deadlines, settings.database_limits.request, settings.trusted_proxies),
        fault=problems.handler_for("internal"),
        application=app,
        request_log=RequestLog(settings.log),
        metrics=metrics.requests,
        refusing=Refusing(limits, problems.rate_limited, problems.overloaded),
    )
    own_origin = origin_of(settings.issuer_url)
    return CrossOriginLayer(edge, origins=RegisteredOrigins(database, clock), own_origin=own_origin)


def _load_registry(settings: Settings, database: Database, sealer: Sealer) -> Registry:
    try:
        return load_registry(settings.systems, secrets=read_secrets(database, sealer, settings.secrets_elsewhere))
    finally:
        # The lifespan closes the database's connections, and it may never begin.
        database.sync_engine.dispose()


def _serves_unproven(settings: Settings) -> bool:
    return settings.mode is Mode.DEMO or settings.unproven is Unproven.SERVE


def compose(
    settings: Settings,
    *,
    clock: Clock,
    sealer: Sealer,
    database: Database,
    registry: Registry,
    levels: Levels,
    provider: Provider,
) -> ApiDependencies:
    """Create all dependencies of the routes."""
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
        federation=Federation(
            registry=registry,
            upstreams=upstreams,
            snapshots=snapshots,
            normaliser=normaliser,
            clock=clock,
            fingerprint=partial(sealer.fingerprint, "question"),
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


def _serve_openapi(app: FastAPI, settings: Settings) -> None:
    def openapi() -> dict[str, Any]:
        # Loaded with the models and examples of answers when the document is first requested.
        from gateway.api.openapi.document import describe

        return describe(app, issuer=settings.issuer_url)

    app.openapi = cache(openapi)  # type: ignore[method-assign]  # as FastAPI
    app.state.openapi_document = cache(lambda: to_json(app.openapi()))
    app.add_api_route("/openapi.json", get_openapi_document, include_in_schema=False)
