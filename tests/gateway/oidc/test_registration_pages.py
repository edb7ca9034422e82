"""Registering: by codes, for whoever holds the contact, and telling nobody else."""

import re

import pytest
from sqlalchemy import select

from gateway.storage.tables.accounts import AccountRow, ContactRow
from gateway.storage.tables.factors import ProofRow
from gateway.storage.tables.messages import OutboxMessageRow
from tests.gateway.oidc.people import COOKIE
from tests.gateway.oidc.registering import (
    BETTER,
    GALUH,
    GOOD,
    RECOVER,
    REGISTER,
    count,
    messages,
    registered,
    sent_code,
)

pytestmark = pytest.mark.anyio


async def test_a_resident_registers_on_the_way_to_an_app(house, http, browser):
    application = house.web()
    page = await browser.begin(application)
    page = await browser.open(page.tree.css("p.aside a")[-1].attributes["href"])
    assert page.heading == "Register"
    page = await browser.submit(page, name="  Galuh   Kenanga ", contact="Galuh@Example.id")
    assert "g•••@example.id" in page.response.text
    page = await browser.submit(page, code=await sent_code(house))
    assert (await browser.submit(page, password="galuh kenanga", again="galuh kenanga")).status == 400
    before = http.cookies[COOKIE]
    page = await browser.submit(page, password=GOOD, again=GOOD)
    assert page.has_form("decision")
    assert http.cookies[COOKIE] != before
    landing = await browser.submit(page, decision="allow")
    assert "code" in landing.query
    async with house.database.session() as session:
        account = await session.scalar(select(AccountRow).where(AccountRow.username.like("warga-%")))
    assert (account.display_name, account.roles, account.nik_fingerprint) == ("Galuh Kenanga", ["resident"], None)


@pytest.mark.parametrize("typed", [GALUH, " GALUH@example.ID ", "0812 3456 7890", "+62 812-3456-7890"])
async def test_one_signs_in_with_ones_contact(house, http, browser, new_browser, typed):
    contact = GALUH if "@" in typed else "0812-3456-7890"
    await registered(house, browser, contact)
    async with house.http() as elsewhere:
        other = new_browser(elsewhere)
        page = await other.begin(house.web())
        page = await other.submit(page, username=typed, password=GOOD)
        assert page.has_form("decision")


def told(page):
    """What the page says, without what differs from asking to asking."""
    return page.status, re.sub(r'[gn]•••@example.id|value="[^"]*"|ticket=[^&"]*', "", page.response.text)


async def test_f47_registering_does_not_tell_who_has_an_account(house, browser):
    await registered(house, browser)
    rows = [await count(house, table) for table in (OutboxMessageRow, ProofRow)]
    answers = []
    for contact in (GALUH, "nobody@example.id"):
        page = await browser.open(REGISTER)
        page = await browser.submit(page, name="Somebody", contact=contact)
        answers.append(told(page))
        wrong = await browser.submit(page, code="abc")
        answers.append((wrong.status, wrong.tree.css_first("[role=alert]").text()))
        now = [await count(house, table) for table in (OutboxMessageRow, ProofRow)]
        assert [after - before for before, after in zip(rows, now, strict=True)] == [1, 1]
        rows = now
    assert answers[:2] == answers[2:]
    texts = [message["text"] for message in (await messages(house))[-2:]]
    assert "already" in texts[0]
    assert "registration code" in texts[1]


async def test_f47_recovering_does_not_tell_who_has_an_account(house, browser):
    await registered(house, browser)
    sent = len(await messages(house))
    answers = []
    for contact in (GALUH, "nobody@example.id"):
        before = [await count(house, table) for table in (OutboxMessageRow, ProofRow)]
        page = await browser.submit(await browser.open(RECOVER), contact=contact)
        answers.append(told(page))
        after = [await count(house, table) for table in (OutboxMessageRow, ProofRow)]
        assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1]
    assert answers[0] == answers[1]
    assert [message["to"] for message in (await messages(house))[sent:]] == [GALUH]


