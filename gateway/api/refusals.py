"""Records refused requests for personal data in the access log: caller, client, resource and time.

An entry is written when an authenticated caller gets 403 because of a missing scope, role or purpose. No entry is
written for 401 answers (not authenticated, or a stronger sign-in required), for machines, and for administration. The
answer never depends on the entry: if the entry cannot be written, a warning is logged.
"""

import logging
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request

from gateway.api.dependencies import ApiDependencies
from gateway.api.lists import access_context
from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.policy.access_log.recorder import Refusal
from gateway.policy.narrowing import RefusedError
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import Purpose

_MAX_ENTRIES: Final = 20
_WINDOW: Final = timedelta(minutes=1)
_MAX_ACCOUNTS: Final = 4096
_ADMINISTRATION_SCOPES: Final = frozenset({"clients.manage"})
_LOOKUP_RESOURCE: Final = "residents"

_log = logging.getLogger(__name__)


class RefusalRecorder:
    """Records refusals, at most twenty a minute for each account, so that a looping client does not fill the log."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    async def record(self, request: Request, error: Exception) -> None:
        """Record the refusal of this request, if it is of a kind that is recorded."""
        principal: Principal | None = getattr(request.state, "principal", None)
        scopes = _scopes_of(request)
        if principal is None or not scopes or scopes <= _ADMINISTRATION_SCOPES:
            return
        deps: ApiDependencies = request.app.state.deps
        if not self._within_limit(principal.account_id, deps.clock()):
            _log.warning("refusal not recorded", extra={"reason": "too many", "client_id": principal.client_id})
            return
        refusal = _refusal(request, error, principal, scopes)
        try:
            await deps.gate.log_refusal(principal, refusal, access_context(deps, request.state.context, request))
        except AccessLogUnavailableError:
            _log.warning("refusal not recorded", extra={"reason": "access log", "client_id": principal.client_id})

    def _within_limit(self, account_id: str, now: datetime) -> bool:
        began, count = self._counts.pop(account_id, (now, 0))
        if now - began >= _WINDOW:
            began, count = now, 0
        self._counts[account_id] = (began, count + 1)
        if len(self._counts) > _MAX_ACCOUNTS:
            self._counts.popitem(last=False)
        return count < _MAX_ENTRIES


def _refusal(request: Request, error: Exception, principal: Principal, scopes: frozenset[str]) -> Refusal:
    resource = min(scopes).partition(".")[0]
    own = Role.RESIDENT in principal.roles and resource != _LOOKUP_RESOURCE
    if isinstance(error, RefusedError) and error.resource is not None:
        resource = error.resource
    nik = error.nik if isinstance(error, RefusedError) else None
    stated = request.headers.get("gerbang-purpose", "")
    purpose = Purpose.OWN_ACCESS if own else stated if stated in set(Purpose) else "not-stated"
    return Refusal(resource=resource, purpose=purpose, own=own, nik=principal.nik if own else nik)


def _scopes_of(request: Request) -> frozenset[str]:
    """Return the scopes that the route's `openapi_extra` declares; empty for public operations."""
    operation = getattr(request.scope.get("route"), "openapi_extra", None) or {}
    return frozenset(scope for scheme in operation.get("security", ()) for scope in scheme.get("signIn", ()))
