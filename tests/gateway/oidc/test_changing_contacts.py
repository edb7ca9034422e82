"""A contact is changed by whoever just signed in and holds the new one; nobody else's is taken; the last one stays."""

import asyncio

import pytest
from sqlalchemy import func, select

from gateway.identity.contact_change import ContactRemoval
from gateway.identity.contacts import ContactKind
from gateway.policy.access_log.actions import ActingParty
from gateway.policy.principal import Role
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.accounts import ContactRow
from tests.gateway.oidc.conftest import ISSUER, Browser
from tests.gateway.oidc.registering import (
    BETTER,
    CONTACT,
    GALUH,
    GOOD,
    RECOVER,
    count,
    messages,
    registered,
    sent_code,
)

pytestmark = pytest.mark.anyio

REMOVE = f"{CONTACT}/remove"


async def test_a_contact_is_changed_by_a_fresh_sign_in_and_both_are_told(house, browser):
    await registered(house, browser)
    house.clock.forward(minutes=11)
    page = await browser.open(CONTACT)
    assert page.has_form("username", "password")
    page = await browser.submit(page, username=GALUH, password=GOOD)
    page = await browser.submit(page, contact="kenanga@example.id")
    assert await count(house, ContactRow) == 1
    page = await browser.submit(page, code=await sent_code(house))
    assert page.heading == "Your account"
    assert "k•••@example.id" in page.response.text
    told_to = {(message["to"], "k•••@example.id" in message["text"]) for message in (await messages(house))[-2:]}
    assert told_to == {(GALUH, True), ("kenanga@example.id", True)}
    page = await browser.submit(await browser.open(CONTACT), contact="0812 3456 7890")
    await browser.submit(page, code=await sent_code(house))
    assert await count(house, ContactRow) == 2


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
        rows = (await session.scalars(select(ContactRow))).all()
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
        assert await session.scalar(select(func.count()).select_from(ContactRow)) == 2


async def with_two(house, browser):
    """Galuh, with an e-mail address and a telephone number; gives the page of their contacts."""
    await registered(house, browser)
    page = await browser.submit(await browser.open(CONTACT), contact="0812 3456 7890")
    await browser.submit(page, code=await sent_code(house))
    return await browser.open(CONTACT)


async def deeds(house):
    """What stands in the access log of what people did, and that it is about themselves."""
    async with house.database.session() as session:
        entries = (await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all()
    assert all(one.principal == one.subject and one.client == "gerbang-pages" for one in entries)
    assert not any("example.id" in str(vars(one)) for one in entries), "no contact stands there"
    return [one.operation for one in entries]


async def kinds(house):
    async with house.database.session() as session:
        return set((await session.scalars(select(ContactRow.kind))).all())


async def test_a_contact_is_removed_by_its_owner_and_told_of_where_it_was(house, browser):
    page = await with_two(house, browser)
    before = len(await messages(house))
    page = await browser.submit(page, to=REMOVE, kind="email")
    assert page.heading == "Your account"
    assert await kinds(house) == {"telephone"}
    assert await deeds(house) == ["changeMyContact", "removeMyContact"]
    told = (await messages(house))[before:]
    assert {message["to"] for message in told} == {GALUH, "+6281234567890"}
    assert all("g•••@example.id was removed" in message["text"] for message in told)
    # It opens nothing any more, and somebody else may have it.
    page = await browser.submit(page, to="/account/sign-out")
    page = await browser.open("/account")
    assert (await browser.submit(page, username=GALUH, password=GOOD)).status == 400
    assert (await browser.submit(page, username="081234567890", password=GOOD)).heading == "Your account"


async def test_the_last_contact_stays(house, http, browser):
    page = await with_two(house, browser)
    action, form = page.form(to=REMOVE, kind="email")
    await browser.submit(page, to=REMOVE, kind="telephone")
    page = await browser.open(CONTACT)
    assert "One contact must stay" in page.response.text
    assert not page.tree.css(f"form[action='{REMOVE}']")
    answer = await http.post(action, data=form, headers={"origin": ISSUER, "accept-language": "en"})
    assert (answer.status_code, "One contact must stay" in answer.text) == (400, True)
    again = await http.post(action, data={**form, "kind": "telephone"}, headers={"origin": ISSUER})
    assert again.status_code == 303, "gone already"
    assert (await http.post(action, data={**form, "kind": "pigeon"}, headers={"origin": ISSUER})).status_code == 400
    assert await kinds(house) == {"email"}
    assert await deeds(house) == ["changeMyContact", "removeMyContact"], "nothing for what was refused"


async def test_removing_needs_a_fresh_sign_in(house, browser):
    page = await with_two(house, browser)
    house.clock.forward(minutes=11)
    page = await browser.submit(page, to=REMOVE, kind="email")
    assert page.has_form("username", "password")
    assert len(await kinds(house)) == 2


async def test_two_hands_never_remove_the_last_two(either_house):
    async with either_house.http() as http:
        await with_two(either_house, Browser(http))
    async with either_house.database.session() as session:
        account_id = (await session.scalars(select(ContactRow.account_id))).first()
    change = either_house.provider.deps.accounts.contact_change
    actor, roles = ActingParty(account_id, "gerbang-pages", "1"), frozenset({Role.RESIDENT})
    hands = [change.remove(actor, roles, kind) for kind in (ContactKind.EMAIL, ContactKind.TELEPHONE) * 4]
    outcomes = await asyncio.gather(*hands)
    assert outcomes.count(ContactRemoval.DONE) == 1
    assert ContactRemoval.LAST in outcomes
    assert len(await kinds(either_house)) == 1
    assert (await deeds(either_house)).count("removeMyContact") == 1


@pytest.mark.parametrize("proven", [False, True])
async def test_a_code_that_was_sent_to_a_contact_recovers_nothing_once_it_is_removed(
    house, browser, new_browser, proven
):
    page = await with_two(house, browser)
    async with house.http() as elsewhere:
        thief = new_browser(elsewhere)
        theirs = await thief.submit(await thief.open(RECOVER), contact=GALUH)
        code = await sent_code(house)
        if proven:
            theirs = await thief.submit(theirs, code=code)
        await browser.submit(page, to=REMOVE, kind="email")
        if not proven:
            theirs = await thief.submit(theirs, code=code)
        assert (await thief.submit(theirs, password=BETTER, again=BETTER)).status == 400
    page = await browser.submit(await browser.open("/account"), to="/account/sign-out")
    page = await browser.open("/account")
    assert (await browser.submit(page, username="081234567890", password=GOOD)).heading == "Your account"
