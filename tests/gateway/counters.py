"""A counter in Mantuil: the register of who lives where, residents with accounts and their codes, a log that fails."""

from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.storage.tables.accounts import AccountRow
from schemas.places import Address, RegionReference
from tests.gateway.fakes import MANTUIL, NIK, OTHER_NIK, PEKAUMAN, Fake, Wire, resident

ALUH = "11111111-1111-4111-8111-111111111111"
"""The account of a resident whose NIK nobody has verified yet."""


def register():
    """Who has `NIK` lives in Mantuil, who has `OTHER_NIK` in Pekauman."""
    made = Fake(asks=("resident",))
    made.records["resident"] = [Wire("1", living(NIK, MANTUIL)), Wire("2", living(OTHER_NIK, PEKAUMAN))]
    return made


def living(nik, region):
    return resident(nik, address=Address(region=RegionReference.to(region)))


async def opens_an_account(gateway, account_id=ALUH, name="Aluh Jumantan"):
    """A resident's account without a NIK."""
    account = AccountRow(
        id=account_id,
        username=f"warga-{account_id[:4]}",
        password_hash="",
        display_name=name,
        roles=["resident"],
        locale="id",
        created_at=gateway.clock(),
    )
    async with gateway.deps.database.session() as session:
        session.add(account)


async def somebody_elses_code(gateway):
    """A code that another resident shows, for an account of their own."""
    other = "22222222-2222-4222-8222-222222222222"
    await opens_an_account(gateway, other, "Other")
    return await code_of(gateway, other)


async def code_of(gateway, account_id=ALUH):
    return await gateway.deps.accounts.nik.issue_code(account_id)


async def account_of(gateway, account_id=ALUH):
    async with gateway.deps.database.session() as session:
        return await session.get_one(AccountRow, account_id)


def without_the_log(gateway, monkeypatch):
    """From now on the access log cannot be written."""

    async def fail(_entries):
        raise AccessLogUnavailableError("the access log cannot be written")

    monkeypatch.setattr(gateway.deps.log, "record", fail)
