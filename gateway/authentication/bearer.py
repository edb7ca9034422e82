"""From an `Authorization` header, and the proof that may come with it, to a principal."""

import re
from collections import OrderedDict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from starlette.requests import HTTPConnection

from gateway.authentication.access_tokens import TokenVerifier, VerifiedMachine, VerifiedToken
from gateway.authentication.dpop import OfferedProof, ProofJudge, ProofRefusedError, offered_by
from gateway.authentication.errors import (
    InsufficientAssuranceError,
    InsufficientScopeError,
    NotAuthenticatedError,
    Scheme,
    StaleSignInError,
    WrongCallerError,
)
from gateway.authentication.jose import MAX_TOKEN_BYTES
from gateway.authentication.principals import PrincipalResolver
from gateway.ground.clock import Clock
from gateway.policy.principal import MachinePrincipal, Principal

__all__ = ["Authenticator", "InsufficientScopeError", "NotAuthenticatedError", "RecentSignIn", "as_person", "require"]

_SCHEMES = {scheme.lower(): scheme for scheme in Scheme}
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Held:
    """A caller that a token was verified for, until when, and the count of changes before it was looked up.

    The count is that of `PrincipalResolver.changes`.
    """

    caller: Principal | MachinePrincipal
    until: float
    changes: int


