"""Resolve the caller of the unified API: by a token in the `Authorization` header, else by a web-session cookie.

A token is verified on every operation, public ones too, so that a client notices an expired token early. A cookie is
sent by the browser and not by the page, so an expired web session counts as no session and refuses nothing.
Credentials of another scheme may be meant for a proxy; they are refused only where a sign-in is required.
"""

from contextlib import suppress

from starlette.requests import HTTPConnection

from gateway.authentication.bearer import Authenticator, as_person
from gateway.authentication.errors import InsufficientAssuranceError, NotAuthenticatedError
from gateway.authentication.same_origin import SameOriginPages
from gateway.policy.principal import MachinePrincipal, Principal


class Callers:
    """Resolves the principal of a request. If the request has a token, only the token counts."""

    def __init__(self, tokens: Authenticator, pages: SameOriginPages) -> None:
        self._tokens = tokens
        self._pages = pages

    async def check_token(self, request: HTTPConnection) -> None:
        """Raise `NotAuthenticatedError` for an invalid token; do nothing without a token.

        A token whose sign-in was too weak passes: it opens nothing that is not public.
        """
        with suppress(InsufficientAssuranceError):
            await self._presented(request)

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Return the person who sent the request; None without a sign-in; or raise `SignInError`."""
        if "authorization" not in request.headers:
            return await self._pages.caller(request)
        presented = await self._presented(request)
        if presented is None:
            raise NotAuthenticatedError
        return as_person(presented)

    async def optional_caller(self, request: HTTPConnection) -> Principal | None:
        """As `caller`, for public operations: a machine owns no records, so it counts as anonymous."""
        presented = await self._presented(request)
        if presented is None:
            return await self._pages.caller(request)
        return presented if isinstance(presented, Principal) else None

    async def _presented(self, request: HTTPConnection) -> Principal | MachinePrincipal | None:
        """Return the caller of the token. Verified once a request, since a proof of possession is valid once."""
        state = request.scope.setdefault("state", {})
        if "presented" not in state:
            state["presented"] = await self._tokens.presented(request)
        found: Principal | MachinePrincipal | None = state["presented"]
        return found
