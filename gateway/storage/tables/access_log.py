"""The access log: one row for each access to personal data. Rows are only added, never changed."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row


class AccessEntryRow(Row):
    """One access to personal data: accessor, subject, purpose and result. It has no name and no number of a person.

    `subject` is the account of the data's owner, if there is one; `subject_fingerprint` identifies a person by their
    NIK without storing it, so that a resident finds all entries about them.
    """

    __tablename__ = "access_entries"
    __table_args__ = (
        Index("ix_access_entries_subject_fingerprint_id", "subject_fingerprint", "id"),
        Index("ix_access_entries_subject_id", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    principal: Mapped[str] = mapped_column(String(64))
    client: Mapped[str] = mapped_column(String(128))
    acr: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(64))
    subject_fingerprint: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(200))
    operation: Mapped[str] = mapped_column(String(64))
    resource: Mapped[str] = mapped_column(String(32))
    systems: Mapped[list[str]] = mapped_column(JSON)
    records: Mapped[int] = mapped_column(Integer)
    classes: Mapped[list[str]] = mapped_column(JSON)
    result: Mapped[str] = mapped_column(String(32))
    request_id: Mapped[str] = mapped_column(String(64))
    request_digest: Mapped[str] = mapped_column(String(64))