class Authenticator:
    """Turns access tokens into principals.

    The caller behind a verified token is remembered by the token's hash: for `hold` at most, never longer than the
    token lives, and only while this process changes no account, client, grant or revocation. So what ends here is
    refused by the next request, and what another process of the same database ends is refused once `hold` has passed.
    Proofs of possession are judged each time.
    """

    MAX_HELD = 4096

    def __init__(
        self, verifier: TokenVerifier, people: PrincipalResolver, proofs: ProofJudge, clock: Clock, *, hold: timedelta
    ) -> None:
        self._verifier = verifier
        self._people = people
        self._proofs = proofs
        self._clock = clock
        self._hold_seconds = hold.total_seconds()
        self._held: OrderedDict[bytes, _Held] = OrderedDict()

    async def presented(self, request: HTTPConnection) -> Principal | MachinePrincipal | None:
        """Whom this request's token stands for; None without a token of a scheme of ours; or a `SignInError`."""
        header = _header(request)
        if header is None or _scheme(header) is None:
            return None
        return await self._caller(header, offered_by(request))

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Who sent this request: None without a token; a person; or a `SignInError`."""
        return await self(_header(request), offered_by(request))

    async def machine(self, request: HTTPConnection, scopes: AbstractSet[str]) -> MachinePrincipal:
        """The machine that sent this request, which holds all of `scopes`; else a `SignInError`."""
        header = _header(request)
        if header is None:
            raise NotAuthenticatedError
        machine = await self._caller(header, offered_by(request))
        if not isinstance(machine, MachinePrincipal):
            raise WrongCallerError(_scheme_of(machine))
        if not scopes <= machine.scopes:
            raise InsufficientScopeError(scopes, _scheme_of(machine))
        return machine

    async def __call__(self, authorization_header: str | None, offered: OfferedProof | None = None) -> Principal | None:
        """As `caller`, from the header itself and what is `offered` as proof for a token that is bound to a key."""
        if authorization_header is None:
            return None
        return as_person(await self._caller(authorization_header, offered))

    async def _caller(self, header: str, offered: OfferedProof | None) -> Principal | MachinePrincipal:
        scheme, token = _presented(header)
        caller = await self._bearer_of(token, scheme)
        if caller.thumbprint is None and scheme is Scheme.DPOP:
            raise NotAuthenticatedError("invalid_token", "the access token is not bound to a key", scheme)
        if caller.thumbprint is not None:
            await self._prove(caller.thumbprint, scheme, token, offered)
        return caller

    async def _bearer_of(self, token: str, scheme: Scheme) -> Principal | MachinePrincipal:
        digest = sha256(token.encode("ascii")).digest()
        held = self._held.get(digest)
        moment = self._clock().timestamp()
        # Noted before the rows are read: a change that comes meanwhile leaves nothing that would be found here again.
        changes = self._people.changes
        if held and moment < held.until and held.changes == changes:
            return held.caller
        self._held.pop(digest, None)
        try:
            verified = await self._verifier(token)
            caller = await self._who(verified)
        except NotAuthenticatedError as refusal:
            raise NotAuthenticatedError(refusal.error, refusal.description, scheme) from None
        except InsufficientAssuranceError as refusal:
            raise InsufficientAssuranceError(refusal.acr, scheme) from None
        self._held[digest] = _Held(caller, min(verified.expires_at, moment + self._hold_seconds), changes)
        if len(self._held) > self.MAX_HELD:
            self._held.popitem(last=False)
        return caller

    async def _prove(self, thumbprint: str, scheme: Scheme, token: str, offered: OfferedProof | None) -> None:
        if scheme is not Scheme.DPOP or offered is None:
            raise NotAuthenticatedError("invalid_token", "the access token is bound to a key", Scheme.DPOP)
        try:
            shown = await self._proofs(offered, token)
        except ProofRefusedError as refusal:
            further = self._proofs.nonces.headers()
            raise NotAuthenticatedError(refusal.error, str(refusal), scheme, further) from None
        if shown != thumbprint:
            raise NotAuthenticatedError("invalid_token", "the access token is bound to another key", scheme)

    async def _who(self, verified: VerifiedToken | VerifiedMachine) -> Principal | MachinePrincipal:
        if isinstance(verified, VerifiedMachine):
            return await self._people.machine(verified)
        return await self._people.principal(verified)


def _header(request: HTTPConnection) -> str | None:
    given = request.headers.getlist("authorization")
    if len(given) > 1:
        raise NotAuthenticatedError("invalid_request", "there is more than one Authorization header")
    return given[0] if given else None


def _scheme_of(caller: Principal | MachinePrincipal) -> Scheme:
    return Scheme.BEARER if caller.thumbprint is None else Scheme.DPOP


def as_person(caller: Principal | MachinePrincipal) -> Principal:
    """The caller, or `WrongCallerError` for a machine."""
    if not isinstance(caller, Principal):
        raise WrongCallerError(_scheme_of(caller))
    return caller


def _scheme(header: str) -> Scheme | None:
    return _SCHEMES.get(header.partition(" ")[0].lower())


def _presented(header: str) -> tuple[Scheme, str]:
    scheme, rest = _scheme(header), header.partition(" ")[2]
    if scheme is None or not rest:
        # Another scheme, or none, is no attempt that could be judged: RFC 6750 wants no error code then.
        raise NotAuthenticatedError
    token = rest.strip(" ")
    if len(token) > MAX_TOKEN_BYTES or not _B64TOKEN.fullmatch(token):
        raise NotAuthenticatedError("invalid_token", "the token is not a compact signed token", scheme)
    return scheme, token


@dataclass(frozen=True, slots=True)
class RecentSignIn:
    """A sign-in is demanded that was, `at` this moment, not longer than `within` ago."""

    within: timedelta
    at: datetime


def require(
    principal: Principal | None, scopes: AbstractSet[str], acr: int = 1, lately: RecentSignIn | None = None
) -> Principal:
    """The principal, who holds every one of `scopes` and has signed in at the level `acr`; else a `SignInError`.

    Where `lately` is given they have also signed in so recently. The `auth_time` of a token that another issuer made
    without saying it is long ago.
    """
    if principal is None:
        raise NotAuthenticatedError
    scheme = _scheme_of(principal)
    if not scopes <= principal.scopes:
        raise InsufficientScopeError(scopes, scheme)
    max_age = lately.within if lately else None
    if principal.acr < acr:
        raise InsufficientAssuranceError(acr, scheme, max_age)
    if lately and principal.auth_time + lately.within < lately.at:
        raise StaleSignInError(acr, scheme, max_age)
    return principal
