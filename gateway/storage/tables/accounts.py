"""Accounts: people who may sign in, their contacts, and the subjects by which clients know them."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, DIGEST, Moment, Row


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


class SubjectLinkRow(Row):
    """The account of an issuer's subject: people are keyed by (iss, sub), never by a name or a NIK alone."""

    __tablename__ = "subject_links"
    __table_args__ = (UniqueConstraint("issuer", "sector", "account_id", name="uq_subject_links_sector"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    sector: Mapped[str] = mapped_column(String(128))
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class ContactRow(Row):
    """An e-mail address or telephone number that an account has proven. `kind`: email or telephone.

    `value_sealed` (use `contact`) is bound to `id`; `fingerprint` (use `contact`) keeps it unique to one account.
    """

    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(ACCOUNT_ID, primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    fingerprint: Mapped[str] = mapped_column(DIGEST, unique=True)
    verified_at: Mapped[datetime] = mapped_column(Moment)
