"""Pairwise subjects: an account has a different `sub` in each sector of clients.

Source: OpenID Connect Core, section 8.1.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.ground.sealing import Sealer
from gateway.storage.tables.accounts import SubjectLinkRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.upsert import insert_into

_USE = "pairwise-subject"
_SESSION_USE = "pairwise-session"


def linked_subject(
    session: Session, sealer: Sealer, issuer: str, client: ClientRow, account_id: str, at: datetime
) -> str:
    """Return the account's `sub` for `client`, and store its link to the account at the first use."""
    sub = pairwise_subject(sealer, client, account_id)
    if session.get(SubjectLinkRow, (issuer, sub)) is None:
        session.execute(
            insert_into(SubjectLinkRow, session.get_bind().dialect.name)
            .values(issuer=issuer, sub=sub, sector=client.sector, account_id=account_id, created_at=at)
            .on_conflict_do_nothing()
        )
    return sub


def pairwise_subject(sealer: Sealer, client: ClientRow, account_id: str) -> str:
    """Return the account's `sub` for `client`, without storing the link."""
    return sealer.fingerprint(_USE, f"{client.sector}\n{account_id}")


def pairwise_session_id(sealer: Sealer, client: ClientRow, session_id: str) -> str:
    """Return the `sid` of a sign-in for `client`. Pairwise too: a shared `sid` would let apps correlate people."""
    return sealer.fingerprint(_SESSION_USE, f"{client.sector}\n{session_id}")
