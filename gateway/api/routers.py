"""The routers of the API, in the order of the OpenAPI document."""

from typing import Final

from gateway.api import docs
from gateway.api.resources import (
    applications,
    bills,
    catalogue,
    clients,
    codes,
    complaints,
    consultations,
    generic,
    health,
    health_checks,
    inbound,
    me,
    own_account,
    planning,
    programmes,
    readiness,
    residents,
    search,
    systems,
    traffic,
    transit,
    verification,
)

API_ROUTERS: Final = (
    catalogue.router,
    codes.router,
    readiness.router,
    search.router,
    me.router,
    own_account.router,
    applications.router,
    health.router,
    programmes.router,
    traffic.router,
    transit.router,
    planning.router,
    complaints.router,
    consultations.router,
    bills.router,
    generic.router,
    residents.router,
    verification.router,
    systems.router,
    clients.router,
)
"""Routers that check an access token if the request has one, made by `api_router`."""

ROUTERS_WITHOUT_TOKENS: Final = (health_checks.router, inbound.router, docs.router)
"""Routers without access tokens: health, documents, and webhooks, which authenticate systems by other means."""
