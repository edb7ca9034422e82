"""Who is calling the unified API: by a token in the `Authorization` header, else by the cookie of a web session.

A token is judged wherever it is sent: a client learns at every operation, public ones too, that its token has ended. A
cookie is sent by the browser and not by the page, so a web session that has ended is no session, and nothing is refused
for it. Credentials of another scheme, which a proxy may want for itself, are refused only where somebody must sign in.
"""

from contextlib import suppress

from starlette.requests import HTTPConnection

from gateway.authentication.bearer import Authenticator, as_person
from gateway.authentication.errors import InsufficientAssuranceError, NotAuthenticatedError
from gateway.authentication.same_origin import SameOriginPages
from gateway.policy.principal import MachinePrincipal, Principal


class Callers:
    """Finds the principal behind a request. A request with a token is judged by the token alone."""

    def __init__(self, tokens: Authenticator, pages: SameOriginPages) -> None:
        self._tokens = tokens
        self._pages = pages

    async def check_token(self, request: HTTPConnection) -> None:
        """Raise `NotAuthenticatedError` for a token that is not good; without one, nothing is done.

        A token of too weak a sign-in is good, and opens nothing that is not public anyway.
        """
        with suppress(InsufficientAssuranceError):
            await self._presented(request)

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Who sent this request; None for somebody who has not signed in; or a `SignInError`."""
        if "authorization" not in request.headers:
            return await self._pages.caller(request)
        presented = await self._presented(request)
        if presented is None:
            raise NotAuthenticatedError
        return as_person(presented)

    async def anybody(self, request: HTTPConnection) -> Principal | None:
        """The same where anybody may ask: a machine, which has nothing of its own, is nobody in particular."""
        presented = await self._presented(request)
        if presented is None:
            return await self._pages.caller(request)
        return presented if isinstance(presented, Principal) else None

    async def _presented(self, request: HTTPConnection) -> Principal | MachinePrincipal | None:
        """Whom the token stands for, judged once a request: a proof of possession is good once."""
        state = request.scope.setdefault("state", {})
        if "presented" not in state:
            state["presented"] = await self._tokens.presented(request)
        found: Principal | MachinePrincipal | None = state["presented"]
        return found
