"""Resolve a verified token to a principal: the account of (iss, sub), or the machine, in its current state."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple, TypedDict

from sqlalchemy import Select, bindparam, or_, select

from gateway.authentication.access_tokens import VerifiedMachine, VerifiedToken
from gateway.authentication.errors import InsufficientAssuranceError, NotAuthenticatedError
from gateway.ground.clock import Clock, now
from gateway.ground.sealing import Sealer
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.identity.subjects import NIK_SEAL, ExternalSubjects, IdentityConflictError
from gateway.policy.principal import MachinePrincipal, Principal, Role, is_staff
from gateway.policy.scopes import MACHINE_SCOPES, allowed_to
from gateway.storage.changes import Watched
from gateway.storage.engine import Database
from gateway.storage.row_lookup import RowLookup
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.single_use import RevokedTokenRow

__all__ = ["NIK_SEAL", "PrincipalResolver"]

STAFF_ACR = 2
"""Lowest level at which a token of an officer or operator is accepted."""


_WATCHED_TABLES: Final = Watched(
    changed=tuple(table.__tablename__ for table in (AccountRow, ClientRow, GrantRow, SubjectLinkRow)),
    inserted=(RevokedTokenRow.__tablename__,),
)
"""Tables that principals are built from: a change in them may end a token or change its access."""


class _FoundAccount(NamedTuple):
    """The columns of `AccountRow` that a principal is built from."""

    id: str
    roles: list[str]
    nik_sealed: bytes | None
    region: str | None
    agency: str | None
    locale: str
    withdrawn_at: datetime | None


class AccountFields(TypedDict):
    """The fields of a principal that come from the account."""

    account_id: str
    roles: frozenset[Role]
    scopes: frozenset[str]
    nik: str | None
    region: str | None
    agency: str | None
    locale: str


class PrincipalResolver:
    """Resolves principals: accounts by issuer and subject, machines by client id."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock = now) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._subjects = ExternalSubjects(database, sealer, clock)
        self._changes = database.count_changes(_WATCHED_TABLES)
        account = _account_of_subject()
        self._account_lookup = RowLookup(database, account)
        self._granted_lookup = RowLookup(database, _with_active_grant(account))

    @property
    def changes(self) -> int:
        """Number of transactions of this process that changed a table which principals are built from."""
        return self._changes.count

    async def machine(self, token: VerifiedMachine) -> MachinePrincipal:
        """Return the machine of the token. Raises `NotAuthenticatedError` if client or token is no longer valid."""
        async with self._database.session() as session:
            client = await session.get(ClientRow, token.client_id)
            revoked = await session.get(RevokedTokenRow, token.token_id)
        if client is None or revoked is not None or not client.is_active(self._clock()):
            raise NotAuthenticatedError("invalid_token", "the access token is no longer valid")
        return MachinePrincipal(
            client_id=client.id,
            agency=client.agency,
            # A scope that was withdrawn from the client ends at once, though the token still names it.
            scopes=token.scopes & MACHINE_SCOPES & frozenset(client.scopes),
            quota=client.quota,
            token_id=token.token_id,
            thumbprint=token.thumbprint,
        )

    async def principal(self, token: VerifiedToken) -> Principal:
        """Return the person of the token. Raises `NotAuthenticatedError` if account or grant is no longer valid."""
        account = await self._account(token)
        if account is None and token.opens_account:
            account = await self._open_account(token)
        if account is None or account.withdrawn_at is not None:
            raise NotAuthenticatedError("invalid_token", "the access token is no longer valid")
        return Principal(
            subject=token.subject,
            client_id=token.client_id,
            acr=token.acr,
            auth_time=token.auth_time,
            token_id=token.token_id,
            thumbprint=token.thumbprint,
            grant_id=token.grant_id,
            **self._account_fields(account, token.scopes, token.acr, token.roles),
        )

    async def for_page(
        self,
        account_id: str,
        *,
        client_id: str,
        scopes: Iterable[str],
        acr: int,
        auth_time: datetime,
        number: str,
    ) -> Principal | None:
        """Return the principal of a person who signed in to a page of ours, which needs `scopes`.

        None if the account is withdrawn or missing. The subject is the account id: there is no pairwise subject here.
        `number` identifies the sign-in in the access log.
        """
        async with self._database.session() as session:
            account = await session.get(AccountRow, account_id)
        if account is None or account.withdrawn_at is not None:
            return None
        return Principal(
            subject=account.id,
            client_id=client_id,
            acr=acr,
            auth_time=auth_time,
            token_id=number,
            **self._account_fields(account, scopes, acr),
        )

    def for_grant(self, account: AccountRow, grant: GrantRow, *, subject: str, number: str) -> Principal:
        """Return the principal of a valid grant and account. `number` identifies the grant in the access log."""
        return Principal(
            subject=subject,
            client_id=grant.client_id,
            acr=grant.acr,
            auth_time=grant.auth_time,
            token_id=number,
            grant_id=grant.id,
            **self._account_fields(account, grant.scopes, grant.acr),
        )

    def _account_fields(
        self,
        account: AccountRow | _FoundAccount,
        scopes: Iterable[str],
        acr: int,
        asserted: frozenset[Role] | None = None,
    ) -> AccountFields:
        """Read the account's fields. `asserted` are the roles that another issuer states, or None.

        They can only remove roles, never add them: this gateway decides which roles a person has.
        """
        roles = frozenset(Role(role) for role in account.roles)
        if asserted is not None:
            roles &= asserted
        if is_staff(roles) and acr < STAFF_ACR:
            raise InsufficientAssuranceError(STAFF_ACR)
        return {
            "account_id": account.id,
            "roles": roles,
            # A withdrawn role ends its scopes at once, though token and grant still name them.
            "scopes": allowed_to(roles, scopes),
            "nik": self._sealer.unseal(NIK_SEAL, account.nik_sealed).decode() if account.nik_sealed else None,
            "region": account.region,
            "agency": account.agency,
            "locale": account.locale,
        }

    async def _open_account(self, token: VerifiedToken) -> _FoundAccount | None:
        identity = AssertedIdentity(token.issuer, token.subject, token.acr, (), token.auth_time)
        try:
            await self._subjects.account_of(identity)
        except IdentityConflictError:
            return None
        return await self._account(token)

    async def _account(self, token: VerifiedToken) -> _FoundAccount | None:
        if token.grant_id is None:
            row = await self._account_lookup.first(issuer=token.issuer, sub=token.subject)
        else:
            row = await self._granted_lookup.first(
                issuer=token.issuer,
                sub=token.subject,
                grant=token.grant_id,
                client=token.client_id,
                now=self._clock(),
            )
        return None if row is None else _FoundAccount(*row)


def _account_of_subject() -> Select[Any]:
    """The query for the account of a subject (`issuer`, `sub`)."""
    return (
        select(*(getattr(AccountRow, name) for name in _FoundAccount._fields))
        .join(SubjectLinkRow, SubjectLinkRow.account_id == AccountRow.id)
        .where(SubjectLinkRow.issuer == bindparam("issuer"), SubjectLinkRow.sub == bindparam("sub"))
    )


def _with_active_grant(account: Select[Any]) -> Select[Any]:
    """The query for the account of a subject that has an active grant (`grant`) for an active client (`client`)."""
    now = bindparam("now", type_=ClientRow.expires_at.type)
    return (
        account.join(GrantRow, GrantRow.account_id == AccountRow.id)
        .join(ClientRow, ClientRow.id == GrantRow.client_id)
        .where(
            GrantRow.id == bindparam("grant"),
            GrantRow.client_id == bindparam("client"),
            GrantRow.revoked_at.is_(None),
            ClientRow.withdrawn_at.is_(None),
            or_(ClientRow.expires_at.is_(None), ClientRow.expires_at > now),
        )
    )