async def test_a_code_is_good_once_in_the_browser_that_asked_for_ten_minutes(house, browser, new_browser):
    page = await browser.submit(await browser.open(REGISTER), name="Galuh", contact=GALUH)
    code = await sent_code(house)
    async with house.http() as elsewhere:
        other = new_browser(elsewhere)
        theirs = await other.submit(await other.open(REGISTER), name="Evil", contact="evil@example.id")
        assert (await other.submit(theirs, code=code)).status == 400
    assert (await browser.submit(page, code=code)).has_form("password")
    assert (await browser.submit(page, code=code)).status == 400
    late = await browser.submit(await browser.open(REGISTER), name="Galuh", contact=GALUH)
    house.clock.forward(minutes=10)
    assert (await browser.submit(late, code=await sent_code(house))).status == 400


async def test_codes_cannot_be_guessed_nor_people_be_flooded(house, browser):
    page = await browser.submit(await browser.open(REGISTER), name="Galuh", contact=GALUH)
    code = await sent_code(house)
    statuses = [(await browser.submit(page, code="000000" if code != "000000" else "1")).status for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    assert 0 < int((await browser.submit(page, code=code)).response.headers["retry-after"]) <= 901
    assert (await browser.submit(page, code=code)).status == 429
    for path in (REGISTER, RECOVER):
        answers = []
        for _ in range(5):
            form = {"name": "x", "contact": "other@example.id"}
            answers.append((await browser.submit(await browser.open(path), **form)).status)
        assert answers == [200] * 3 + [429] * 2, path


async def test_one_contact_one_account(house, browser, new_browser):
    async with house.http() as elsewhere:
        other = new_browser(elsewhere)
        pages = []
        for one in (browser, other):
            page = await one.submit(await one.open(REGISTER), name="Galuh", contact=GALUH)
            pages.append(await one.submit(page, code=await sent_code(house)))
        accounts = await count(house, AccountRow)
        assert (await browser.submit(pages[0], password=GOOD, again=GOOD)).status == 200
        second = await other.submit(pages[1], password=BETTER, again=BETTER)
        assert second.heading == "Register"
    assert await count(house, AccountRow) == accounts + 1
    assert await count(house, ContactRow) == 1
    again = await browser.submit(pages[0], password=BETTER, again=BETTER)
    assert again.status in {200, 403}
    assert await count(house, AccountRow) == accounts + 1


@pytest.mark.parametrize("contact", ["", "galuh", "a@b", "0812", "<x@y.id>", "x@y.id\r\nBcc: z@y.id"])
async def test_what_is_no_contact_sends_nothing(house, browser, contact):
    for path in (REGISTER, RECOVER):
        assert (await browser.submit(await browser.open(path), name="x", contact=contact)).status == 400
    assert await count(house, OutboxMessageRow) == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "Galuh\0", "Galuh \u202e", "\x1b[31mGaluh"])
async def test_what_is_no_name_sends_nothing(house, browser, name):
    assert (await browser.submit(await browser.open(REGISTER), name=name, contact=GALUH)).status == 400
    assert await count(house, OutboxMessageRow) == 0


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        (REGISTER, {"name": " ", "contact": GALUH}, "Give your full name, as on your KTP."),
        (REGISTER, {"name": "Galuh", "contact": "galuh"}, "Give a contact that exists"),
        (RECOVER, {"contact": "galuh"}, "Give a contact that exists"),
    ],
)
async def test_what_was_wrong_is_said_and_nothing_of_fields_that_are_not_there(browser, path, typed, said):
    page = await browser.submit(await browser.open(path), **typed)
    assert page.status == 400
    assert page.tree.css_first("[role=alert]").text().startswith(said)


async def test_without_anybody_to_carry_messages_nothing_is_offered(house, browser, monkeypatch):
    monkeypatch.setattr(house.provider.deps.accounts.outbox_worker, "_senders", {})
    for path in (REGISTER, RECOVER):
        page = await browser.open(path)
        assert page.tree.css_first("form") is None
        assert "kelurahan" in page.response.text
