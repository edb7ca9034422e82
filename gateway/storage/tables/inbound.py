"""Pushes received by inbound webhooks: the stored pushes, and the records that they changed."""

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row


class WebhookPushRow(Row):
    """One stored push, identified by a digest of the system's delivery id and the content."""

    __tablename__ = "webhook_pushes"
    __table_args__ = (Index("ix_webhook_pushes_received_at", "received_at"),)

    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Moment)
    records: Mapped[int] = mapped_column(Integer)
    set_aside: Mapped[int] = mapped_column(Integer)


class WebhookRecordRow(Row):
    """The newest push about one record: its public part as JSON, or nothing where it must not be shown (any more).

    `office` is empty for systems without offices; `changed_at` is the time that the system states.
    """

    __tablename__ = "webhook_records"

    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    office: Mapped[str] = mapped_column(String(64), primary_key=True)
    resource: Mapped[str] = mapped_column(String(32), primary_key=True)
    record_id: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime] = mapped_column(Moment)
