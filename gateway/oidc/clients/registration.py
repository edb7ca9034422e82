"""Input of a client registration, and its validation rules."""

import json
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from typing_extensions import TypeAliasType

from gateway.authentication.jose import TokenRefusedError, read_keys
from gateway.oidc.clients.addresses import is_origin, is_redirect, is_web_address
from gateway.oidc.clients.private_key_jwt import ASSERTION_ALGORITHMS
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.policy.scopes import MACHINE_SCOPES, RELEASE_SCOPE, SCOPES
from schemas.classes import DataClass, general
from schemas.codes import Code

MAX_QUOTA: Final = 100_000
WRONG_ORIGIN: Final = "an origin is https://host[:port] in small letters, or http on loopback, without a path"

ClientId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$")]
_Title = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
_Address = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_Resource = Annotated[str, StringConstraints(min_length=1, max_length=255)]


KeySet = TypeAliasType("KeySet", dict[str, Any])
"""A JSON Web Key Set (RFC 7517)."""


class GrantType(Code):
    """Grants that a client may be registered for."""

    CODE = "authorization_code", "Warga masuk", "A person signs in"
    REFRESH = "refresh_token", "Perpanjangan", "Renewal"
    CLIENT = "client_credentials", "Atas nama mesin sendiri", "The machine acts for itself"


