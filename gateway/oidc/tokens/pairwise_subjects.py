"""Pairwise subjects: each sector of clients knows an account by a `sub` of its own.

Source: OpenID Connect Core, section 8.1.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.ground.sealing import Sealer
from gateway.storage.tables.identity import ClientRow, SubjectLinkRow
from gateway.storage.upsert import insert_into

_USE = "pairwise-subject"
_SESSION_USE = "pairwise-session"


def pairwise_subject(
    session: Session, sealer: Sealer, issuer: str, client: ClientRow, account_id: str, at: datetime
) -> str:
    """The subject by which `client` knows the account; the link to the account is kept from its first use on."""
    sub = subject_of(sealer, client, account_id)
    if session.get(SubjectLinkRow, (issuer, sub)) is None:
        session.execute(
            insert_into(SubjectLinkRow, session.get_bind().dialect.name)
            .values(issuer=issuer, sub=sub, sector=client.sector, account_id=account_id, created_at=at)
            .on_conflict_do_nothing()
        )
    return sub


def subject_of(sealer: Sealer, client: ClientRow, account_id: str) -> str:
    """The same, without keeping the link."""
    return sealer.fingerprint(_USE, f"{client.sector}\n{account_id}")


def session_of(sealer: Sealer, client: ClientRow, session_id: str) -> str:
    """The `sid` by which `client` knows a sign-in: one of its own too, or apps could recognise people by it."""
    return sealer.fingerprint(_SESSION_USE, f"{client.sector}\n{session_id}")
