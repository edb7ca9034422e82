"""Snapshots that survive a restart: complete results of feeds."""

from datetime import datetime

from sqlalchemy import Boolean, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row


class SnapshotRow(Row):
    """The newest good snapshot of one resource from one office of one system.

    `content` is JSON, sealed when the resource is personal. `office` is empty for systems without offices.
    """

    __tablename__ = "snapshots"

    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    office: Mapped[str] = mapped_column(String(64), primary_key=True)
    resource: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    fetched_at: Mapped[datetime] = mapped_column(Moment)
    as_of: Mapped[datetime | None] = mapped_column(Moment)
    sealed: Mapped[bool] = mapped_column(Boolean)
    content: Mapped[bytes] = mapped_column(LargeBinary)
