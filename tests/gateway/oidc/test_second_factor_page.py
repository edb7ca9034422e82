"""First sign-ins, new passwords and new second factors: in this order, by fresh sign-ins only, and shown once."""

import pyotp
import pytest
from sqlalchemy import select

from gateway.identity.admin import AccountStatus, Administration
from gateway.identity.contacts import ContactAddress, ContactKind
from gateway.identity.factors.totp import STEP_SECONDS
from gateway.identity.messages.texts import MessageKind
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.policy.principal import Role
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.messages import OutboxMessageRow
from gateway.storage.tables.sessions import LoginSessionRow
from tests.gateway.authenticator import Device
from tests.gateway.oidc.conftest import ISSUER
from tests.gateway.oidc.people import COOKIE, account_of, options_of, with_app

pytestmark = pytest.mark.anyio

GOOD = "kuda laut menanam padi"
FACTORS = "/account/second-factor"


async def opened(house, username="noor", role=Role.OPERATOR):
    administration = Administration(house.database, house.passwords, house.clock)
    return await administration.add(COMMAND_LINE, username, "Noor Hidayah", AccountStatus((role,)))


async def first_page(house, browser, username, password, **changes):
    page = await browser.begin(house.web(scope="openid"), **changes)
    return await browser.submit(page, username=username, password=password)


def totp_code(house, page):
    secret = page.tree.css_first("p.secret").text().replace(" ", "")
    return pyotp.TOTP(secret).generate_otp(int(house.clock().timestamp()) // STEP_SECONDS)


async def test_d34_a_new_operator_sets_a_password_then_a_factor_and_only_then_goes_on(house, http, browser):
    once = await opened(house)
    page = await first_page(house, browser, "noor", once)
    assert page.has_form("password", "again")
    for path in (FACTORS, f"{FACTORS}/app"):
        elsewhere = await browser.open(path, {"ticket": page.form()[1]["ticket"]})
        assert elsewhere.has_form("password", "again"), "the one-time password is changed before anything else"
    page = await browser.submit(page, password=GOOD, again=GOOD)
    assert page.heading == "Second factor"
    assert not page.has_form("decision")
    half = http.cookies[COOKIE]
    page = await browser.submit(page, to=f"{FACTORS}/app")
    picture = await http.get(page.tree.css_first("img.picture").attributes["src"])
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["cache-control"] == "no-store"
    assert (await browser.submit(page, code="000000")).status == 400
    codes = await browser.submit(page, code=totp_code(house, page))
    assert len({node.text() for node in codes.tree.css("ul.codes li")}) == 10
    assert http.cookies[COOKIE] != half
    consent = await browser.open(codes.tree.css_first("p.go a").attributes["href"])
    landing = await browser.submit(consent, decision="allow")
    assert "code" in landing.query


async def test_a_one_time_password_is_good_for_three_days(house, browser):
    once = await opened(house)
    house.clock.forward(hours=73)
    assert (await first_page(house, browser, "noor", once)).status == 400


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("pendek", "pendek", "too short"),
        (GOOD, GOOD + "x", "not the same"),
        ("noor hidayah 1", "noor hidayah 1", "easily guessed"),
        ("x" * 129, "x" * 129, "too long"),
    ],
)
async def test_f47_passwords_that_are_refused(house, browser, password, again, sentence):
    page = await first_page(house, browser, "noor", await opened(house))
    page = await browser.submit(page, password=password, again=again)
    assert page.status == 400
    assert sentence in page.tree.css_first("[role=alert]").text()


async def test_the_one_time_password_itself_is_no_new_password(house, browser):
    once = await opened(house)
    page = await browser.submit(await first_page(house, browser, "noor", once), password=once, again=once)
    assert "old password" in page.tree.css_first("[role=alert]").text()


async def test_a_new_password_ends_everything_else(house, http, browser, new_browser):
    body = await house.tokens(house.mobile())
    account = await account_of(house, "resident")
    await browser.sign_in(house.web(), "resident", house.password("resident"))
    kept = http.cookies[COOKIE]
    page = await browser.open("/account/password")
    page = await browser.submit(page, password=GOOD, again=GOOD)
    assert http.cookies[COOKIE] != kept
    async with house.database.session() as session:
        grants = (await session.scalars(select(GrantRow).where(GrantRow.account_id == account.id))).all()
        sessions = (
            await session.scalars(select(LoginSessionRow).where(LoginSessionRow.account_id == account.id))
        ).all()
    assert all(grant.revoked_at for grant in grants)
    assert len([one for one in sessions if one.ended_at is None]) == 1
    with pytest.raises(Exception, match="no longer valid"):
        await house.authenticator()(f"Bearer {body['access_token']}")
    async with house.http() as elsewhere:
        old = new_browser(elsewhere)
        page = await old.begin(house.web())
        assert (await old.submit(page, username="resident", password=house.password("resident"))).status == 400
        page = await old.begin(house.web())
        assert "code" in (await old.submit(page, username="resident", password=GOOD)).query


