"""The composition root: creates the application with its routes and layers, and starts and closes its components.

`gateway.api.composition` and `gateway.oidc.provider` wire the dependencies of their own routes; no other module wires
components together.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import anyio.to_thread
from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from gateway.api.caller_limits import CallerLimits
from gateway.api.composition import compose_dependencies
from gateway.api.cross_origin import CrossOriginLayer
from gateway.api.dependencies import ApiDependencies
from gateway.api.docs import serve_openapi_document
from gateway.api.early_refusals import EntryRules
from gateway.api.edge import Edge, EdgeSettings
from gateway.api.metric_sources import RATE_LIMITED, READY_ANSWER_FAMILIES, RateLimitMetrics, ReadyAnswerMetrics
from gateway.api.problems.handlers import Problems
from gateway.api.ready_answers import ReadyAnswers
from gateway.api.refusals import RefusalRecorder
from gateway.api.resources import verification
from gateway.api.routers import API_ROUTERS, ROUTERS_WITHOUT_TOKENS
from gateway.api.routing.routing_layer import RoutingLayer
from gateway.ground.clock import Clock, now
from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import Sealer
from gateway.observability.request_log import RequestLog
from gateway.oidc.clients.addresses import origin_of
from gateway.oidc.clients.origins import RegisteredOrigins
from gateway.oidc.provider import Provider
from gateway.pages import landing
from gateway.pages import problems as pages
from gateway.pages.routes import provider_routes
from gateway.registry.level_limits import restrict_by_level
from gateway.registry.levels import Levels
from gateway.registry.registry import Registry, load_registry
from gateway.registry.vault.store import read_secrets
from gateway.settings import Mode, Settings, Unproven
from gateway.storage.engine import Database
from gateway.storage.migration import check_current, migrate

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
    deps = compose_dependencies(
        settings,
        clock=clock,
        sealer=sealer,
        database=database,
        registry=registry,
        levels=levels,
        provider=provider,
    )
    problems = Problems(settings.issuer_url, clock, RefusalRecorder().record)

    app = FastAPI(
        lifespan=lambda _app: _running(deps, provider),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.deps = deps
    for router in (*API_ROUTERS, *ROUTERS_WITHOUT_TOKENS, *PAGE_ROUTERS):
        # As they were declared: `include_router` would let FastAPI analyse each route once more.
        app.router.routes.extend(router.routes)
    app.router.routes.extend(
        provider_routes(provider, provider.authenticator(), verification.RegisterVerification(deps))
    )
    problems.install(app)
    serve_openapi_document(app, settings.issuer_url)
    limits = CallerLimits(settings.limits, provider.known_callers)
    app.middleware_stack = _layers(app, deps, problems, limits)
    return app


@asynccontextmanager
async def _running(deps: ApiDependencies, provider: Provider) -> AsyncIterator[None]:
    """Start the components in their order, and close them at the end."""
    outbox_worker = provider.deps.accounts.outbox_worker
    async with AsyncExitStack() as closing:
        # Closed in reverse order, independently of each other; also if the start fails.
        for component in (
            deps.database,
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
        prepare = migrate if deps.settings.mode is Mode.DEMO else check_current
        await anyio.to_thread.run_sync(prepare, deps.database)
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


def _layers(app: FastAPI, deps: ApiDependencies, problems: Problems, limits: CallerLimits) -> ASGIApp:
    """Return the layers between the server and the routes of `app`, innermost first."""
    by_fastapi = ExceptionMiddleware(AsyncExitStackMiddleware(app.router), handlers=app.exception_handlers)
    routes = RoutingLayer(by_fastapi, application=app)
    settings, clock, metrics = deps.settings, deps.clock, deps.metrics
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
        rules=EntryRules(deps.starts, limits, problems.rate_limited, problems.overloaded),
    )
    own_origin = origin_of(settings.issuer_url)
    return CrossOriginLayer(edge, origins=RegisteredOrigins(deps.database, clock), own_origin=own_origin)


def _load_registry(settings: Settings, database: Database, sealer: Sealer) -> Registry:
    try:
        return load_registry(settings.systems, secrets=read_secrets(database, sealer, settings.secrets_elsewhere))
    finally:
        # The lifespan closes the database's connections, and it may never begin.
        database.sync_engine.dispose()


def _serves_unproven(settings: Settings) -> bool:
    return settings.mode is Mode.DEMO or settings.unproven is Unproven.SERVE
