"""The vault: sealed secrets for access to systems."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row


class SystemSecretRow(Row):
    """A secret of one office. `sealed` (use `system-secret`) is bound to system, office, field and version.

    `office` is empty for a system without offices. `version` only increases: the row of a removed secret stays, and
    `sealed` is None.
    """

    __tablename__ = "system_secrets"

    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    office: Mapped[str] = mapped_column(String(64), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(Moment)
