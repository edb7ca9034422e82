"""Settings of the issuers that we do not run ourselves: where people sign in, and whose access tokens are accepted."""

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
"""What an issuer is called here; it stands in the addresses of our callback."""

Algorithm = Literal["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519", "RS256"]
TokenType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+./-]{0,63}$")]
Level = Annotated[int, Field(ge=1, le=3)]


def is_safe_address(address: str, *, loopback: bool) -> bool:
    """Whether an address of an issuer is https; or, when `loopback` is allowed, http on this machine."""
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
    """An external OpenID provider at which people sign in. There is no secret: we authenticate with keys of our own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Address = Field(description="The provider's issuer, to the letter as it names itself")
    client_id: str = Field(min_length=1, max_length=255, description="What we are called there")
    title_id: str = Field(min_length=1, max_length=80, description="What people call it, in Indonesian")
    title_en: str = Field(min_length=1, max_length=80, description="What people call it, in English")
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile"), description="What we ask for; `openid` is always among it"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("ES256", "PS256", "Ed25519", "EdDSA", "RS256"),
        min_length=1,
        description="The algorithms that its ID tokens and logout tokens may be signed with",
    )
    acr: dict[str, Level] = Field(
        default={}, description="The level (1, 2 or 3) of each of its `acr` values; every other one is 1"
    )
    nik_claim: str | None = Field(
        default=None, description="The claim in which it asserts a verified NIK; none when it is not trusted to"
    )
    nik_level: Level = Field(default=2, description="The level that a sign-in must have for its NIK to count")


class TokenIssuer(BaseModel):
    """An issuer whose access tokens are accepted at the API, and the profile that they must fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Address = Field(description="The `iss` of its access tokens, to the letter")
    jwks_uri: Address | None = Field(
        default=None, description="Where its keys are; by its discovery document when not given"
    )
    audience: str | None = Field(
        default=None, description="The `aud` that means us; our own (`issuer`/v1) when not given"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("ES256", "PS256", "Ed25519", "EdDSA"),
        min_length=1,
        description="The algorithms that its tokens may be signed with",
    )
    types: tuple[TokenType, ...] = Field(
        default=("at+jwt",), min_length=1, description="The `typ` that its access tokens have, in small letters"
    )
    client_claim: str = Field(default="client_id", description="The claim that names the client")
    clients: tuple[str, ...] = Field(default=(), description="The clients whose tokens are accepted; all when empty")
    roles_claim: str | None = Field(
        default=None, description="Where its roles stand, with dots into objects; none when they do not matter here"
    )
    roles: dict[str, Role] = Field(default={}, description="What each of its roles means here; others mean nothing")
    acr: dict[str, Level] = Field(
        default={}, description="The level (1, 2 or 3) of each of its `acr` values; every other one is 1"
    )
    nik_legal_basis: str | None = Field(
        default=None,
        min_length=10,
        description="By which law its clients may receive people's NIK; without it `identity.nik` counts for nothing",
    )
    longest_life: timedelta = Field(
        default=timedelta(minutes=15), gt=timedelta(0), description="How long a token may be good at most"
    )
    opens_accounts: bool = Field(
        default=False, description="Whether an unknown subject gets an account, without a NIK, at its first call"
    )
