"""A forgotten password is replaced by whoever holds the contact; of every new password its owner is told."""

import pytest
from sqlalchemy import select

from gateway.identity.messages.texts import MessageKind
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.messages import OutboxMessageRow
from gateway.storage.tables.sessions import LoginSessionRow
from tests.gateway.oidc.people import with_app
from tests.gateway.oidc.registering import BETTER, GALUH, GOOD, RECOVER, messages, registered, sent_code

pytestmark = pytest.mark.anyio


async def recovered(house, browser, contact=GALUH, password=BETTER):
    page = await browser.submit(await browser.open(RECOVER), contact=contact)
    page = await browser.submit(page, code=await sent_code(house))
    return page, await browser.submit(page, password=password, again=password)


async def test_a_forgotten_password_is_replaced_everything_ends_and_the_owner_is_told(house, http, browser):
    landing = await registered(house, browser)
    await browser.submit(landing, decision="allow")
    form, page = await recovered(house, browser)
    assert page.has_form("username", "password")
    async with house.database.session() as session:
        assert all(grant.revoked_at for grant in await session.scalars(select(GrantRow)))
        assert all(row.ended_at for row in await session.scalars(select(LoginSessionRow)))
    assert (await browser.submit(page, username=GALUH, password=GOOD)).status == 400
    assert "was changed" in (await messages(house))[-1]["text"]
    assert (await browser.submit(form, password=GOOD, again=GOOD)).status == 400, "the way is closed behind them"
    assert (await browser.submit(page, username=GALUH, password=BETTER)).heading == "Your account"


async def test_recovering_does_not_go_round_the_second_factor(house, browser):
    await registered(house, browser)
    async with house.database.session() as session:
        account = await session.scalar(select(AccountRow).where(AccountRow.username.like("warga-%")))
    await with_app(house, account.username)
    _, page = await recovered(house, browser)
    page = await browser.submit(page, username=GALUH, password=BETTER)
    assert page.has_form("code")


async def test_messages_tell_of_what_was_done_to_an_account(house, browser):
    await registered(house, browser)
    page = await browser.submit(await browser.open("/account/password"), password=BETTER, again=BETTER)
    assert page.heading == "Your account"
    async with house.database.session() as session:
        kinds = (await session.scalars(select(OutboxMessageRow.kind).order_by(OutboxMessageRow.id))).all()
    assert kinds[-1] == MessageKind.PASSWORD_CHANGED
