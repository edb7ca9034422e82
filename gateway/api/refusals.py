"""Puts refused requests for personal data on record: who asked, through which client, for what, and when.

An entry is made when the caller is known and the answer is 403 because of a missing scope, role or purpose. No entry is
made for callers who are not known (401), for a stronger sign-in that is asked for (401), for machines, and for what
operators administer. The refusal itself never depends on the entry: if it cannot be written, the log says so.
"""

import logging
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request

from gateway.api.dependencies import ApiDependencies
from gateway.api.lists import occasion
from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.policy.access_log.recorder import Refusal
from gateway.policy.narrowing import RefusedError
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import Purpose

_MOST: Final = 20
_WINDOW: Final = timedelta(minutes=1)
_ACCOUNTS: Final = 4096
_ADMINISTRATION: Final = frozenset({"clients.manage"})
_ABOUT_OTHERS: Final = "residents"

_log = logging.getLogger(__name__)


class RefusalRecorder:
    """Records refusals, of each account at most twenty a minute: a client that repeats itself must not fill the log."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    async def note(self, request: Request, error: Exception) -> None:
        """Put the refusal of this request on record, if it is one of those that are recorded."""
        principal: Principal | None = getattr(request.state, "principal", None)
        scopes = _scopes_of(request)
        if principal is None or not scopes or scopes <= _ADMINISTRATION:
            return
        deps: ApiDependencies = request.app.state.deps
        if not self._has_room(principal.account_id, deps.clock()):
            _log.warning("refusal not recorded", extra={"reason": "too many", "client_id": principal.client_id})
            return
        refusal = _refusal(request, error, principal, scopes)
        try:
            await deps.gate.log_refusal(principal, refusal, occasion(deps, request.state.context, request))
        except AccessLogUnavailableError:
            _log.warning("refusal not recorded", extra={"reason": "access log", "client_id": principal.client_id})

    def _has_room(self, account_id: str, now: datetime) -> bool:
        began, count = self._counts.pop(account_id, (now, 0))
        if now - began >= _WINDOW:
            began, count = now, 0
        self._counts[account_id] = (began, count + 1)
        if len(self._counts) > _ACCOUNTS:
            self._counts.popitem(last=False)
        return count < _MOST


def _refusal(request: Request, error: Exception, principal: Principal, scopes: frozenset[str]) -> Refusal:
    resource = min(scopes).partition(".")[0]
    own = Role.RESIDENT in principal.roles and resource != _ABOUT_OTHERS
    if isinstance(error, RefusedError) and error.resource is not None:
        resource = error.resource
    nik = error.nik if isinstance(error, RefusedError) else None
    stated = request.headers.get("gerbang-purpose", "")
    purpose = Purpose.OWN_ACCESS if own else stated if stated in set(Purpose) else "not-stated"
    return Refusal(resource=resource, purpose=purpose, own=own, nik=principal.nik if own else nik)


def _scopes_of(request: Request) -> frozenset[str]:
    """The scopes that the operation needs, as they stand beside its route; none for public ones."""
    described = getattr(request.scope.get("route"), "openapi_extra", None) or {}
    return frozenset(scope for way in described.get("security", ()) for scope in way.get("signIn", ()))
