"""Clients of the OpenID provider, and the consents that accounts gave them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, CLIENT_ID, DIGEST, Moment, Row


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

    def is_active(self, at: datetime) -> bool:
        """Whether the client is valid at `at`."""
        return self.withdrawn_at is None and (self.expires_at is None or at < self.expires_at)


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
