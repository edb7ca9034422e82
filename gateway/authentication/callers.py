"""Who is calling the unified API: by a token in the `Authorization` header, else by the cookie of a web session."""

from starlette.requests import HTTPConnection

from gateway.authentication.bearer import Authenticator
from gateway.authentication.same_origin import SameOriginPages
from gateway.policy.principal import Principal


class Callers:
    """Finds the principal behind a request. A request with a token is judged by the token alone."""

    def __init__(self, tokens: Authenticator, pages: SameOriginPages) -> None:
        self._tokens = tokens
        self._pages = pages

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Who sent this request; None for somebody who has not signed in; or a `SignInError`."""
        if "authorization" in request.headers:
            return await self._tokens.caller(request)
        return await self._pages.caller(request)
