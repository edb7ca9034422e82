"""The owner of an account closes one of the ways in: with a fresh strong sign-in, on record, and never the last."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.authentication.errors import NotAuthenticatedError
from gateway.identity.self_service.identities import UnlinkOutcome
from gateway.policy.access_log.actions import ActingParty
from gateway.policy.principal import Role
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from tests.gateway.issuers import ADDRESS
from tests.gateway.oidc.conftest import Landing, Page
from tests.gateway.oidc.test_external_sign_in import SECOND, TWO, linking, opened, told, ways_on

pytestmark = pytest.mark.anyio

PLAIN = {"kota": told(acr={}), "pusat": told(SECOND, title_en="National account", acr={})}


OWN_NIK = "6371994502900044"


def link_of(page, title):
    return next(
        n.attributes["href"] for n in page.tree.css("a") if f"Link {title}" in n.attributes.get("aria-label", "")
    )


def unlink_of(page, title):
    found = [
        node.attributes["href"]
        for row in page.tree.css(".things > li")
        if title in row.text()
        for node in row.css("a")
        if "/unlink" in node.attributes["href"]
    ]
    return found[0] if found else None


async def two_ways(tmp_path, city, http):
    """A browser that came in by `kota`, whose account `pusat` opens as well."""
    browser, address = await linking(tmp_path, city, http)
    away = await browser.open(address)
    page = await browser.back(city.second.signs_in(away.location, subject="theirs"), "pusat")
    return browser, page


async def signs_in(city, browser, place, issuer, page, subject, **claims):
    """Choose the place on the page, and come back from it."""
    link = next(n.attributes["href"] for n in page.tree.css("a.button") if place in n.text())
    landing = await browser.open(link)
    name = "kota" if issuer is city.issuer else "pusat"
    return await browser.back(issuer.signs_in(landing.location, subject=subject, **claims), name)


async def links(city):
    async with city.house.database.session() as session:
        rows = await session.scalars(select(SubjectLinkRow).where(SubjectLinkRow.issuer.in_([ADDRESS, SECOND])))
        return {(row.issuer, row.sub) for row in rows}


async def test_e39_a_way_in_is_unlinked_after_a_fresh_strong_sign_in_and_on_record(tmp_path, anyio_backend):
    async with opened(tmp_path, **TWO) as city, city.house.http() as http:
        browser, page = await two_ways(tmp_path, city, http)
        # Signed in just now, but without a second factor: off to a sign-in that has one.
        choice = await browser.open(unlink_of(page, "National account"))
        assert choice.heading == "Sign in"
        link = next(n.attributes["href"] for n in choice.tree.css("a.button") if "City" in n.text())
        away = await browser.open(link)
        asked = city.issuer.asked_by(away.location)
        assert (asked["prompt"], asked["acr_values"]) == ("login", "urn:kota:dua")
        page = await signs_in(city, browser, "City", city.issuer, choice, "mine", acr="urn:kota:dua")
        assert page.heading == "Unlink National account?"
        assert "City account" in page.tree.css_first(".scopes").text()
        assert "includes this browser" not in page.response.text
        form = page.form()
        page = await browser.submit(page)
        assert page.heading == "How you sign in"
        assert unlink_of(page, "City account") is None, "the last one stays"
        assert "only way to sign in" in page.response.text
        assert await links(city) == {(ADDRESS, "mine")}
        async with city.house.database.session() as session:
            linked, entry = (await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all()
            account = await session.get_one(AccountRow, entry.principal)
        assert (linked.operation, linked.principal, linked.acr) == ("linkMyIdentity", account.id, "1")
        assert (entry.operation, entry.resource, entry.result) == ("unlinkMyIdentity", "account", "done")
        assert (entry.subject, entry.purpose, entry.role, entry.acr) == (account.id, "own-access", "resident", "2")
        # Once more, from a page that is still open: there is nothing to unlink.
        answer = await http.post(form[0], data=form[1], headers={"origin": "http://localhost:8000"})
        assert answer.status_code == 404
        # Whoever comes by that way now is somebody else.
        before = await city.count(AccountRow)
        async with city.house.http() as other:
            elsewhere = city.browser(other)
            choice = await elsewhere.open("/oauth2/authorize", city.house.mobile().request())
            await signs_in(city, elsewhere, "National", city.second, choice, "theirs")
        assert await city.count(AccountRow) == before + 1


async def test_e39_a_way_that_is_closed_is_not_opened_again_by_a_nik(tmp_path, anyio_backend):
    national = told(SECOND, title_en="National account", acr={}, nik_claim="nik", nik_level=1)
    trusted = {"kota": told(acr={}), "pusat": national}
    async with opened(tmp_path, **trusted) as city, city.house.http() as http, city.house.http() as other:
        browser, address = await linking(tmp_path, city, http)
        away = await browser.open(address)
        await browser.back(city.second.signs_in(away.location, subject="theirs", nik=OWN_NIK), "pusat")
        await browser.submit(await browser.open("/account/sign-ins/pusat/unlink"))
        accounts, elsewhere = await city.count(AccountRow), city.browser(other)
        choice = await elsewhere.open("/oauth2/authorize", city.house.mobile().request())
        page = await signs_in(city, elsewhere, "National", city.second, choice, "theirs", nik=OWN_NIK)
        assert (page.status, "was unlinked from your account" in page.response.text) == (403, True)
        assert (await links(city), await city.count(AccountRow)) == ({(ADDRESS, "mine")}, accounts)
        # Its owner links it again, and it opens the account.
        page = await browser.open("/account/sign-ins")
        away = await browser.open(link_of(page, "National"))
        await browser.back(city.second.signs_in(away.location, subject="theirs", nik=OWN_NIK), "pusat")
        choice = await elsewhere.open("/oauth2/authorize", city.house.mobile().request())
        page = await signs_in(city, elsewhere, "National", city.second, choice, "theirs", nik=OWN_NIK)
        assert page.has_form("decision")
        assert (len(await links(city)), await city.count(AccountRow)) == (2, accounts)


async def test_e39_what_was_entered_by_that_way_ends_in_every_app(tmp_path, anyio_backend):
    async with opened(tmp_path, **PLAIN) as city, city.house.http() as http, city.house.http() as other:
        browser, _ = await two_ways(tmp_path, city, http)
        # Elsewhere, somebody is signed in by the way that will be closed; here by the one that stays.
        application, elsewhere = city.house.mobile(), city.browser(other)
        choice = await elsewhere.open("/oauth2/authorize", application.request())
        page = await signs_in(city, elsewhere, "National", city.second, choice, "theirs")
        landing = await elsewhere.submit(page, decision="allow")
        body = (await application.redeem(other, landing.query["code"])).json()
        assert await city.house.authenticator()(f"Bearer {body['access_token']}")
        await browser.submit(await browser.open("/account/sign-ins/pusat/unlink"))
        with pytest.raises(NotAuthenticatedError):
            await city.house.authenticator()(f"Bearer {body['access_token']}")
        choice = await elsewhere.open("/oauth2/authorize", application.request())
        assert choice.heading == "Sign in"
        assert isinstance(await browser.open("/account"), Page), "this browser goes on"


async def test_e39_the_way_by_which_this_browser_came_may_be_closed_too(tmp_path, anyio_backend):
    async with opened(tmp_path, **PLAIN) as city, city.house.http() as http:
        browser, _ = await two_ways(tmp_path, city, http)
        page = await browser.open("/account/sign-ins/kota/unlink")
        assert "includes this browser" in page.response.text
        page = await browser.submit(page)
        assert (page.status, page.heading) == (200, "You have signed out")
        assert await links(city) == {(SECOND, "theirs")}
        page = await browser.open("/account")
        assert page.heading == "Sign in"
        page = await signs_in(city, browser, "National", city.second, page, "theirs")
        assert page.heading == "Your account"


async def test_e39_a_stale_sign_in_unlinks_nothing_and_neither_does_a_form_from_elsewhere(tmp_path, anyio_backend):
    async with opened(tmp_path, **PLAIN) as city, city.house.http() as http:
        browser, _ = await two_ways(tmp_path, city, http)
        page = await browser.open("/account/sign-ins/pusat/unlink")
        action, form = page.form()
        ours = {"origin": "http://localhost:8000"}
        assert (await http.post(action, data={**form, "form_token": "x"}, headers=ours)).status_code == 403
        assert (await http.post(action, data=form, headers={"origin": "https://evil.example"})).status_code == 403
        city.house.clock.forward(minutes=5, seconds=1)
        assert (await http.post(action, data=form, headers=ours)).status_code == 403
        assert (await browser.open("/account/sign-ins/pusat/unlink")).heading == "Sign in"
        assert len(await links(city)) == 2


async def test_e39_the_only_way_in_is_not_unlinked_and_none_that_is_not_there(tmp_path, anyio_backend):
    async with opened(tmp_path, **PLAIN) as city, city.house.http() as http:
        browser, _ = await linking(tmp_path, city, http)
        page = await browser.open("/account/sign-ins/kota/unlink")
        assert (page.status, "only way to sign in" in page.response.text) == (409, True)
        page = await browser.open(ways_on(page)["en"][0])
        assert page.heading == "How you sign in"
        assert (await browser.open("/account/sign-ins/pusat/unlink")).status == 404
        assert (await browser.open("/account/sign-ins/nowhere/unlink")).status == 404
        async with city.house.http() as stranger:
            assert isinstance(await city.browser(stranger).open("/account/sign-ins/kota/unlink"), Page | Landing)
        assert len(await links(city)) == 1


async def test_e39_two_hands_never_unlink_the_last_two_ways(tmp_path, database_url, anyio_backend):
    async with opened(tmp_path, database_url, **PLAIN) as city, city.house.http() as http:
        await two_ways(tmp_path, city, http)
        async with city.house.database.session() as session:
            account_id = await session.scalar(select(SubjectLinkRow.account_id).where(SubjectLinkRow.issuer == SECOND))
        identities = city.house.provider.deps.accounts.identities
        actor, ways = ActingParty(account_id, "gerbang-pages", "2"), {ADDRESS, SECOND}

        async def once(issuer):
            return await identities.unlink(actor, frozenset({Role.RESIDENT}), issuer, ways)

        outcomes = await asyncio.gather(*(once(issuer) for issuer in (ADDRESS, SECOND) * 8))
        assert outcomes.count(UnlinkOutcome.DONE) == 1
        assert outcomes.count(UnlinkOutcome.LAST) >= 1
        assert len(await links(city)) == 1
