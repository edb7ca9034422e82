"""Consents of an account to a client, stored by scope and version of the text."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.policy.scopes import TEXT_VERSION
from gateway.storage.tables.clients import ConsentRow


def missing_consents(session: Session, account_id: str, client_id: str, scopes: Iterable[str]) -> list[str]:
    """Return the `scopes` for which this client lacks the account's current consent to the present text."""
    given = select(ConsentRow.scope).where(
        ConsentRow.account_id == account_id,
        ConsentRow.client_id == client_id,
        ConsentRow.text_version == TEXT_VERSION,
        ConsentRow.withdrawn_at.is_(None),
    )
    allowed = set(session.scalars(given))
    return [scope for scope in scopes if scope not in allowed]


def record_consents(session: Session, account_id: str, client_id: str, scopes: Iterable[str], at: datetime) -> None:
    """Store the account's consent to those `scopes` that lack it."""
    for scope in missing_consents(session, account_id, client_id, scopes):
        session.add(
            ConsentRow(account_id=account_id, client_id=client_id, scope=scope, text_version=TEXT_VERSION, given_at=at)
        )
