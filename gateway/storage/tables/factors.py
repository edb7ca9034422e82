"""Second factors, one-time proofs and guess counters.

Secrets are stored sealed (uses named below) or as fingerprints under the master key. A single-use value is consumed by
one atomic `UPDATE` whose row count must be one.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, DIGEST, Moment, Row


class TotpFactorRow(Row):
    """An authenticator app of an account (RFC 6238). `secret_sealed` (use `totp`) is bound to `id`.

    `last_step` is the time step of the last accepted code: codes of that step or an earlier one are refused. Until
    `confirmed_at` is set the factor is ignored.
    """

    __tablename__ = "totp_factors"

    id: Mapped[str] = mapped_column(ACCOUNT_ID, primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class PasskeyRow(Row):
    """A WebAuthn credential of an account. `credential_hash` is the SHA-256 of `credential_id`."""

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(ACCOUNT_ID, primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    credential_hash: Mapped[str] = mapped_column(DIGEST, unique=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCodeRow(Row):
    """One recovery code, by its fingerprint (use `recovery-code`). A new set invalidates the old one."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ProofRow(Row):
    """A one-time proof: a link by e-mail, a code for the counter, a challenge for a passkey.

    `use` is its purpose; `content_sealed` (use `proof`, bound to `secret_hash`) contains the change that the proof
    confirms.
    """

    __tablename__ = "proofs"

    secret_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    use: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[str | None] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class GuessCountRow(Row):
    """The number of attempts until `ends_at`, by a fingerprint of the attempt's object (use `guess`)."""

    __tablename__ = "guess_counts"

    key: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)
