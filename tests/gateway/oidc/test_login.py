"""The login and consent forms: whose they are, how often one may guess, and what a refusal tells."""

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters
from markupsafe import escape
from sqlalchemy import select, update
from starlette.responses import Response

from gateway.identity.passwords import Passwords
from gateway.oidc.sessions.browsers import Browsers
from gateway.oidc.sessions.browsers import new_browser as new_browser_id
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow, ConsentRow
from gateway.storage.tables.sessions import LoginSessionRow

pytestmark = pytest.mark.anyio

ISSUER = "http://localhost:8000"


async def login_page(house, browser, **changes):
    return await browser.begin(house.web(), **changes)


async def test_f43_the_cookie(house, browser):
    page = await login_page(house, browser)
    cookie = page.response.headers["set-cookie"]
    assert cookie.startswith("gerbang-signin=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_f43_the_cookie_over_https_belongs_to_the_host_alone(house):
    response = Response()
    Browsers(house.sealer, https=True).write(response, new_browser_id())
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-gerbang-signin=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8001"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": ISSUER},
        {"sec-fetch-site": "none"},
    ],
)
async def test_f44_a_form_from_another_site_is_refused(house, http, browser, headers):
    page = await login_page(house, browser)
    action, form = page.form(username="resident", password=house.password("resident"))
    response = await http.post(action, data=form, headers=headers)
    assert response.status_code == 403
    assert "location" not in response.headers
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    action, form = page.form(decision="allow")
    response = await http.post(action, data=form, headers=headers)
    assert response.status_code == 403
    assert "location" not in response.headers


async def test_f44_a_form_made_for_another_browser_or_request_is_refused(house, http, browser, new_browser):
    page = await login_page(house, browser)
    action, form = page.form(username="resident", password=house.password("resident"))
    async with house.http() as other:
        assert (await other.post(action, data=form)).status_code == 403
        theirs = await login_page(house, new_browser(other))
        assert (await other.post(action, data=form)).status_code == 403
        mixed = {**form, "ticket": theirs.form()[1]["ticket"]}
        assert (await other.post(action, data=mixed)).status_code == 403
    for changes in ({"form_token": ""}, {"form_token": "é"}, {"form_token": form["form_token"][:-1]}):
        assert (await http.post(action, data={**form, **changes})).status_code == 403
    consent = await browser.submit(page, username="resident", password=house.password("resident"))
    action, form = consent.form(decision="allow")
    async with house.http() as other:
        assert (await other.post(action, data=form)).status_code == 403
    async with house.database.session() as session:
        assert (await session.scalars(select(ConsentRow))).all() == []


async def test_tickets_are_ours_and_short_lived(house, http, browser):
    page = await login_page(house, browser)
    action, form = page.form(username="resident", password=house.password("resident"))
    for path in ("/oauth2/login", "/oauth2/consent"):
        for ticket in ("", "x", form["ticket"][:-2], house.sealer.token("another-use", b"{}")):
            assert (await http.get(path, params={"ticket": ticket})).status_code == 400
            assert (await http.post(path, data={**form, "ticket": ticket})).status_code == 400
    house.clock.forward(minutes=15, seconds=1)
    assert (await http.post(action, data=form)).status_code == 400


async def test_f47_a_refusal_does_not_tell_which_accounts_exist(house, browser):
    answers = []
    for username in ("resident", "nobody-at-all"):
        page = await login_page(house, browser)
        page = await browser.submit(page, username=username, password="wrong")
        text = page.response.text.replace(username, "USERNAME")
        for secret in [page.tree.css_first("[data-options]").attributes["data-options"], *page.form()[1].values()]:
            text = text.replace(str(escape(secret)), "")
        answers.append((page.status, text))
    assert answers[0] == answers[1]
    assert answers[0][0] == 400
    assert "is not right" in answers[0][1]


async def test_f47_an_unknown_account_costs_a_hash_too(house, browser, monkeypatch):
    checked = []
    original = Passwords.check

    async def counting(self, kept, password):
        checked.append(kept is not None)
        return await original(self, kept, password)

    monkeypatch.setattr(Passwords, "check", counting)
    for username in ("resident", "nobody", "'; drop table", "", "x" * 300, "RESIDENT "):
        await browser.submit(await login_page(house, browser), username=username, password="wrong")
    assert checked == [True, False, False, False, False, True]


