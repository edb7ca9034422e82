"""Resolve an `Authorization` header, with its DPoP proof if there is one, to a principal."""

import re
from collections import OrderedDict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection

from gateway.authentication.access_tokens import TokenVerifier, Verification, VerifiedMachine, VerifiedToken
from gateway.authentication.dpop import DpopRequest, DpopVerifier, ProofRefusedError, dpop_request
from gateway.authentication.errors import (
    InsufficientAssuranceError,
    InsufficientScopeError,
    NotAuthenticatedError,
    Scheme,
    StaleSignInError,
    WrongCallerError,
)
from gateway.authentication.jose import MAX_TOKEN_BYTES
from gateway.authentication.known_callers import KnownCaller, KnownCallers, digest_of
from gateway.authentication.principals import PrincipalResolver
from gateway.authentication.shared_lookups import SharedLookups
from gateway.ground.clock import Clock
from gateway.policy.principal import MachinePrincipal, Principal

__all__ = ["Authenticator", "InsufficientScopeError", "NotAuthenticatedError", "RecentSignIn", "as_person", "require"]

_SCHEMES = {scheme.lower(): scheme for scheme in Scheme}
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _CachedCaller:
    """Cache entry for one verified token.

    `changes` is the value of `PrincipalResolver.changes` before the caller was looked up.
    """

    caller: Principal | MachinePrincipal
    until: float
    changes: int
    verification: Verification


