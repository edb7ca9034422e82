"""Who is calling: authentication as a type that routes declare."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Header, Request

from gateway.api.dependencies import ApiDeps
from gateway.authentication.bearer import RecentSignIn, require
from gateway.policy.principal import RECENT, Principal
from gateway.policy.purposes import Purpose

VISITS_ACR: Final = 2
"""The assurance (`acr`) that visits to health centres need."""


class RequireScopes:
    """A dependency: the caller, who holds every one of these scopes, has signed in so strongly, and so recently."""

    def __init__(self, *scopes: str, acr: int = 1, max_age: timedelta | None = None) -> None:
        self._scopes = frozenset(scopes)
        self._acr = acr
        self._max_age = max_age

    async def __call__(self, request: Request, deps: ApiDeps) -> Principal:
        """The principal, or a refusal."""
        recent = RecentSignIn(self._max_age, deps.clock()) if self._max_age is not None else None
        # Kept for the access log: a refusal further on is of somebody who is known.
        principal = request.state.principal = await deps.authenticate.caller(request)
        return require(principal, self._scopes, self._acr, recent)


async def _check_token(request: Request, deps: ApiDeps) -> None:
    if "authorization" in request.headers:
        await deps.authenticate.check_token(request)


TOKEN_CHECKED: Final = (Depends(_check_token),)
"""For every operation of the API: a token that is not good is refused, also where none is needed."""


async def _whoever(request: Request, deps: ApiDeps) -> Principal | None:
    return await deps.authenticate.optional_caller(request)


Whoever = Annotated[Principal | None, Depends(_whoever)]
"""The person who is signed in, if one is: by a token or a web session. A machine is nobody in particular."""

ProfileReader = Annotated[Principal, Depends(RequireScopes("profile.read"))]
ApplicationsReader = Annotated[Principal, Depends(RequireScopes("applications.read"))]
HealthReader = Annotated[Principal, Depends(RequireScopes("health.read"))]
VisitsReader = Annotated[Principal, Depends(RequireScopes("health.read", acr=VISITS_ACR))]
ProgrammesReader = Annotated[Principal, Depends(RequireScopes("programmes.read"))]
ComplaintsReader = Annotated[Principal, Depends(RequireScopes("complaints.read"))]
ProposalsReader = Annotated[Principal, Depends(RequireScopes("proposals.read"))]
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
