"""People of the house with second factors, as if they had set them up."""

from sqlalchemy import select

from gateway.storage.tables.accounts import AccountRow
from tests.gateway.authenticator import Device

COOKIE = "gerbang-signin"


async def account_of(house, username):
    async with house.database.session() as session:
        return await session.scalar(select(AccountRow).where(AccountRow.username == username))


async def with_app(house, username="resident"):
    """Give the account an authenticator app, as if it had set one up."""
    account = await account_of(house, username)
    pending = await house.provider.deps.accounts.factors.totp.begin(account.id)
    house.access.apps[username] = pending.secret
    assert await house.provider.deps.accounts.factors.totp.confirm(account.id, house.code_of_app(username))
    return account


async def with_passkey(house, username="resident", **traits):
    account, device = await account_of(house, username), Device(**traits)
    passkeys = house.provider.deps.accounts.factors.passkeys
    answer = device.create(await passkeys.registration_options(account.id, username, "b" * 43))
    assert await passkeys.register(account.id, "b" * 43, answer, "Ponsel")
    return device


def options_of(page):
    return page.tree.css_first("[data-options]").attributes["data-options"]
