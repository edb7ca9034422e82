"""From a verified token to a principal: the account that (iss, sub) stands for, as it is now."""

from sqlalchemy import select

from gateway.sealing import Sealer
from gateway.sso.errors import InsufficientAssuranceError, NotAuthenticatedError
from gateway.sso.principal import Principal, Role, is_staff
from gateway.sso.scopes import allowed_to
from gateway.sso.tokens import VerifiedToken
from gateway.storage.engine import Database
from gateway.storage.tables.identity import Account, Grant, SubjectLink

STAFF_ACR = 2
"""The level below which a token of an officer or operator opens nothing."""
NIK_SEAL = "account-nik"
"""The use under which the NIK of an account is sealed."""


class People:
    """Finds accounts by issuer and subject."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def principal(self, token: VerifiedToken) -> Principal:
        """Whom the token stands for, or `NotAuthenticatedError` when that account or grant stands no longer."""
        account = await self._account(token)
        if account is None or account.withdrawn_at is not None:
            raise NotAuthenticatedError("invalid_token", "the access token is no longer valid")
        roles = frozenset(Role(role) for role in account.roles)
        if is_staff(roles) and token.acr < STAFF_ACR:
            raise InsufficientAssuranceError(STAFF_ACR)
        return Principal(
            account_id=account.id,
            subject=token.subject,
            client_id=token.client_id,
            roles=roles,
            # A role that was taken away takes its scopes along, though the token still names them.
            scopes=allowed_to(roles, token.scopes),
            acr=token.acr,
            auth_time=token.auth_time,
            token_id=token.token_id,
            nik=self._sealer.unseal(NIK_SEAL, account.nik_sealed).decode() if account.nik_sealed else None,
            region=account.region,
            agency=account.agency,
            locale=account.locale,
            thumbprint=token.thumbprint,
        )

    async def _account(self, token: VerifiedToken) -> Account | None:
        query = (
            select(Account)
            .join(SubjectLink, SubjectLink.account_id == Account.id)
            .where(SubjectLink.issuer == token.issuer, SubjectLink.sub == token.subject)
        )
        if token.grant_id is not None:
            query = query.join(Grant, Grant.account_id == Account.id).where(
                Grant.id == token.grant_id, Grant.client_id == token.client_id, Grant.revoked_at.is_(None)
            )
        async with self._database.session() as session:
            return await session.scalar(query)
