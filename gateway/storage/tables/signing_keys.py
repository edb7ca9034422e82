"""Signing keys of the OpenID provider."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import Moment, Row


class SigningKeyRow(Row):
    """A key pair of the provider; `private_sealed` is the sealed private JWK.

    It is published from the beginning, signs from `signs_from` until another one does, and is published and accepted
    until `retires_at`: processes that share the database coordinate by the clock.
    """

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    alg: Mapped[str] = mapped_column(String(16))
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    signs_from: Mapped[datetime] = mapped_column(Moment)
    retires_at: Mapped[datetime | None] = mapped_column(Moment)