async def test_changes_need_a_fresh_sign_in_and_come_back(house, http, browser):
    await browser.sign_in(house.web(), "resident", house.password("resident"))
    house.clock.forward(minutes=11)
    for path in ("/account/password", FACTORS):
        page = await browser.open(path)
        assert page.has_form("username", "password"), path
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert page.heading == "Second factor"
    page = await browser.submit(page, to=f"{FACTORS}/app")
    house.clock.forward(minutes=11)
    stale = await browser.submit(page, code=totp_code(house, page))
    assert stale.has_form("username", "password")
    account = await account_of(house, "resident")
    assert not (await house.provider.deps.accounts.factors.held(account.id)).any
    assert (await http.get(f"{FACTORS}/app.svg")).status_code == 303


async def test_with_a_factor_a_password_alone_changes_nothing(house, browser):
    await with_app(house)
    page = await first_page(house, browser, "resident", house.password("resident"))
    ticket = page.form()[1]["ticket"]
    for path in ("/account/password", FACTORS, f"{FACTORS}/app"):
        for query in ({"ticket": ticket}, {}) if path != f"{FACTORS}/app" else ({"ticket": ticket},):
            assert (await browser.open(path, query)).has_form("code"), path


async def test_a_passkey_is_added_and_factors_are_removed(house, browser):
    await browser.sign_in(house.web(), "resident", house.password("resident"))
    page, device = await browser.open(FACTORS), Device()
    assert (await browser.submit(page, to=f"{FACTORS}/passkey", credential="{}")).status == 400
    page = await browser.open(FACTORS)
    answer = device.create(options_of(page))
    codes = await browser.submit(page, to=f"{FACTORS}/passkey", credential=answer, label="Ponsel <b>")
    assert len(codes.tree.css("ul.codes li")) == 10
    page = await browser.open(FACTORS)
    assert "Ponsel &lt;b&gt;" in page.response.text
    renewed = await browser.submit(page, to=f"{FACTORS}/recovery-codes")
    assert {node.text() for node in renewed.tree.css("ul.codes li")} & {n.text() for n in codes.tree.css("li")} == set()
    page = await browser.submit(page, to=f"{FACTORS}/remove")
    account = await account_of(house, "resident")
    assert not (await house.provider.deps.accounts.factors.held(account.id)).any


async def told_of_changes(house):
    async with house.database.session() as session:
        told = select(OutboxMessageRow.kind).where(OutboxMessageRow.kind == MessageKind.FACTOR_CHANGED)
        return len((await session.scalars(told)).all())


async def with_contact(house, username):
    account = await account_of(house, username)
    address = ContactAddress(ContactKind.EMAIL, f"{username}@example.id")
    async with house.database.session() as session:
        await house.provider.deps.accounts.contacts.put(session, account.id, address)


async def test_the_owner_is_told_of_every_change_and_of_nothing_else(house, http, browser):
    await with_contact(house, "resident")
    await with_app(house)
    await browser.sign_in(house.web(), "resident", house.password("resident"))
    page = await browser.open(FACTORS)
    action, form = page.form(to=f"{FACTORS}/remove")
    for factor in ("nothing", ""):
        answer = await http.post(action, data={**form, "factor": factor}, headers={"origin": ISSUER})
        assert (answer.status_code, await told_of_changes(house)) == (303, 0)
    await browser.submit(page, to=f"{FACTORS}/recovery-codes")
    assert await told_of_changes(house) == 1, "whoever finds a browser open takes no lasting way in unseen"
    await http.post(action, data=form, headers={"origin": ISSUER})
    assert await told_of_changes(house) == 2


async def test_d34_staff_keep_a_factor(house, browser):
    await browser.sign_in(house.web(scope="openid"), "operator", house.password("operator"))
    page = await browser.open(FACTORS)
    page = await browser.submit(page, to=f"{FACTORS}/remove")
    assert page.status == 400
    account = await account_of(house, "operator")
    assert (await house.provider.deps.accounts.factors.held(account.id)).totp


async def test_an_operators_reset_with_factors_leads_through_both_again(house, browser):
    administration = Administration(house.database, house.passwords, house.clock)
    once = await administration.reset(COMMAND_LINE, "officer-mantuil", factors=True)
    page = await first_page(house, browser, "officer-mantuil", once)
    assert page.has_form("password", "again")
    page = await browser.submit(page, password=GOOD, again=GOOD)
    assert page.heading == "Second factor"
    async with house.database.session() as session:
        account = await session.scalar(select(AccountRow).where(AccountRow.username == "officer-mantuil"))
    assert not account.password_expires
