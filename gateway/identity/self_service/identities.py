"""Identities of other issuers that are linked to an account: listed for its owner, and unlinked.

The last one cannot be unlinked: its owner could no longer sign in, and their next sign-in would open another account.
An unlinked issuer cannot reach the account by asserting its NIK; only a new link helps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from gateway.ground.clock import Clock
from gateway.identity.sign_out import end_sign_ins_by_issuer
from gateway.identity.subjects import unlink
from gateway.policy.access_log.actions import ActingParty, own_action_entry
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.row_locks import lock_account
from gateway.storage.tables.accounts import SubjectLinkRow


class UnlinkOutcome(StrEnum):
    """Outcome of an unlinking. `absent`: it is not linked (any more); `last`: there is no other way to sign in."""

    DONE = "done"
    ABSENT = "absent"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """One link: the issuer, and since when. The subject is not shown."""

    issuer: str
    linked_at: datetime


class OwnIdentities:
    """Lists and unlinks identities at other issuers. `sign_in_issuers` are the issuers at which people sign in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, account_id: str, sign_in_issuers: Collection[str]) -> Sequence[OwnIdentity]:
        """Return the account's links to the issuers in `sign_in_issuers`, by issuer."""
        query = select(SubjectLinkRow).where(
            SubjectLinkRow.account_id == account_id, SubjectLinkRow.issuer.in_(sign_in_issuers)
        )
        async with self._database.session() as session:
            rows = await session.scalars(query.order_by(SubjectLinkRow.issuer))
            return [OwnIdentity(row.issuer, row.created_at) for row in rows]

    async def unlink(
        self, actor: ActingParty, roles: frozenset[Role], issuer: str, sign_in_issuers: Collection[str]
    ) -> UnlinkOutcome:
        """Unlink this issuer; sign-ins through it end, in every app. Recorded in the access log.

        `actor` is the account itself, which has just signed in.
        """
        account_id, at = actor.principal, self._clock()
        async with self._database.session() as session:
            # The lock serialises concurrent unlinkings, so that two of them never remove the last two links.
            if not await lock_account(session, account_id):
                return UnlinkOutcome.ABSENT
            linked = select(SubjectLinkRow.issuer).where(
                SubjectLinkRow.account_id == account_id, SubjectLinkRow.issuer.in_(sign_in_issuers)
            )
            issuers = set((await session.scalars(linked)).all())
            if issuer not in issuers:
                return UnlinkOutcome.ABSENT
            if issuers == {issuer}:
                return UnlinkOutcome.LAST
            await unlink(session, account_id, issuer, at)
            await end_sign_ins_by_issuer(session, account_id, issuer, at)
            session.add(own_action_entry(actor, roles, "unlinkMyIdentity", "account", at))
        return UnlinkOutcome.DONE
