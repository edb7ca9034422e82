"""A contact is changed by whoever just signed in and holds the new one; nobody else's is taken."""

import pytest
from sqlalchemy import func, select

from gateway.storage.tables.accounts import Contact
from tests.gateway.provider.registering import CONTACT, GALUH, GOOD, count, messages, registered, sent_code

pytestmark = pytest.mark.anyio


async def test_a_contact_is_changed_by_a_fresh_sign_in_and_both_are_told(house, browser):
    await registered(house, browser)
    house.clock.forward(minutes=11)
    page = await browser.open(CONTACT)
    assert page.has_form("username", "password")
    page = await browser.submit(page, username=GALUH, password=GOOD)
    page = await browser.submit(page, contact="kenanga@example.id")
    assert await count(house, Contact) == 1
    page = await browser.submit(page, code=await sent_code(house))
    assert page.heading == "Your account"
    assert "k•••@example.id" in page.response.text
    told_to = {(message["to"], "k•••@example.id" in message["text"]) for message in (await messages(house))[-2:]}
    assert told_to == {(GALUH, True), ("kenanga@example.id", True)}
    page = await browser.submit(await browser.open(CONTACT), contact="0812 3456 7890")
    await browser.submit(page, code=await sent_code(house))
    assert await count(house, Contact) == 2


async def test_somebody_elses_contact_cannot_be_taken_and_is_not_told_of(house, browser, new_browser):
    await registered(house, browser)
    async with house.http() as elsewhere:
        other = new_browser(elsewhere)
        await registered(house, other, "evil@example.id")
        page = await other.submit(await other.open(CONTACT), contact=GALUH)
        assert page.heading == "Enter the code"
        assert (await messages(house))[-1]["to"] == GALUH
        assert "another Gerbang account" in (await messages(house))[-1]["text"]
        assert (await other.submit(page, code="123456")).status == 400
    async with house.database.session() as session:
        rows = (await session.scalars(select(Contact))).all()
    assert len({row.account_id for row in rows}) == 2


async def test_a_code_of_another_account_changes_nothing(house, browser, new_browser):
    await registered(house, browser)
    page = await browser.submit(await browser.open(CONTACT), contact="new@example.id")
    code, flow = await sent_code(house), page.form()[1]["flow"]
    async with house.http() as elsewhere:
        other = new_browser(elsewhere)
        await registered(house, other, "evil@example.id")
        theirs = await other.submit(await other.open(CONTACT), contact="evil2@example.id")
        assert (await other.submit(theirs, code=code, flow=flow)).status == 400
    async with house.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Contact)) == 2