class Authenticator:
    """Turns access tokens into principals.

    The caller of a verified token is cached under the token's hash: for `hold` at most, never longer than the token
    lives, and only until this process changes an account, client, grant or revocation. So the next request refuses what
    this process has ended. What another process of the same database has ended is refused once `hold` has passed: then
    the caller is looked up again, while the signature is verified again only if the issuer's key has changed. Requests
    with the same token share a look-up under the same conditions, so a burst of them makes one query.
    Proofs of possession are verified on every request. `known` has the callers of verified tokens, for the limits.
    """

    MAX_CACHED = 4096

    def __init__(
        self,
        verifier: TokenVerifier,
        people: PrincipalResolver,
        proofs: DpopVerifier,
        clock: Clock,
        *,
        hold: timedelta,
        known: KnownCallers | None = None,
    ) -> None:
        self._verifier = verifier
        self._people = people
        self._proofs = proofs
        self._clock = clock
        self._hold_seconds = hold.total_seconds()
        self._known = KnownCallers() if known is None else known
        self._cache: OrderedDict[bytes, _CachedCaller] = OrderedDict()
        self._lookups = SharedLookups(self._hold_seconds)

    async def presented(self, request: HTTPConnection) -> Principal | MachinePrincipal | None:
        """Return the caller of the token; None without a token of a supported scheme; or raise `SignInError`."""
        header = _header(request)
        if header is None or _scheme(header) is None:
            return None
        return await self._caller(header, dpop_request(request))

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Return the person who sent the request; None without a token; or raise `SignInError`."""
        return await self(_header(request), dpop_request(request))

    async def machine(self, request: HTTPConnection, scopes: AbstractSet[str]) -> MachinePrincipal:
        """Return the machine that sent the request if it holds all `scopes`; else raise `SignInError`."""
        header = _header(request)
        if header is None:
            raise NotAuthenticatedError
        machine = await self._caller(header, dpop_request(request))
        if not isinstance(machine, MachinePrincipal):
            raise WrongCallerError(_scheme_of(machine))
        if not scopes <= machine.scopes:
            raise InsufficientScopeError(scopes, _scheme_of(machine))
        return machine

    async def __call__(self, authorization_header: str | None, dpop: DpopRequest | None = None) -> Principal | None:
        """As `caller`, from the header value and, for a token that is bound to a key, the DPoP input of the request."""
        if authorization_header is None:
            return None
        return as_person(await self._caller(authorization_header, dpop))

    async def _caller(self, header: str, dpop: DpopRequest | None) -> Principal | MachinePrincipal:
        scheme, token = _read_header(header)
        caller = await self._cached_caller(token, scheme)
        if caller.thumbprint is None and scheme is Scheme.DPOP:
            raise NotAuthenticatedError("invalid_token", "the access token is not bound to a key", scheme)
        if caller.thumbprint is not None:
            await self._prove(caller.thumbprint, scheme, token, dpop)
        return caller

    async def _cached_caller(self, token: str, scheme: Scheme) -> Principal | MachinePrincipal:
        digest = digest_of(token.encode("ascii"))
        moment = self._clock().timestamp()
        # Read before the rows: a change during the lookup makes the new cache entry stale at once.
        changes = self._people.changes
        cached = self._cache.get(digest)
        if cached and moment < cached.until and cached.changes == changes:
            return cached.caller
        try:
            return await self._lookups.share(
                digest, moment, changes, lambda: self._look_up(digest, token, moment, changes)
            )
        except NotAuthenticatedError as refusal:
            raise NotAuthenticatedError(refusal.error, refusal.description, scheme) from None
        except InsufficientAssuranceError as refusal:
            raise InsufficientAssuranceError(refusal.acr, scheme) from None

    async def _look_up(self, digest: bytes, token: str, moment: float, changes: int) -> Principal | MachinePrincipal:
        cached = self._cache.pop(digest, None)
        try:
            if cached and await self._verifier.is_valid(cached.verification):
                verification = cached.verification
            else:
                verification = await self._verifier.verification(token)
            caller = await self._resolve(verification.token)
        except NotAuthenticatedError:
            self._known.forget(digest)
            raise
        verified = verification.token
        self._known.remember(digest, _known(verified, caller), verified.expires_at - moment)
        until = min(verified.expires_at, moment + self._hold_seconds)
        self._cache[digest] = _CachedCaller(caller, until, changes, verification)
        if len(self._cache) > self.MAX_CACHED:
            self._cache.popitem(last=False)
        return caller

    async def _prove(self, thumbprint: str, scheme: Scheme, token: str, dpop: DpopRequest | None) -> None:
        if scheme is not Scheme.DPOP or dpop is None:
            raise NotAuthenticatedError("invalid_token", "the access token is bound to a key", Scheme.DPOP)
        try:
            proven = await self._proofs(dpop, token)
        except ProofRefusedError as refusal:
            further = self._proofs.nonces.headers()
            raise NotAuthenticatedError(refusal.error, str(refusal), scheme, further) from None
        if proven != thumbprint:
            raise NotAuthenticatedError("invalid_token", "the access token is bound to another key", scheme)

    async def _resolve(self, verified: VerifiedToken | VerifiedMachine) -> Principal | MachinePrincipal:
        if isinstance(verified, VerifiedMachine):
            return await self._people.machine(verified)
        return await self._people.principal(verified)


def _known(verified: VerifiedToken | VerifiedMachine, caller: Principal | MachinePrincipal) -> KnownCaller:
    if isinstance(caller, MachinePrincipal) or isinstance(verified, VerifiedMachine):
        return KnownCaller(None, verified.client_id)
    # Another issuer may have a client with the id of one of ours.
    own = verified.grant_id is not None
    return KnownCaller(caller.account_id, verified.client_id if own else f"{verified.issuer} {verified.client_id}")


def _header(request: HTTPConnection) -> str | None:
    given = request.headers.getlist("authorization")
    if len(given) > 1:
        raise NotAuthenticatedError("invalid_request", "there is more than one Authorization header")
    return given[0] if given else None


def _scheme_of(caller: Principal | MachinePrincipal) -> Scheme:
    return Scheme.BEARER if caller.thumbprint is None else Scheme.DPOP


def as_person(caller: Principal | MachinePrincipal) -> Principal:
    """Return the caller, or raise `WrongCallerError` for a machine."""
    if not isinstance(caller, Principal):
        raise WrongCallerError(_scheme_of(caller))
    return caller


def _scheme(header: str) -> Scheme | None:
    return _SCHEMES.get(header.partition(" ")[0].lower())


def _read_header(header: str) -> tuple[Scheme, str]:
    scheme, rest = _scheme(header), header.partition(" ")[2]
    if scheme is None or not rest:
        # No token of a supported scheme was presented: RFC 6750 (section 3.1) wants no error code then.
        raise NotAuthenticatedError
    token = rest.strip(" ")
    if len(token) > MAX_TOKEN_BYTES or not _B64TOKEN.fullmatch(token):
        raise NotAuthenticatedError("invalid_token", "the token is not a compact signed token", scheme)
    return scheme, token


@dataclass(frozen=True, slots=True)
class RecentSignIn:
    """Requirement: the sign-in was at most `within` before `at`."""

    within: timedelta
    at: datetime


def require(
    principal: Principal | None, scopes: AbstractSet[str], acr: int = 1, recent: RecentSignIn | None = None
) -> Principal:
    """Return the principal if it holds all `scopes` and signed in at level `acr`; else raise `SignInError`.

    `recent` also limits the age of the sign-in. A token of another issuer without `auth_time` counts as a sign-in at
    the epoch, so it is never recent.
    """
    if principal is None:
        raise NotAuthenticatedError
    scheme = _scheme_of(principal)
    if not scopes <= principal.scopes:
        raise InsufficientScopeError(scopes, scheme)
    max_age = recent.within if recent else None
    if principal.acr < acr:
        raise InsufficientAssuranceError(acr, scheme, max_age)
    if recent and principal.auth_time + recent.within < recent.at:
        raise StaleSignInError(acr, scheme, max_age)
    return principal
