"""Agencies' own applications that sign people in with us without OpenID, and the tickets that they redeem."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, CLIENT_ID, DIGEST, Moment, Row


class LegacyAppRow(Row):
    """The address of one application, which is a client too. Exactly one of the two addresses is set.

    `origin` (W2): a reverse proxy in front of it requests the signed-in identity from the gateway;
    `https://host[:port]` without a path. `ticket_uri` (W3): browsers carry a one-time ticket to this address. `acr`
    is the lowest level of sign-in that it accepts.
    """

    __tablename__ = "legacy_apps"

    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"), primary_key=True)
    origin: Mapped[str | None] = mapped_column(String(255), unique=True)
    ticket_uri: Mapped[str | None] = mapped_column(Text)
    acr: Mapped[int] = mapped_column(Integer)


class LoginTicketRow(Row):
    """One ticket, by its hash: valid for a minute, once, for one application. `subject` is the pairwise subject."""

    __tablename__ = "login_tickets"

    ticket_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"))
    grant_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"))
    subject: Mapped[str] = mapped_column(String(255))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
