"""Accounts, clients, and everything that the embedded OpenID provider stores.

Codes, tokens and session ids are stored only as hashes. A single-use value is consumed by one atomic `UPDATE … WHERE
used_at IS NULL` whose row count must be one.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row

ACCOUNT_ID = String(36)
CLIENT_ID = String(64)
DIGEST = String(64)
THUMBPRINT = String(64)


class AccountRow(Row):
    """One person who may sign in.

    `id` is a UUID as text. The verified NIK is sealed (`nik_sealed`, use `account-nik`) and identified by its
    fingerprint (use `account-nik`); `nik_verified_by` names the verifier: `counter:<account>`, with `:<document>` if
    the officer named the document, `issuer:<address>` or `operator`. A password with `password_expires` must be changed
    at the next sign-in. An account with `withdrawn_at` neither signs in nor keeps its tokens.
    """

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(ACCOUNT_ID, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    password_expires: Mapped[bool] = mapped_column(Boolean, default=False)
    password_set_at: Mapped[datetime | None] = mapped_column(Moment)
    display_name: Mapped[str] = mapped_column(String(120))
    nik_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    nik_fingerprint: Mapped[str | None] = mapped_column(DIGEST, unique=True)
    nik_verified_at: Mapped[datetime | None] = mapped_column(Moment)
    nik_verified_by: Mapped[str | None] = mapped_column(String(255))
    roles: Mapped[list[str]] = mapped_column(JSON)
    agency: Mapped[str | None] = mapped_column(String(64))
    region: Mapped[str | None] = mapped_column(String(16))
    locale: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class ClientRow(Row):
    """An application that signs people in with us, or a machine client that calls on its own behalf; or both.

    `auth_method` is its authentication method (`gateway.oidc.clients.registered_client.AuthMethod`): `private_key_jwt`
    with `jwks` or the keys published at `jwks_uri`; `client_secret_basic` with a secret whose fingerprint is
    `secret_hash`, an exception that has a `secret_reason` and ends at `secret_expires_at`; `none` for public clients.

    `native` clients may use any port of the loopback redirects registered for them (RFC 8252). `sector` decides which
    clients see the same pairwise subject. `owner` is the responsible person at `agency`, and `purpose` the client's
    purpose. `quota` is how many calls a minute it may make. `audiences` are the resources for which it may request its
    own tokens, and `exchange_audiences` those for which it may exchange a person's token; `resource` is the client's
    own audience, whose tokens it may introspect. Pages of its `origins` may read our answers in a browser.
    `nik_legal_basis` is the law, or the agreement under one, that allows it to receive people's NIK; without it
    `identity.nik` is not granted to it. The client is invalid after `expires_at` or `withdrawn_at`.
    """

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(CLIENT_ID, primary_key=True)
    auth_method: Mapped[str] = mapped_column(String(32))
    secret_hash: Mapped[str | None] = mapped_column(DIGEST)
    secret_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    secret_reason: Mapped[str | None] = mapped_column(String(200))
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    jwks_uri: Mapped[str | None] = mapped_column(Text)
    native: Mapped[bool] = mapped_column(Boolean)
    title_id: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    sector: Mapped[str] = mapped_column(String(128))
    owner: Mapped[str | None] = mapped_column(String(120))
    agency: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str | None] = mapped_column(String(200))
    quota: Mapped[int | None] = mapped_column(Integer)
    redirect_uris: Mapped[list[str]] = mapped_column(JSON)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(JSON, default=list)
    backchannel_logout_uri: Mapped[str | None] = mapped_column(Text)
    origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    nik_legal_basis: Mapped[str | None] = mapped_column(String(200))
    grant_types: Mapped[list[str]] = mapped_column(JSON)
    resource: Mapped[str | None] = mapped_column(String(255), unique=True, index=True)
    audiences: Mapped[list[str]] = mapped_column(JSON, default=list)
    exchange_audiences: Mapped[list[str]] = mapped_column(JSON, default=list)
    dpop_required: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def public(self) -> bool:
        """Whether it runs in an environment that cannot keep secrets."""
        return self.auth_method == "none"

    def stands(self, at: datetime) -> bool:
        """Whether the client is valid at `at`."""
        return self.withdrawn_at is None and (self.expires_at is None or at < self.expires_at)


class SubjectLinkRow(Row):
    """The account of an issuer's subject: people are keyed by (iss, sub), never by a name or a NIK alone."""

    __tablename__ = "subject_links"
    __table_args__ = (UniqueConstraint("issuer", "sector", "account_id", name="uq_subject_links_sector"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    sector: Mapped[str] = mapped_column(String(128))
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class GrantRow(Row):
    """The permission of one account to one client in one sign-in: the family of all codes and tokens issued under it.

    `session_id` is the sign-in (`LoginSessionRow.session_id`): when it is signed out, the grant ends with it. Access
    tokens name the grant (claim `grant`), so that revoking it ends every one of them.
    """

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_account_id_client_id", "account_id", "client_id"),)

    id: Mapped[str] = mapped_column(ACCOUNT_ID, primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"))
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    acr: Mapped[int] = mapped_column(Integer)
    amr: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["pwd"])
    auth_time: Mapped[datetime] = mapped_column(Moment)
    session_id: Mapped[str | None] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class AuthorizationCodeRow(Row):
    """One authorization code, by its hash: valid for at most 60 seconds, once, for one client, redirect and verifier.

    With `thumbprint`, its user must prove possession of that key (RFC 9449).
    """

    __tablename__ = "authorization_codes"

    code_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    grant_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"))
    client_id: Mapped[str] = mapped_column(CLIENT_ID)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(String(128))
    nonce: Mapped[str | None] = mapped_column(Text)
    thumbprint: Mapped[str | None] = mapped_column(THUMBPRINT)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RefreshTokenRow(Row):
    """One refresh token, by its hash. Each is used once; `expires_at` is that of the family and is never extended.

    With `thumbprint`, its user must prove possession of that key (RFC 9449), as all public clients must.
    """

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    grant_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"), index=True)
    client_id: Mapped[str] = mapped_column(CLIENT_ID)
    thumbprint: Mapped[str | None] = mapped_column(THUMBPRINT)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ConsentRow(Row):
    """The consent of an account to one scope for a client, with the version of the text, and its withdrawal."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_account_id_client_id", "account_id", "client_id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"))
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"))
    scope: Mapped[str] = mapped_column(String(64))
    text_version: Mapped[str] = mapped_column(String(16))
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class LoginSessionRow(Row):
    """A browser that is signed in at the provider, by the hash of its session id; `agent` is its user agent.

    `issuer` is the external provider that the sign-in came from, if any; `issuer_session` is a fingerprint (use
    `issuer-session`) of that provider's session id.
    """

    __tablename__ = "login_sessions"

    id_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    session_id: Mapped[str] = mapped_column(String(36), index=True, default=lambda: str(uuid.uuid4()))
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    acr: Mapped[int] = mapped_column(Integer)
    amr: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["pwd"])
    auth_time: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    agent: Mapped[str | None] = mapped_column(String(160))
    issuer: Mapped[str | None] = mapped_column(String(255))
    issuer_session: Mapped[str | None] = mapped_column(DIGEST, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SigningKeyRow(Row):
    """A key pair of the provider; `private_sealed` is the sealed private JWK.

    It is published from the beginning, signs from `signs_from` until another one does, and is published and accepted
    until `retires_at`: processes that share the database coordinate by the clock.
    """

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    alg: Mapped[str] = mapped_column(String(16))
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    signs_from: Mapped[datetime] = mapped_column(Moment)
    retires_at: Mapped[datetime | None] = mapped_column(Moment)
