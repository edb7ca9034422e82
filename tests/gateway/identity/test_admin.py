"""Accounts that an operator opens at the command line."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.identity.admin import AccountError, AccountStatus, Administration
from gateway.identity.legacy_account_links import LegacyAccountLinks
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.policy.principal import Role
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.sessions import LoginSessionRow

pytestmark = pytest.mark.anyio

OFFICER = AccountStatus((Role.OFFICER,), "tata-pemerintahan", "63.71.01.1001")


@pytest.fixture
def administration(database, passwords, clock):
    return Administration(database, passwords, clock)


async def account(database, username="noor"):
    async with database.session() as session:
        return await session.scalar(select(AccountRow).where(AccountRow.username == username))


def links_of(database, sealer, clock):
    return LegacyAccountLinks(database, sealer, clock, OneTimeProofs(database, sealer, clock))


def application(clock):
    return ClientRow(
        id="kelurahan",
        auth_method="private_key_jwt",
        native=False,
        title_id="-",
        title_en="-",
        sector="kelurahan",
        redirect_uris=["https://kelurahan.example/back"],
        scopes=["openid"],
        grant_types=["authorization_code"],
        created_at=clock(),
    )


async def signed_in(database, clock):
    row = await account(database)
    at = clock()
    async with database.session() as session:
        session.add(
            LoginSessionRow(id_hash="0" * 64, account_id=row.id, acr=1, auth_time=at, seen_at=at, expires_at=at)
        )


async def ended(database):
    async with database.session() as session:
        return (await session.scalar(select(LoginSessionRow))).ended_at is not None


async def test_a_new_account_has_a_one_time_password_that_is_kept_as_a_hash_only(administration, database, passwords):
    password = await administration.add(COMMAND_LINE, "noor", "Noor Hidayah", OFFICER)
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
        (AccountStatus(()), "at least one role"),
        (AccountStatus((Role.OFFICER,)), "belongs to an agency"),
        (AccountStatus((Role.OFFICER,), "nowhere"), "no agency nowhere"),
        (AccountStatus((Role.OFFICER,), "tata-pemerintahan", "63.71"), "no kelurahan or kecamatan"),
        (AccountStatus((Role.OFFICER,), "tata-pemerintahan", "63.71.09"), "no kelurahan or kecamatan"),
        (AccountStatus((Role.OPERATOR,), None, "63.71.01.1001"), "officers only"),
    ],
)
def test_a_standing_that_contradicts_itself_is_refused(standing, sentence):
    with pytest.raises(AccountError, match=sentence):
        standing.checked(["tata-pemerintahan"])


async def test_names_are_unique_and_plain(administration):
    await administration.add(COMMAND_LINE, "noor", "Noor", OFFICER)
    for username, name in (
        ("noor", "Another"),
        ("Noor Hidayah", "x"),
        ("", "x"),
        ("ok", " "),
        ("ok", "x" * 121),
        ("ok", "Noor\0"),
    ):
        with pytest.raises(AccountError):
            await administration.add(COMMAND_LINE, username, name, OFFICER)
    for work in (administration.summary("nobody"), administration.withdraw(COMMAND_LINE, "nobody")):
        with pytest.raises(AccountError, match="no account nobody"):
            await work


async def test_becoming_staff_withdrawing_and_resetting_end_what_is_open(administration, database, passwords, clock):
    await administration.add(COMMAND_LINE, "noor", "Noor", AccountStatus((Role.DEVELOPER,)))
    await signed_in(database, clock)
    await administration.change_roles(COMMAND_LINE, "noor", AccountStatus((Role.DEVELOPER, Role.INTEGRATOR)))
    assert not await ended(database)
    await administration.change_roles(COMMAND_LINE, "noor", AccountStatus((Role.DEVELOPER, Role.OPERATOR)))
    assert await ended(database)
    first = (await account(database)).password_hash
    again = await administration.reset(COMMAND_LINE, "noor", factors=True)
    row = await account(database)
    assert row.password_hash != first
    assert await passwords.check(row.password_hash, again)
    await administration.withdraw(COMMAND_LINE, "noor")
    row = await account(database)
    assert row.withdrawn_at
    assert row.password_hash == ""
    for work in (
        administration.reset(COMMAND_LINE, "noor", factors=False),
        administration.change_roles(COMMAND_LINE, "noor", OFFICER),
    ):
        with pytest.raises(AccountError, match="withdrawn"):
            await work


async def test_i63_every_deed_stands_in_the_access_log_and_none_that_was_not_done(either_database, passwords, clock):
    administration = Administration(either_database, passwords, clock)
    password = await administration.add(COMMAND_LINE, "noor", "Noor Hidayah", OFFICER)
    await administration.change_roles(COMMAND_LINE, "noor", AccountStatus((Role.OPERATOR, Role.RESIDENT)))
    await administration.reset(COMMAND_LINE, "noor", factors=False)
    await administration.reset(COMMAND_LINE, "noor", factors=True)
    await administration.withdraw(COMMAND_LINE, "noor")
    for work in (
        administration.add(COMMAND_LINE, "noor", "Another", OFFICER),
        administration.change_roles(COMMAND_LINE, "noor", OFFICER),
        administration.reset(COMMAND_LINE, "noor", factors=False),
        administration.withdraw(COMMAND_LINE, "nobody"),
    ):
        with pytest.raises(AccountError):
            await work
    async with either_database.session() as session:
        entries = (await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all()
    assert [(one.operation, one.purpose) for one in entries] == [
        ("openAccount", "administration of noor; as officer"),
        ("changeAccountRoles", "administration of noor; as operator, resident"),
        ("resetAccount", "administration of noor"),
        ("resetAccountFactors", "administration of noor"),
        ("withdrawAccount", "administration of noor"),
    ]
    assert {(one.principal, one.client, one.resource) for one in entries} == {("command-line", "gerbang", "account")}
    assert password not in "".join(str(vars(one)) for one in entries)


async def test_of_eight_who_open_an_account_of_one_name_at_once_one_does(either_database, passwords, clock):
    administration = Administration(either_database, passwords, clock)
    opening = [administration.add(COMMAND_LINE, "noor", "Noor", OFFICER) for _ in range(8)]
    outcomes = await asyncio.gather(*opening, return_exceptions=True)
    assert [type(one) for one in outcomes].count(str) == 1
    assert {str(one) for one in outcomes if not isinstance(one, str)} == {"There is an account noor already."}


async def test_what_a_withdrawn_account_was_linked_to_is_free_and_no_code_of_it_is_good(
    database, sealer, passwords, clock
):
    administration, links = Administration(database, passwords, clock), links_of(database, sealer, clock)
    async with database.session() as session:
        session.add(application(clock))
    for username in ("before", "after"):
        await administration.add(COMMAND_LINE, username, "Galuh", AccountStatus((Role.RESIDENT,)))
    before, after = [await account(database, username) for username in ("before", "after")]
    code, _ = await links.begin(before.id, "kelurahan")
    assert await links.finish("kelurahan", code, "galuh88")
    late, _ = await links.begin(before.id, "kelurahan")
    await administration.withdraw(COMMAND_LINE, "before")
    assert await links.of(before.id) == []
    assert not await links.finish("kelurahan", late, "galuh88")
    code, _ = await links.begin(after.id, "kelurahan")
    assert await links.finish("kelurahan", code, "galuh88"), "the same person's new account"
