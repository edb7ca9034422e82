"""Sign-ins of devices without a browser, such as a kiosk (RFC 8628)."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, CLIENT_ID, DIGEST, Moment, Row


class DeviceRequestRow(Row):
    """The request of a device, by the hash of its device code; a person decides on it in a browser, by the user code.

    `user_code` is a fingerprint (use `user-code`). At most one of `grant_id`, which a person has granted, and
    `denied_at` is ever set. The device may poll every `interval` seconds; it gets tokens once.
    """

    __tablename__ = "device_requests"

    code_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    user_code: Mapped[str] = mapped_column(DIGEST, unique=True)
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    interval: Mapped[int] = mapped_column(Integer)
    polled_at: Mapped[datetime | None] = mapped_column(Moment)
    grant_id: Mapped[str | None] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"))
    denied_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