async def test_f47_a_refusal_costs_one_hash_of_the_same_parameters_for_known_and_unknown_accounts(
    house, browser, monkeypatch
):
    """What a refusal costs is the hash: its parameters say how long it takes, whatever else this machine is doing."""
    verified = []
    verify = PasswordHasher.verify

    def noting(self, kept, password):
        verified.append(extract_parameters(kept))
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", noting)
    for username in ("resident", "nobody-at-all"):
        page = await login_page(house, browser)
        assert (await browser.submit(page, username=username, password="wrong")).status == 400
    known, unknown = verified
    assert known == unknown


async def test_f47_guessing_is_limited_for_known_and_unknown_alike(house, http, browser):
    for username in ("resident", "nobody"):
        statuses = []
        for _ in range(7):
            page = await browser.submit(await login_page(house, browser), username=username, password="wrong")
            statuses.append(page.status)
        assert statuses == [400] * 5 + [429] * 2
        assert 0 < int(page.response.headers["retry-after"]) <= 901
    page = await browser.submit(
        await login_page(house, browser), username="resident", password=house.password("resident")
    )
    assert page.status == 429
    page = await browser.submit(
        await login_page(house, browser), username="operator", password=house.password("operator")
    )
    assert page.status == 200


async def test_f47_parallel_guesses_count_too(house, http, browser):
    page = await login_page(house, browser)
    action, form = page.form(username="resident", password="wrong")
    answers = await asyncio.gather(*(http.post(action, data=form) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [400] * 5 + [429] * 15


async def test_a_withdrawn_account_neither_signs_in_nor_stays(house, browser, http):
    page = await login_page(house, browser)
    consent = await browser.submit(page, username="resident", password=house.password("resident"))
    async with house.database.session() as session:
        await session.execute(update(AccountRow).values(withdrawn_at=house.clock()))
    assert (await browser.submit(consent, decision="allow")).has_form("username", "password")
    page = await login_page(house, browser)
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert page.status == 400
    async with house.database.session() as session:
        assert len((await session.scalars(select(LoginSessionRow))).all()) == 1


async def test_j64_consents_are_on_record_and_a_withdrawn_one_is_asked_again(house, browser):
    application = house.web()
    await browser.sign_in(application, "resident", house.password("resident"))
    await browser.begin(application)
    async with house.database.session() as session:
        consents = (await session.scalars(select(ConsentRow))).all()
        assert {(one.client_id, one.scope, one.text_version) for one in consents} == {
            ("gerbang-web", "openid", "2026-11"),
            ("gerbang-web", "profile.read", "2026-11"),
        }
        consents[0].withdrawn_at = house.clock()
    page = await browser.begin(application)
    assert page.has_form("decision")


async def consent_page(house, browser, scope):
    page = await browser.begin(house.web(), scope=scope)
    return await browser.submit(page, username="resident", password=house.password("resident"))


async def test_j65_people_read_by_which_law_a_client_receives_their_nik(house, browser):
    basis = "Pasal 79 UU 24/2013; <b>PKS</b> 470/12/2026"
    async with house.database.session() as session:
        await session.execute(update(ClientRow).values(nik_legal_basis=basis))
    page = await consent_page(house, browser, "openid identity.nik")
    assert f"Legal basis for receiving your NIK: {basis}" in page.tree.body.text()
    assert "<b>" not in page.tree.body.html.split("Legal basis")[1].split("</p>")[0]


async def test_j65_where_the_nik_is_not_asked_for_nothing_is_said_of_it(house, browser):
    page = await consent_page(house, browser, "openid profile.read")
    assert page.has_form("decision")
    assert "Legal basis" not in page.tree.body.text()


async def test_j65_without_a_legal_basis_on_record_nobody_is_even_asked(house, browser):
    async with house.database.session() as session:
        await session.execute(update(ClientRow).values(nik_legal_basis=None))
    landing = await browser.begin(house.mobile(), scope="openid identity.nik")
    assert "error=invalid_scope" in landing.location


async def test_the_login_hint_is_filled_in_and_only_when_it_could_be_a_name(house, browser):
    for hint, shown in (("Resident", "resident"), ("<script>", ""), ("a b", "")):
        page = await login_page(house, browser, login_hint=hint)
        assert page.tree.css_first("#username").attributes["value"] == shown


async def test_argon2id_and_no_account_without_a_password(house):
    passwords = Passwords()
    kept = await passwords.hash("correct horse")
    assert kept.startswith("$argon2id$")
    assert await passwords.check(kept, "correct horse")
    assert not await passwords.check(kept, "wrong")
    assert not await passwords.check(None, "correct horse")
    assert not await passwords.check("not a hash", "x")
