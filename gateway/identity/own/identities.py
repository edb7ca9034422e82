"""Through which other issuers an account is entered, as its owner sees it; one of them can be unlinked.

The last way to sign in stays: whoever unlinked it would stand before a closed door, and their next sign-in would open
another account. What was unlinked stays so: also an issuer that asserts the account's NIK opens it by a new link only.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from gateway.ground.clock import Clock
from gateway.identity.sign_out import end_entered
from gateway.identity.subjects import unlink
from gateway.policy.access_log.actions import ActingParty, own_action_entry
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.row_locks import lock_account
from gateway.storage.tables.identity import SubjectLinkRow


class UnlinkOutcome(StrEnum):
    """What came of it. `absent`: it is not linked (any more); `last`: there is no other way to sign in."""

    DONE = "done"
    ABSENT = "absent"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """One link: to which issuer, since when. Nothing of the subject there is shown."""

    issuer: str
    linked_at: datetime


class OwnIdentities:
    """Lists and unlinks the identities of accounts at other issuers. `ways` are the issuers at which people sign in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, account_id: str, ways: Collection[str]) -> Sequence[OwnIdentity]:
        """The links of an account that are ways to sign in, by issuer."""
        query = select(SubjectLinkRow).where(SubjectLinkRow.account_id == account_id, SubjectLinkRow.issuer.in_(ways))
        async with self._database.session() as session:
            rows = await session.scalars(query.order_by(SubjectLinkRow.issuer))
            return [OwnIdentity(row.issuer, row.created_at) for row in rows]

    async def unlink(
        self, actor: ActingParty, roles: frozenset[Role], issuer: str, ways: Collection[str]
    ) -> UnlinkOutcome:
        """Let this issuer open the account no longer; what was entered through it ends, in every app. On record.

        `actor` is the account itself, which has just proven who it is.
        """
        account_id, at = actor.principal, self._clock()
        async with self._database.session() as session:
            # Whoever unlinks another one at the same time waits here: two hands never remove the last two.
            if not await lock_account(session, account_id):
                return UnlinkOutcome.ABSENT
            linked = select(SubjectLinkRow.issuer).where(
                SubjectLinkRow.account_id == account_id, SubjectLinkRow.issuer.in_(ways)
            )
            issuers = set((await session.scalars(linked)).all())
            if issuer not in issuers:
                return UnlinkOutcome.ABSENT
            if issuers == {issuer}:
                return UnlinkOutcome.LAST
            await unlink(session, account_id, issuer, at)
            await end_entered(session, account_id, issuer, at)
            session.add(own_action_entry(actor, roles, "unlinkMyIdentity", "account", at))
        return UnlinkOutcome.DONE
