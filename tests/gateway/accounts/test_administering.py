"""Accounts that an operator opens at the command line."""

import pytest
from sqlalchemy import select

from gateway.accounts.administering import AccountError, Administration, Standing
from gateway.sso.principal import Role
from gateway.storage.tables.identity import Account, LoginSession

pytestmark = pytest.mark.anyio

OFFICER = Standing((Role.OFFICER,), "tata-pemerintahan", "63.71.01.1001")


@pytest.fixture
def administration(database, passwords, clock):
    return Administration(database, passwords, clock)


async def account(database, username="noor"):
    async with database.session() as session:
        return await session.scalar(select(Account).where(Account.username == username))


async def signed_in(database, clock):
    row = await account(database)
    at = clock()
    async with database.session() as session:
        session.add(LoginSession(id_hash="0" * 64, account_id=row.id, acr=1, auth_time=at, seen_at=at, expires_at=at))


async def ended(database):
    async with database.session() as session:
        return (await session.scalar(select(LoginSession))).ended_at is not None


async def test_a_new_account_has_a_one_time_password_that_is_kept_as_a_hash_only(administration, database, passwords):
    password = await administration.add("noor", "Noor Hidayah", OFFICER)
    row = await account(database)
    assert row.password_expires
    assert await passwords.check(row.password_hash, password)
    assert password not in row.password_hash
    summary = await administration.summary("noor")
    assert (summary.roles, summary.region, summary.second_factor) == (("officer",), "63.71.01.1001", False)
    assert [one.username for one in await administration.summaries()] == ["noor"]


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (Standing(()), "at least one role"),
        (Standing((Role.OFFICER,)), "belongs to an agency"),
        (Standing((Role.OFFICER,), "nowhere"), "no agency nowhere"),
        (Standing((Role.OFFICER,), "tata-pemerintahan", "63.71.01"), "no kelurahan"),
        (Standing((Role.OPERATOR,), None, "63.71.01.1001"), "officers only"),
    ],
)
def test_a_standing_that_contradicts_itself_is_refused(standing, sentence):
    with pytest.raises(AccountError, match=sentence):
        standing.checked(["tata-pemerintahan"])


async def test_names_are_unique_and_plain(administration):
    await administration.add("noor", "Noor", OFFICER)
    for username, name in (("noor", "Another"), ("Noor Hidayah", "x"), ("", "x"), ("ok", " "), ("ok", "x" * 121)):
        with pytest.raises(AccountError):
            await administration.add(username, name, OFFICER)
    for work in (administration.summary, administration.withdraw):
        with pytest.raises(AccountError, match="no account nobody"):
            await work("nobody")


async def test_becoming_staff_withdrawing_and_resetting_end_what_is_open(administration, database, passwords, clock):
    await administration.add("noor", "Noor", Standing((Role.DEVELOPER,)))
    await signed_in(database, clock)
    await administration.change_roles("noor", Standing((Role.DEVELOPER, Role.INTEGRATOR)))
    assert not await ended(database)
    await administration.change_roles("noor", Standing((Role.DEVELOPER, Role.OPERATOR)))
    assert await ended(database)
    first = (await account(database)).password_hash
    again = await administration.reset("noor", factors=True)
    row = await account(database)
    assert row.password_hash != first
    assert await passwords.check(row.password_hash, again)
    await administration.withdraw("noor")
    row = await account(database)
    assert row.withdrawn_at
    assert row.password_hash == ""
    with pytest.raises(AccountError, match="withdrawn"):
        await administration.reset("noor", factors=False)
