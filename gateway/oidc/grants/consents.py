"""Consents: what an account allowed a client, on record by scope and version of the text."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.policy.scopes import TEXT_VERSION
from gateway.storage.tables.identity import ConsentRow


def missing_consents(session: Session, account_id: str, client_id: str, scopes: Iterable[str]) -> list[str]:
    """Those of `scopes` that the account has not allowed this client, or has taken back, or under another text."""
    given = select(ConsentRow.scope).where(
        ConsentRow.account_id == account_id,
        ConsentRow.client_id == client_id,
        ConsentRow.text_version == TEXT_VERSION,
        ConsentRow.withdrawn_at.is_(None),
    )
    allowed = set(session.scalars(given))
    return [scope for scope in scopes if scope not in allowed]


def record_consents(session: Session, account_id: str, client_id: str, scopes: Iterable[str], at: datetime) -> None:
    """Record the consent to those of `scopes` that were not allowed yet."""
    for scope in missing_consents(session, account_id, client_id, scopes):
        session.add(
            ConsentRow(account_id=account_id, client_id=client_id, scope=scope, text_version=TEXT_VERSION, given_at=at)
        )
