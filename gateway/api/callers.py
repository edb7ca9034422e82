"""Authentication of callers as FastAPI dependencies, one type for each scope that routes require."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, params

from gateway.api.dependencies import ApiDeps
from gateway.authentication.bearer import RecentSignIn, require
from gateway.policy.principal import RECENT, Principal
from gateway.policy.purposes import Purpose

VISITS_ACR: Final = 2
"""The assurance level (`acr`) that visits to health centres require."""


class RequireScopes:
    """Dependency: authenticate the caller, and require all `scopes`, at least `acr`, and a sign-in within `max_age`."""

    def __init__(self, *scopes: str, acr: int = 1, max_age: timedelta | None = None) -> None:
        self._scopes = frozenset(scopes)
        self._acr = acr
        self._max_age = max_age

    async def __call__(self, request: Request, deps: ApiDeps) -> Principal:
        """Return the principal. Raises `SignInError` if a requirement is not met."""
        recent = RecentSignIn(self._max_age, deps.clock()) if self._max_age is not None else None
        # RefusalRecorder reads it, to log later refusals of an authenticated caller.
        principal = request.state.principal = await deps.authenticate.caller(request)
        return require(principal, self._scopes, self._acr, recent)


async def _check_token(request: Request, deps: ApiDeps) -> None:
    if "authorization" in request.headers:
        await deps.authenticate.check_token(request)


CHECK_TOKEN: Final = (Depends(_check_token),)
"""Dependency of every operation of the API: refuse an invalid token, even where no token is required."""


def api_router(*, prefix: str, tags: Sequence[str], dependencies: Sequence[params.Depends] = ()) -> APIRouter:
    """Return a router of the API, whose routes check an access token if the request has one."""
    return APIRouter(prefix=prefix, tags=list(tags), dependencies=[*CHECK_TOKEN, *dependencies])


async def _optional_caller(request: Request, deps: ApiDeps) -> Principal | None:
    return await deps.authenticate.optional_caller(request)


OptionalCaller = Annotated[Principal | None, Depends(_optional_caller)]
"""The person who has signed in by a token or a web session. None for anonymous callers and machines."""

ProfileReader = Annotated[Principal, Depends(RequireScopes("profile.read"))]
ApplicationsReader = Annotated[Principal, Depends(RequireScopes("applications.read"))]
HealthReader = Annotated[Principal, Depends(RequireScopes("health.read"))]
VisitsReader = Annotated[Principal, Depends(RequireScopes("health.read", acr=VISITS_ACR))]
ProgrammesReader = Annotated[Principal, Depends(RequireScopes("programmes.read"))]
ComplaintsReader = Annotated[Principal, Depends(RequireScopes("complaints.read"))]
ProposalsReader = Annotated[Principal, Depends(RequireScopes("proposals.read"))]
CasesReader = Annotated[Principal, Depends(RequireScopes("cases.read"))]
EntitlementsReader = Annotated[Principal, Depends(RequireScopes("entitlements.read"))]
BookingsReader = Annotated[Principal, Depends(RequireScopes("bookings.read"))]
BillsReader = Annotated[Principal, Depends(RequireScopes("bills.read"))]
AccessLogReader = Annotated[Principal, Depends(RequireScopes("access-log.read"))]
AccountReader = Annotated[Principal, Depends(RequireScopes("account.read"))]
AccountWriter = Annotated[Principal, Depends(RequireScopes("account.write"))]
LinksChanger = Annotated[Principal, Depends(RequireScopes("account.write", acr=2, max_age=RECENT))]
ResidentsSearcher = Annotated[Principal, Depends(RequireScopes("residents.lookup"))]
ResidentsVerifier = Annotated[Principal, Depends(RequireScopes("residents.verify", acr=2))]
ClientsReader = Annotated[Principal, Depends(RequireScopes("clients.manage", acr=2))]
ClientsChanger = Annotated[Principal, Depends(RequireScopes("clients.manage", acr=2, max_age=RECENT))]

StatedPurpose = Annotated[Purpose | None, Header(alias="Gerbang-Purpose")]
