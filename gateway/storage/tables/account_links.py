"""Accounts at agencies' applications that were proven to belong to gateway accounts."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, CLIENT_ID, DIGEST, Moment, Row


class AccountLinkRow(Row):
    """One link between a gateway account and an account at an application, unique in both directions.

    Unlinking deletes the row. `local_sealed` (use `account-link`, bound to account and client) is the account's name at
    the application; `local_fingerprint` identifies it.
    """

    __tablename__ = "account_links"
    __table_args__ = (UniqueConstraint("client_id", "local_fingerprint", name="uq_account_links_client_id"),)

    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"), primary_key=True)
    local_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    local_fingerprint: Mapped[str] = mapped_column(DIGEST)
    proven_at: Mapped[datetime] = mapped_column(Moment)
