"""Strict verification of JWT access tokens (RFC 9068) from trusted issuers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.issuer_keys import KeySource
from gateway.authentication.jose import (
    PublicKey,
    TokenExpiredError,
    TokenRefusedError,
    check_claims,
    read_token,
    verify,
)
from gateway.authentication.settings import TokenIssuer
from gateway.authentication.token_profiles import read_profile_claims, required_claims, unwrap_audience
from gateway.ground.clock import Clock
from gateway.policy.principal import Role

LEEWAY_SECONDS = 10
_ACR = {"1": 1, "2": 2, "3": 3}
_REQUIRED = ("sub", "jti", "client_id", "scope")
_REQUIRED_OF_PEOPLE = (*_REQUIRED, "acr", "auth_time")


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer whose access tokens are accepted, and the profile that they must fit.

    `issuer` and `audience` are compared exactly. `own` marks the embedded provider: its tokens name a grant, which must
    not be revoked. Tokens with `machine_audience` belong to machines; no person has signed in for them. The tokens of
    any other issuer are read by its `profile`.
    """

    issuer: str
    audience: str
    keys: KeySource
    algorithms: frozenset[str] = frozenset({"ES256"})
    types: frozenset[str] = frozenset({"at+jwt", "application/at+jwt"})
    machine_audience: str | None = None
    own: bool = False
    profile: TokenIssuer | None = None


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """The claims of a verified token. `expires_at` is in seconds since 1970.

    `thumbprint` identifies the key that the token is bound to (claim `cnf`, RFC 9449), or is None. `roles` are the
    issuer's roles, or None if it states none. With `opens_account`, an unknown subject gets a new account.
    """

    issuer: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    acr: int
    auth_time: datetime
    token_id: str
    grant_id: str | None
    expires_at: int
    thumbprint: str | None = None
    roles: frozenset[Role] | None = None
    opens_account: bool = False


@dataclass(frozen=True, slots=True)
class VerifiedMachine:
    """The claims of a verified machine token. `expires_at` is in seconds since 1970."""

    client_id: str
    scopes: frozenset[str]
    token_id: str
    expires_at: int
    thumbprint: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """A token that was verified, and the key that had signed it."""

    token: VerifiedToken | VerifiedMachine
    issuer: TrustedIssuer
    key: PublicKey


class TokenVerifier:
    """Verifies access tokens, each by the profile of the issuer that it names."""

    def __init__(self, issuers: Iterable[TrustedIssuer], clock: Clock) -> None:
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._clock = clock

    async def __call__(self, token: str) -> VerifiedToken | VerifiedMachine:
        """Return the verified claims, or raise `NotAuthenticatedError`."""
        return (await self.verification(token)).token

    async def is_valid(self, earlier: Verification) -> bool:
        """Return whether a token that was verified earlier has not expired, and its issuer still has that very key.

        Then another verification would have the same result, since the token and the key are the same.
        """
        if self._clock().timestamp() >= earlier.token.expires_at:
            return False
        return await earlier.issuer.keys.find(earlier.key.kid) is earlier.key

    async def verification(self, token: str) -> Verification:
        """Verify a token. Raises `NotAuthenticatedError`."""
        try:
            return await self._verify(token)
        except TokenExpiredError:
            raise NotAuthenticatedError("invalid_token", "the access token has expired") from None
        except TokenRefusedError as refusal:
            raise NotAuthenticatedError("invalid_token", str(refusal)) from None

    async def _verify(self, token: str) -> Verification:
        unverified = read_token(token)
        named = unverified.claims.get("iss")
        issuer = self._issuers.get(named) if isinstance(named, str) else None
        # Check the algorithm first, so that a token which the issuer cannot have signed causes no key lookup.
        if issuer is None or unverified.header["alg"] not in issuer.algorithms:
            raise TokenRefusedError("the access token is of another issuer or algorithm")
        key = await issuer.keys.find(unverified.header["kid"])
        if key is None:
            raise TokenRefusedError("the access token is signed with an unknown key")
        claims = verify(token, key, algorithms=issuer.algorithms, types=issuer.types)
        machine = issuer.machine_audience is not None and claims.get("aud") == issuer.machine_audience
        check_claims(
            claims if issuer.profile is None else unwrap_audience(claims),
            issuer=issuer.issuer,
            audience=str(issuer.machine_audience) if machine else issuer.audience,
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            required=_required(issuer, machine=machine),
        )
        return Verification(_read_machine(claims) if machine else _read(claims, issuer), issuer, key)


def _required(issuer: TrustedIssuer, *, machine: bool) -> tuple[str, ...]:
    if issuer.profile is not None:
        return required_claims(issuer.profile)
    return _REQUIRED if machine else _REQUIRED_OF_PEOPLE


def _read(claims: Mapping[str, Any], issuer: TrustedIssuer) -> VerifiedToken:
    if issuer.profile is None:
        return _read_own(claims, issuer)
    read = read_profile_claims(claims, issuer.profile)
    return VerifiedToken(
        issuer=issuer.issuer,
        subject=read.subject,
        client_id=read.client_id,
        scopes=read.scopes,
        acr=read.level,
        auth_time=read.auth_time,
        token_id=read.token_id,
        grant_id=None,
        expires_at=claims["exp"],
        thumbprint=_thumbprint(claims.get("cnf")),
        roles=read.roles,
        opens_account=issuer.profile.opens_accounts,
    )


def _read_own(claims: Mapping[str, Any], issuer: TrustedIssuer) -> VerifiedToken:
    texts = [claims[name] for name in ("sub", "client_id", "scope", "jti", "acr")]
    grant = claims.get("grant")
    if issuer.own:
        texts.append(grant)
    usable = all(isinstance(text, str) for text in texts) and claims["acr"] in _ACR
    if not usable or not _is_time(claims["auth_time"], latest=claims["exp"]):
        raise TokenRefusedError("the access token has a claim of the wrong form")
    return VerifiedToken(
        issuer=issuer.issuer,
        subject=claims["sub"],
        client_id=claims["client_id"],
        scopes=frozenset(claims["scope"].split()),
        acr=_ACR[claims["acr"]],
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        token_id=claims["jti"],
        grant_id=grant if issuer.own else None,
        expires_at=claims["exp"],
        thumbprint=_thumbprint(claims.get("cnf")),
    )


def _thumbprint(confirmation: object) -> str | None:
    """Return the thumbprint of the bound key. Refuse a kind of binding that cannot be checked here."""
    if confirmation is None:
        return None
    thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) and len(confirmation) == 1 else None
    if not isinstance(thumbprint, str) or not thumbprint:
        raise TokenRefusedError("the access token is bound in a way that is not known here")
    return thumbprint


def _read_machine(claims: Mapping[str, Any]) -> VerifiedMachine:
    usable = all(isinstance(claims[name], str) for name in ("client_id", "scope", "jti"))
    if not usable or claims["sub"] != claims["client_id"] or {"grant", "acr", "auth_time"} & claims.keys():
        raise TokenRefusedError("the access token has a claim of the wrong form")
    return VerifiedMachine(
        client_id=claims["client_id"],
        scopes=frozenset(claims["scope"].split()),
        token_id=claims["jti"],
        expires_at=claims["exp"],
        thumbprint=_thumbprint(claims.get("cnf")),
    )


def _is_time(value: object, latest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= latest
