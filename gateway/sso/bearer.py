"""From an `Authorization` header, and the proof that may come with it, to a principal."""

import re
from collections import OrderedDict
from collections.abc import Set as AbstractSet
from hashlib import sha256

from starlette.requests import HTTPConnection

from gateway.clock import Clock
from gateway.jose import MAX_TOKEN_BYTES
from gateway.sso.errors import InsufficientAssuranceError, InsufficientScopeError, NotAuthenticatedError, Scheme
from gateway.sso.people import People
from gateway.sso.possession import Offered, ProofJudge, ProofRefusedError, offered_by
from gateway.sso.principal import Principal
from gateway.sso.tokens import TokenVerifier

__all__ = ["Authenticator", "InsufficientScopeError", "NotAuthenticatedError", "require"]

_SCHEMES = {scheme.lower(): scheme for scheme in Scheme}
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


class Authenticator:
    """Turns access tokens into principals.

    A verified token is remembered by its hash for `HOLD_SECONDS`, and never longer than it lives: for so long may a
    revoked grant or a withdrawn account still be answered by this process. Proofs of possession are judged each time.
    """

    HOLD_SECONDS = 60
    MAX_HELD = 4096

    def __init__(self, verifier: TokenVerifier, people: People, proofs: ProofJudge, clock: Clock) -> None:
        self._verifier = verifier
        self._people = people
        self._proofs = proofs
        self._clock = clock
        self._held: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Who sent this request: None without a token; a principal; or `NotAuthenticatedError`."""
        given = request.headers.getlist("authorization")
        if len(given) > 1:
            raise NotAuthenticatedError("invalid_request", "there is more than one Authorization header")
        return await self(given[0] if given else None, offered_by(request))

    async def __call__(self, authorization_header: str | None, offered: Offered | None = None) -> Principal | None:
        """The same, from the header itself and what is `offered` as proof for a token that is bound to a key."""
        if authorization_header is None:
            return None
        scheme, token = _presented(authorization_header)
        principal = await self._principal(token, scheme)
        if principal.thumbprint is None and scheme is Scheme.DPOP:
            raise NotAuthenticatedError("invalid_token", "the access token is not bound to a key", scheme)
        if principal.thumbprint is not None:
            await self._prove(principal.thumbprint, scheme, token, offered)
        return principal

    async def _principal(self, token: str, scheme: Scheme) -> Principal:
        digest = sha256(token.encode("ascii")).digest()
        held = self._held.get(digest)
        moment = self._clock().timestamp()
        if held and moment < held[1]:
            return held[0]
        self._held.pop(digest, None)
        try:
            verified = await self._verifier(token)
            principal = await self._people.principal(verified)
        except NotAuthenticatedError as refusal:
            raise NotAuthenticatedError(refusal.error, refusal.description, scheme) from None
        self._held[digest] = (principal, min(verified.expires_at, moment + self.HOLD_SECONDS))
        if len(self._held) > self.MAX_HELD:
            self._held.popitem(last=False)
        return principal

    async def _prove(self, thumbprint: str, scheme: Scheme, token: str, offered: Offered | None) -> None:
        if scheme is not Scheme.DPOP or offered is None:
            raise NotAuthenticatedError("invalid_token", "the access token is bound to a key", Scheme.DPOP)
        try:
            shown = await self._proofs(offered, token)
        except ProofRefusedError as refusal:
            further = self._proofs.nonces.headers()
            raise NotAuthenticatedError(refusal.error, str(refusal), scheme, further) from None
        if shown != thumbprint:
            raise NotAuthenticatedError("invalid_token", "the access token is bound to another key", scheme)


def _presented(header: str) -> tuple[Scheme, str]:
    name, _, rest = header.partition(" ")
    scheme = _SCHEMES.get(name.lower())
    if scheme is None or not rest:
        # Another scheme, or none, is no attempt that could be judged: RFC 6750 wants no error code then.
        raise NotAuthenticatedError
    token = rest.strip(" ")
    if len(token) > MAX_TOKEN_BYTES or not _B64TOKEN.fullmatch(token):
        raise NotAuthenticatedError("invalid_token", "the access token is not a compact signed token", scheme)
    return scheme, token


def require(principal: Principal | None, scopes: AbstractSet[str], acr: int = 1) -> Principal:
    """The principal, who holds every one of `scopes` and has signed in at the level `acr`; else a `SignInError`."""
    if principal is None:
        raise NotAuthenticatedError
    scheme = Scheme.BEARER if principal.thumbprint is None else Scheme.DPOP
    if not scopes <= principal.scopes:
        raise InsufficientScopeError(scopes, scheme)
    if principal.acr < acr:
        raise InsufficientAssuranceError(acr, scheme)
    return principal
