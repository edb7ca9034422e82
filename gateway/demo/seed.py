"""The demonstration's initial data: accounts, clients, and tokens for the command line."""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.authentication.principals import NIK_SEAL
from gateway.demo.clients import MOBILE, WEB, seed_clients
from gateway.demo.credentials import (
    ACCOUNTS,
    DemoAccess,
    DemoAccount,
    DemoError,
    demo_only,
    read_demo_access,
    store_demo_access,
)
from gateway.ground.clock import now
from gateway.ground.sealing import Sealer
from gateway.identity.factors.totp import has_totp, new_totp_secret, store_totp
from gateway.identity.passwords import Passwords, new_password
from gateway.oidc.grants.authlib_server import METHODS, SignIn, new_grant
from gateway.oidc.tokens.minting import TokenMint
from gateway.oidc.tokens.signing_keys import SigningKeys
from gateway.policy.principal import Role, is_staff
from gateway.policy.scopes import RELEASE_SCOPE, SCOPES, allowed_to, scopes_of
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow


@dataclass(frozen=True, slots=True)
class _Seeding:
    session: AsyncSession
    sealer: Sealer
    passwords: Passwords


async def seed_demo(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    people: Mapping[str, str | None],
    *,
    passwords: Passwords | None = None,
) -> DemoAccess:
    """Create missing accounts and clients of the demonstration, and update existing ones.

    `people` maps a demonstration account to its NIK. Passwords and the web client's secret are random for each
    installation; they stay the same as long as `demo-accounts.json` exists in the home.
    """
    demo_only(settings)
    try:
        kept = read_demo_access(settings)
    except DemoError:
        kept = DemoAccess({}, {})
    access = DemoAccess(
        {demo_account.account: kept.passwords.get(demo_account.account) or new_password() for demo_account in ACCOUNTS},
        {WEB: kept.secrets.get(WEB) or secrets.token_urlsafe(32)},
        {
            demo_account.account: kept.apps.get(demo_account.account) or new_totp_secret()
            for demo_account in ACCOUNTS
            if is_staff(demo_account.roles)
        },
    )
    async with database.session() as session:
        seeding = _Seeding(session, sealer, passwords or Passwords())
        for demo_account in ACCOUNTS:
            password = access.passwords[demo_account.account]
            known = kept.passwords.get(demo_account.account) == password
            account = await _seed_account(
                seeding, demo_account, people.get(demo_account.account), password, password_is_known=known
            )
            if demo_account.account in access.apps:
                await _seed_totp(
                    seeding, account, access.apps[demo_account.account], kept.apps.get(demo_account.account)
                )
        await seed_clients(session, sealer, settings, access.secrets[WEB])
    store_demo_access(settings, access)
    return access


async def _seed_account(
    seeding: _Seeding, demo_account: DemoAccount, nik: str | None, password: str, *, password_is_known: bool
) -> AccountRow:
    session = seeding.session
    account = await session.scalar(select(AccountRow).where(AccountRow.username == demo_account.account))
    if account is None:
        account = AccountRow(
            id=str(uuid.uuid4()), username=demo_account.account, created_at=now(), locale="id", password_hash=""
        )
        session.add(account)
    if not (password_is_known and account.password_hash):
        account.password_hash = await seeding.passwords.hash(password)
    account.display_name = demo_account.name
    account.roles = [role.value for role in demo_account.roles]
    account.agency, account.region = demo_account.agency, demo_account.region
    fingerprint = seeding.sealer.fingerprint(NIK_SEAL, nik) if nik else None
    if account.nik_fingerprint != fingerprint or fingerprint is None:
        account.nik_fingerprint = fingerprint
        account.nik_sealed = seeding.sealer.seal(NIK_SEAL, nik.encode()) if nik else None
        account.nik_verified_at, account.nik_verified_by = (now(), "operator") if nik else (None, None)
    return account


async def _seed_totp(seeding: _Seeding, account: AccountRow, secret: str, known: str | None) -> None:
    """Set the account's authenticator app, unless it has the known one, or another that replaced it."""
    await seeding.session.flush()
    if secret != known or not await has_totp(seeding.session, account.id):
        await store_totp(seeding.session, seeding.sealer, account.id, secret, now())


ONLY_EXPLICIT = frozenset({RELEASE_SCOPE})
"""Scopes that are granted only when they are named."""


async def issue_demo_token(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    account: str,
    scopes: Iterable[str] = (),
    acr: int | None = None,
    signed_in_at: datetime | None = None,
) -> str:
    """An access token of the mobile client for a demonstration account.

    Without `scopes`, all that its roles may hold but `ONLY_EXPLICIT`; without `acr`, 2 for staff and 1 for other
    accounts; without `signed_in_at`, as after a sign-in of this moment.

    Raises `DemoError`, with one sentence: outside demo mode, before the first start, for an account, scope or level
    that does not exist.
    """
    demo_only(settings)
    if acr not in {None, 1, 2, 3}:
        raise DemoError("The level of a sign-in (acr) is 1, 2 or 3.")
    try:
        return await _issue(database, sealer, settings, account, tuple(scopes), acr, signed_in_at)
    except SQLAlchemyError:
        raise DemoError("The demonstration's database cannot be read: start it with make demo.") from None


async def _issue(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    account: str,
    scopes: tuple[str, ...],
    acr: int | None,
    signed_in_at: datetime | None,
) -> str:
    keys = SigningKeys(database, sealer, now)
    async with database.session() as session:
        row = await session.scalar(
            select(AccountRow).where(AccountRow.username == account, AccountRow.withdrawn_at.is_(None))
        )
        client = await session.get(ClientRow, MOBILE)
    if row is None or client is None:
        raise DemoError(f"There is no account of this name. The accounts are: {await _names(database)}.")
    roles = frozenset(Role(role) for role in row.roles)
    granted = _granted_scopes(roles, scopes)
    await keys.start()
    mint = TokenMint(settings.issuer_url, settings.audience, settings.machine_audience, keys.signing(), sealer, now)
    level = acr or (2 if is_staff(roles) else 1)
    grant = new_grant(client, SignIn(row.id, roles, level, signed_in_at or now(), METHODS[level]), granted, now())
    async with database.session() as session:
        session.add(grant)
        await session.flush()
        return await session.run_sync(lambda sync: mint.access_token(sync, client, grant, granted))


def _granted_scopes(roles: frozenset[Role], scopes: tuple[str, ...]) -> list[str]:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise DemoError(f"There is no scope of this name. The scopes are: {', '.join(SCOPES)}.")
    allowed = scopes_of(roles)
    if not allowed_to(roles, scopes) >= set(scopes):
        raise DemoError(
            f"This account may hold only these scopes: {', '.join(name for name in SCOPES if name in allowed)}."
        )
    return [name for name in SCOPES if name in (scopes or allowed - ONLY_EXPLICIT)]


async def _names(database: Database) -> str:
    async with database.session() as session:
        names = (await session.scalars(select(AccountRow.username).order_by(AccountRow.created_at))).all()
    return ", ".join(names) or "none yet, start the demonstration with make demo"
