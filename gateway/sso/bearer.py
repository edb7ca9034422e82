"""From an `Authorization` header to a principal."""

import re
from collections import OrderedDict
from collections.abc import Set as AbstractSet
from hashlib import sha256

from gateway.clock import Clock
from gateway.jose import MAX_TOKEN_BYTES
from gateway.sso.errors import InsufficientScopeError, NotAuthenticatedError
from gateway.sso.people import People
from gateway.sso.principal import Principal
from gateway.sso.tokens import TokenVerifier

__all__ = ["Authenticator", "InsufficientScopeError", "NotAuthenticatedError", "require"]

_SCHEME = "bearer "
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


class Authenticator:
    """Turns the value of an `Authorization` header into a principal.

    A verified token is remembered by its hash for `HOLD_SECONDS`, and never longer than it lives: for so long may a
    revoked grant or a withdrawn account still be answered by this process.
    """

    HOLD_SECONDS = 60
    MAX_HELD = 4096

    def __init__(self, verifier: TokenVerifier, people: People, clock: Clock) -> None:
        self._verifier = verifier
        self._people = people
        self._clock = clock
        self._held: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def __call__(self, authorization_header: str | None) -> Principal | None:
        """None without a header; a principal; or `NotAuthenticatedError`."""
        if authorization_header is None:
            return None
        token = _token(authorization_header)
        digest = sha256(token.encode("ascii")).digest()
        held = self._held.get(digest)
        moment = self._clock().timestamp()
        if held and moment < held[1]:
            return held[0]
        self._held.pop(digest, None)
        verified = await self._verifier(token)
        principal = await self._people.principal(verified)
        self._held[digest] = (principal, min(verified.expires_at, moment + self.HOLD_SECONDS))
        if len(self._held) > self.MAX_HELD:
            self._held.popitem(last=False)
        return principal


def _token(header: str) -> str:
    if header[: len(_SCHEME)].lower() != _SCHEME:
        # Another scheme is no attempt that could be judged: RFC 6750 wants no error code then.
        raise NotAuthenticatedError
    token = header[len(_SCHEME) :].strip(" ")
    if len(token) > MAX_TOKEN_BYTES or not _B64TOKEN.fullmatch(token):
        raise NotAuthenticatedError("invalid_token", "the access token is not a compact signed token")
    return token


def require(principal: Principal | None, scopes: AbstractSet[str]) -> Principal:
    """The principal, who holds every one of `scopes`; else `NotAuthenticatedError` or `InsufficientScopeError`."""
    if principal is None:
        raise NotAuthenticatedError
    if not scopes <= principal.scopes:
        raise InsufficientScopeError(scopes)
    return principal