class StrictInput(BaseModel):
    """Base of operators' input from a file or a request: immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*")
    @classmethod
    def _refuse_zero_character(cls, value: object) -> object:
        """Refuse the zero character, which JSON can contain and some databases cannot store."""
        if any(isinstance(one, str) and "\0" in one for one in (value if isinstance(value, tuple) else (value,))):
            raise ValueError("the zero character cannot be stored")
        return value


class Credentials(StrictInput):
    """How a client authenticates: by keys (inline or at an address), or by a secret with a reason and an expiry."""

    jwks: Annotated[
        KeySet | None,
        Field(
            title="Kunci publik",
            description="Public keys (a JWKS) by which the client signs its assertions",
            json_schema_extra={"x-data-class": DataClass.GENERAL.value},
        ),
    ] = None
    jwks_uri: Annotated[_Address | None, general("Alamat kunci", "Where the client publishes its keys; https")] = None
    secret_until: Annotated[
        AwareDatetime | None, general("Rahasia sampai", "When the new secret expires; a year at most")
    ] = None
    secret_reason: Annotated[
        Annotated[str, StringConstraints(min_length=10, max_length=200)] | None,
        general("Alasan rahasia", "Why this client cannot have keys"),
    ] = None

    @property
    def method(self) -> AuthMethod:
        """The authentication method of these credentials."""
        if self.secret_until is not None:
            return AuthMethod.SECRET
        return AuthMethod.KEY if self.jwks is not None or self.jwks_uri is not None else AuthMethod.NONE

    @model_validator(mode="after")
    def _are_of_one_kind(self) -> Self:
        kinds = [value for value in (self.jwks, self.jwks_uri, self.secret_until) if value is not None]
        if len(kinds) > 1:
            raise ValueError("give one of these: keys, the address of the keys, or a secret")
        if (self.secret_until is None) is not (self.secret_reason is None):
            raise ValueError("a secret is an exception: it needs a reason and an expiry time")
        if self.jwks_uri is not None and not is_web_address(self.jwks_uri):
            raise ValueError("the address of the keys must be https")
        if self.jwks is not None and not _can_sign_assertions(self.jwks):
            raise ValueError(f"there is no key with a kid that signs {', '.join(ASSERTION_ALGORITHMS)}")
        return self


LegalBasis = Annotated[str, StringConstraints(min_length=10, max_length=110, strip_whitespace=True)]


class NikRelease(StrictInput):
    """The legal basis on which a registered client may receive the NIK from now on."""

    nik_legal_basis: LegalBasis


class Origins(StrictInput):
    """The origins whose pages may read our responses from now on, for a registered client."""

    origins: tuple[_Address, ...]

    @model_validator(mode="after")
    def _are_origins(self) -> Self:
        if not all(map(is_origin, self.origins)):
            raise ValueError(WRONG_ORIGIN)
        return self


class Registration(StrictInput):
    """A client to register. Without credentials it is public: an app that cannot keep a secret."""

    id: Annotated[ClientId, general("Nama klien", "The client's id", examples=["dinkes-pelaporan"])]
    title_id: Annotated[_Title, general("Judul (Indonesia)", "Title in Indonesian")]
    title_en: Annotated[_Title, general("Judul (Inggris)", "Title in English")]
    owner: Annotated[
        _Title, general("Penanggung jawab", "The office that is responsible for it, with its telephone or e-mail")
    ]
    agency: Annotated[
        Annotated[str, StringConstraints(max_length=64)], general("Instansi", "The agency that it belongs to")
    ]
    purpose: Annotated[
        Annotated[str, StringConstraints(min_length=10, max_length=200)], general("Tujuan", "Its purpose")
    ]
    grant_types: Annotated[
        tuple[GrantType, ...],
        Field(min_length=1),
        general("Cara", "Grants that it may use", examples=[["client_credentials"]]),
    ]
    scopes: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        general("Cakupan", "Scopes that it may request", examples=[["client.read"]]),
    ]
    nik_legal_basis: Annotated[
        LegalBasis | None,
        general(
            "Dasar hukum NIK",
            "The law, or the agreement under one, that lets it receive people's NIK; with identity.nik only",
            examples=["Pasal 79 UU 24/2013; PKS 470/12/DISDUKCAPIL/2026"],
        ),
    ] = None
    credentials: Annotated[Credentials, general("Bukti diri", "How it authenticates")] = Credentials()
    native: Annotated[bool, general("Aplikasi asli", "Whether it runs on its user's device")] = False
    redirect_uris: Annotated[tuple[_Address, ...], general("Alamat kembali", "Redirect addresses")] = ()
    post_logout_redirect_uris: Annotated[
        tuple[_Address, ...], general("Alamat sesudah keluar", "Where people may be sent after logout")
    ] = ()
    backchannel_logout_uri: Annotated[
        _Address | None, general("Alamat pemberitahuan keluar", "Where it receives logout tokens")
    ] = None
    origins: Annotated[
        tuple[_Address, ...],
        general(
            "Asal halaman",
            "Origins of its pages, which may read our responses in a browser; https://host[:port]",
            examples=[["https://portal.example"]],
        ),
    ] = ()
    resource: Annotated[
        _Resource | None, general("Sumber daya", "Its audience as a resource server, whose tokens it may introspect")
    ] = None
    audiences: Annotated[
        tuple[_Address, ...], general("Audiens", "Other resources that it may request its own tokens for")
    ] = ()
    exchange_audiences: Annotated[
        tuple[_Address, ...], general("Audiens pertukaran", "Resources that it may exchange a person's token for")
    ] = ()
    dpop_required: Annotated[bool, general("Wajib DPoP", "Whether its tokens must be bound to a key")] = False
    quota: Annotated[
        int | None,
        Field(ge=1, le=MAX_QUOTA),
        general("Kuota", "Calls a minute that it may make; no limit if null"),
    ] = None
    expires_at: Annotated[AwareDatetime | None, general("Berlaku sampai", "When the registration expires")] = None

    @property
    def is_machine(self) -> bool:
        """Whether it calls for itself, without a person."""
        return GrantType.CLIENT in self.grant_types

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for broken, why in (
            (set(self.scopes) - SCOPES.keys(), "there is no such scope"),
            (
                (RELEASE_SCOPE in self.scopes) is not (self.nik_legal_basis is not None),
                "identity.nik and its legal basis (nik_legal_basis) go together",
            ),
            (
                bool(MACHINE_SCOPES & set(self.scopes)) and not self.is_machine,
                "a machine scope needs client_credentials",
            ),
            (self.is_machine and not MACHINE_SCOPES & set(self.scopes), "a machine needs a machine scope"),
            (self.is_machine and self.expires_at is None, "a machine's registration needs an expiry time"),
            (self._is_public and (self.is_machine or self.resource), "a public client is no machine and no resource"),
            (
                (GrantType.CODE in self.grant_types) is not bool(self.redirect_uris),
                "the code grant and redirects go together",
            ),
            (
                GrantType.REFRESH in self.grant_types and GrantType.CODE not in self.grant_types,
                "refresh needs the code grant",
            ),
            (self.origins and GrantType.CODE not in self.grant_types, "origins need the code grant"),
            (not all(map(is_origin, self.origins)), WRONG_ORIGIN),
            (self._wrong_addresses(), "an address is not https, nor loopback, nor a scheme of the app"),
        ):
            if broken:
                raise ValueError(why)
        return self

    @property
    def _is_public(self) -> bool:
        return self.credentials.method is AuthMethod.NONE

    def _wrong_addresses(self) -> bool:
        returns = (*self.redirect_uris, *self.post_logout_redirect_uris)
        named = (self.backchannel_logout_uri, self.resource, *self.audiences, *self.exchange_audiences)
        return not all(is_redirect(one, native=self.native) for one in returns) or not all(
            is_web_address(one) for one in named if one is not None
        )

    def end_times(self) -> tuple[datetime, ...]:
        """The times that must lie in the future."""
        return tuple(one for one in (self.expires_at, self.credentials.secret_until) if one is not None)


def _can_sign_assertions(document: dict[str, Any]) -> bool:
    try:
        keys = read_keys(json.dumps(document).encode())
    except (TokenRefusedError, ValueError, TypeError):
        return False
    return any(key.algorithms & frozenset(ASSERTION_ALGORITHMS) for key in keys.values())
