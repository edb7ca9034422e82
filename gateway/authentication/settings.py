"""Settings of other issuers: providers at which people sign in, and issuers whose access tokens are accepted."""

import re
from datetime import timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gateway.policy.principal import Role

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS: Final = re.compile(
    r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?(/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?"
)

IssuerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,23}$")]
"""Name of an issuer in this gateway; part of the callback address."""

Algorithm = Literal["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519", "RS256"]
TokenType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+./-]{0,63}$")]
Level = Annotated[int, Field(ge=1, le=3)]


def is_safe_address(address: str, *, loopback: bool) -> bool:
    """Whether an issuer's address is https; or, if `loopback` is allowed, http on this machine."""
    if not _ADDRESS.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" or (loopback and parts.hostname in LOOPBACK)


def _safe(address: str) -> str:
    if not is_safe_address(address, loopback=True):
        raise ValueError("it must be an https address, or http on loopback, without a query or fragment")
    return address


Address = Annotated[str, StringConstraints(max_length=255), AfterValidator(_safe)]


class LoginIssuer(BaseModel):
    """An external OpenID provider at which people sign in. We authenticate with our own keys, without a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Address = Field(description="The provider's issuer identifier, exactly as in its metadata")
    client_id: str = Field(min_length=1, max_length=255, description="Our client id at the provider")
    title_id: str = Field(min_length=1, max_length=80, description="Display name in Indonesian")
    title_en: str = Field(min_length=1, max_length=80, description="Display name in English")
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile"), description="Requested scopes; `openid` is always included"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("ES256", "PS256", "Ed25519", "EdDSA", "RS256"),
        min_length=1,
        description="Accepted signature algorithms of its ID tokens and logout tokens",
    )
    acr: dict[str, Level] = Field(
        default={}, description="The level (1, 2 or 3) of each of its `acr` values; any other value is level 1"
    )
    nik_claim: str | None = Field(
        default=None, description="The claim with a verified NIK; none if its NIK claims are not trusted"
    )
    nik_level: Level = Field(default=2, description="The lowest level of a sign-in whose NIK is accepted")


class TokenIssuer(BaseModel):
    """An issuer whose access tokens are accepted at the API, and the profile that they must fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Address = Field(description="The `iss` of its access tokens, compared exactly")
    jwks_uri: Address | None = Field(
        default=None, description="Address of its JWKS; from its discovery document if not given"
    )
    audience: str | None = Field(
        default=None, description="The `aud` of tokens for this API; our own (`issuer`/v1) if not given"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("ES256", "PS256", "Ed25519", "EdDSA"),
        min_length=1,
        description="Accepted signature algorithms of its tokens",
    )
    types: tuple[TokenType, ...] = Field(
        default=("at+jwt",), min_length=1, description="Accepted `typ` values of its access tokens, in lower case"
    )
    client_claim: str = Field(default="client_id", description="The claim that contains the client id")
    clients: tuple[str, ...] = Field(default=(), description="The clients whose tokens are accepted; all if empty")
    roles_claim: str | None = Field(
        default=None, description="Path of the roles claim, with dots into objects; none if its roles are ignored"
    )
    roles: dict[str, Role] = Field(default={}, description="Our role for each of its roles; any other is ignored")
    acr: dict[str, Level] = Field(
        default={}, description="The level (1, 2 or 3) of each of its `acr` values; any other value is level 1"
    )
    nik_legal_basis: str | None = Field(
        default=None,
        min_length=10,
        description="Law that lets its clients receive people's NIK; without it, `identity.nik` is ignored",
    )
    longest_life: timedelta = Field(
        default=timedelta(minutes=15), gt=timedelta(0), description="Longest accepted lifetime of a token"
    )
    opens_accounts: bool = Field(
        default=False, description="Whether the first call of an unknown subject creates an account, without a NIK"
    )
