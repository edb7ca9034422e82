"""The gateway's keys as a client of other issuers, and unlinked accounts that must not be matched by NIK."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, Moment, Row


class OwnKeyRow(Row):
    """A key pair by which we authenticate at other issuers; `private_sealed` (use `own-key`) is bound to `kid`.

    It is published from the beginning, signs from `signs_from` until another one does, and is published until
    `retires_at`.
    """

    __tablename__ = "own_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    alg: Mapped[str] = mapped_column(String(16))
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    signs_from: Mapped[datetime] = mapped_column(Moment)
    retires_at: Mapped[datetime | None] = mapped_column(Moment)


class ClosedEntranceRow(Row):
    """An account that was unlinked from an issuer: until they are linked again, it is not matched there by its NIK."""

    __tablename__ = "closed_entrances"

    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(Moment)
