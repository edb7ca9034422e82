"""What we keep as a client of other issuers."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row


class OwnKey(Row):
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
