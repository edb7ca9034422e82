"""Signing in at another provider, through our own pages: what a browser may bring, and what comes of it."""

import asyncio
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.issuer_discovery import IssuerMetadataError
from gateway.identity.identity_links import IdentityLinks
from gateway.pages.routes import EMBEDDED_PAGES
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.logouts import LogoutNoticeRow
from gateway.storage.tables.sessions import LoginSessionRow
from tests.gateway.issuers import ADDRESS, CLIENT, FakeIssuer
from tests.gateway.oidc.conftest import NIK, Browser, Clock, Landing, Page, open_house
from tests.gateway.oidc.test_any_bytes import MARK, VALUE, encoded, pairs
from tests.loops import examples

pytestmark = pytest.mark.anyio

SECOND = "https://masuk.example"
CALLBACK = "/oauth2/broker/kota/callback"


class Router:
    """The network: two providers, and nobody else."""

    def __init__(self, *issuers):
        self.issuers = issuers

    async def __call__(self, request):
        for issuer in self.issuers:
            if str(request.url).startswith(issuer.address):
                return await issuer(request)
        raise httpx.ConnectError("nobody is there")


def told(address=ADDRESS, **changes):
    return {
        "issuer": address,
        "client_id": CLIENT,
        "title_id": "Akun Kota",
        "title_en": "City account",
        "algorithms": ["ES256"],
        "acr": {"urn:kota:dua": 2},
        **changes,
    }


class Traveller(Browser):
    """A browser whose person goes to the provider and comes back."""

    def __init__(self, http, issuer, **headers):
        super().__init__(http, **headers)
        self.issuer = issuer

    async def leave(self, application, **changes):
        """To the provider's address."""
        landing = await self.open("/oauth2/authorize", application.request(**changes))
        assert isinstance(landing, Landing), landing.response.text
        return landing.location

    async def back(self, brought, name="kota"):
        """From the provider, with what it gave; consent is given where it is asked for."""
        return await self.open(f"/oauth2/broker/{name}/callback", brought)

    async def sign_in_elsewhere(self, application, wishes=None, **claims):
        address = await self.leave(application, **(wishes or {}))
        page = await self.back(self.issuer.signs_in(address, **claims))
        return (
            await self.submit(page, decision="allow") if isinstance(page, Page) and page.has_form("decision") else page
        )


class City:
    """A house whose people sign in elsewhere."""

    def __init__(self, house, issuer, second):
        self.house, self.issuer, self.second = house, issuer, second

    def browser(self, http):
        return Traveller(http, self.issuer)

    async def tokens(self, application, wishes=None, **claims):
        async with self.house.http() as http:
            landing = await self.browser(http).sign_in_elsewhere(application, wishes, **claims)
            assert isinstance(landing, Landing), landing.response.text
            return (await application.redeem(http, landing.query["code"])).json()

    async def principal(self, application=None, **claims):
        body = await self.tokens(application or self.house.mobile(), **claims)
        return await self.house.authenticator()(f"Bearer {body['access_token']}")

    async def count(self, table):
        async with self.house.database.session() as session:
            return await session.scalar(select(func.count()).select_from(table))


@pytest.fixture
async def city(tmp_path, anyio_backend):
    async with opened(tmp_path, kota=told(nik_claim="nik")) as made:
        yield made


def opened(tmp_path, url=None, **issuers):
    return _Opening(tmp_path, url or f"sqlite:///{tmp_path / 'provider.db'}", issuers)


class _Opening:
    def __init__(self, tmp_path, url, issuers):
        clock = Clock()
        self.issuer, self.second = FakeIssuer(clock), FakeIssuer(clock, SECOND)
        transport = httpx.MockTransport(Router(self.issuer, self.second))
        self.opening = open_house(tmp_path, url, clock=clock, transport=transport, login_issuers=issuers)

    async def __aenter__(self):
        house = await self.opening.__aenter__()
        for issuer in (self.issuer, self.second):
            issuer.published = await house.provider.deps.broker.keys.document()
        return City(house, self.issuer, self.second)

    async def __aexit__(self, *raised):
        return await self.opening.__aexit__(*raised)


async def test_somebody_unknown_signs_in_and_has_an_account_without_a_nik(city):
    before = await city.count(AccountRow)
    principal = await city.principal(acr="urn:kota:dua")
    assert (principal.roles, principal.acr, principal.nik) == ({"resident"}, 2, None)
    assert await city.count(AccountRow) == before + 1
    again = await city.principal()
    assert (again.account_id, again.acr) == (principal.account_id, 1)
    assert await city.count(AccountRow) == before + 1
    async with city.house.database.session() as session:
        account = await session.get_one(AccountRow, principal.account_id)
    assert (account.display_name, account.password_hash) == ("Aluh Jumantan", "")


async def test_e39_a_nik_of_a_trusted_issuer_at_its_level_finds_its_account(city):
    async with city.house.database.session() as session:
        resident = await session.scalar(select(AccountRow).where(AccountRow.username == "resident"))
    weak = await city.principal(sub="weak", nik=NIK)
    assert weak.account_id != resident.id
    strong = await city.principal(sub="strong", nik=NIK, acr="urn:kota:dua")
    assert (strong.account_id, strong.nik) == (resident.id, NIK)


async def test_e39_a_nik_is_kept_with_who_asserted_it(city):
    first = await city.principal(sub="new")
    strong = await city.principal(sub="new", nik="6371994502900022", acr="urn:kota:dua")
    assert (strong.account_id, strong.nik) == (first.account_id, "6371994502900022")
    async with city.house.database.session() as session:
        account = await session.get_one(AccountRow, first.account_id)
    assert account.nik_verified_by == f"issuer:{ADDRESS}"
    assert b"6371994502900022" not in account.nik_sealed
    async with city.house.http() as http:
        page = await city.browser(http).sign_in_elsewhere(
            city.house.mobile(), sub="new", nik="6371994502900033", acr="urn:kota:dua"
        )
        assert page.status == 403
        page = await city.browser(http).sign_in_elsewhere(
            city.house.mobile(), sub="second-of-this-nik", nik="6371994502900022", acr="urn:kota:dua"
        )
        assert page.status == 403


async def test_the_answer_to_the_app_is_ours_and_tells_when_and_how_they_signed_in(city):
    application = city.house.mobile()
    at = int(city.house.clock().timestamp()) - 100
    body = await city.tokens(application, auth_time=at, amr=["pwd"], acr="urn:kota:dua")
    principal = await city.house.authenticator()(f"Bearer {body['access_token']}")
    assert int(principal.auth_time.timestamp()) == at


async def test_e36_a_provider_that_is_not_who_it_should_be_stops_the_start(tmp_path, anyio_backend):
    opening = opened(tmp_path, kota=told())
    opening.issuer.document["issuer"] = "https://idp.example/realms/lain"
    with pytest.raises(IssuerMetadataError, match=r"^The discovery document of the issuer .* is of another issuer\.$"):
        await opening.__aenter__()


async def test_e41_a_provider_that_is_away_does_not_stop_the_start(tmp_path, anyio_backend):
    opening = opened(tmp_path, kota=told())
    opening.issuer.away = True
    async with opening as city, city.house.http() as http:
        page = await city.browser(http).open("/oauth2/authorize", city.house.mobile().request())
        assert page.status == 503


async def test_e41_while_the_provider_is_away_sessions_and_tokens_go_on(city):
    application = city.house.mobile()
    async with city.house.http() as http, city.house.http() as other:
        browser = city.browser(http)
        landing = await browser.sign_in_elsewhere(application)
        body = (await application.redeem(http, landing.query["code"])).json()
        city.issuer.away = True
        # New sign-ins get a page in both languages that says so.
        page = await city.browser(other).open("/oauth2/authorize", application.request())
        assert (page.status, page.response.headers["retry-after"]) == (503, "30")
        assert [section.attributes["lang"] for section in page.tree.css("section")] == ["id", "en"]
        assert "tidak dapat dihubungi" in page.response.text
        assert "cannot be reached" in page.response.text
        # Whoever is signed in gets codes on, refreshes, and is served.
        page = await browser.open("/oauth2/authorize", application.request())
        landing = await browser.submit(page, decision="allow")
        assert landing.query["code"]
        form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
        assert (await http.post("/oauth2/token", data=form)).status_code == 200
        bearer = {"authorization": f"Bearer {body['access_token']}"}
        assert (await http.get("/oauth2/userinfo", headers=bearer)).status_code == 200
        # Sessions end when they would have ended anyway.
        city.house.clock.forward(hours=9)
        assert (await browser.open("/oauth2/authorize", application.request())).status == 503


async def test_e41_a_provider_that_goes_away_while_somebody_is_there(city):
    async with city.house.http() as http:
        browser = city.browser(http)
        brought = city.issuer.signs_in(await browser.leave(city.house.mobile()))
        city.issuer.away = True
        assert (await browser.back(brought)).status == 503


async def test_e37_a_state_belongs_to_one_browser_one_provider_and_one_use(city):
    application = city.house.mobile()
    async with city.house.http() as http, city.house.http() as other:
        browser, stranger = city.browser(http), city.browser(other)
        brought = city.issuer.signs_in(await browser.leave(application))
        await stranger.leave(application)
        assert (await stranger.back(brought)).status == 403
        async with city.house.http() as bare:
            assert (await city.browser(bare).back(brought)).status == 403
        for wrong in ({**brought, "state": "x" * 43}, {**brought, "state": ""}):
            assert (await browser.back(wrong)).status == 403
        assert (await browser.back(brought)).status == 200
        assert (await browser.back(brought)).status == 403
        assert city.issuer.times_asked("/token") == 1


async def test_e37_sixteen_answers_with_one_state_sign_in_once(tmp_path, database_url, anyio_backend):
    async with opened(tmp_path, database_url, kota=told()) as city, city.house.http() as http:
        browser = city.browser(http)
        brought = city.issuer.signs_in(await browser.leave(city.house.mobile()))
        cookies = dict(http.cookies)

        async def once():
            async with city.house.http() as mine:
                mine.cookies.update(cookies)
                return (await mine.get(CALLBACK, params=brought)).status_code

        statuses = await asyncio.gather(*(once() for _ in range(16)))
        assert sorted(statuses) == [303, *([403] * 15)]


async def test_e37_an_answer_of_another_issuer_is_refused(city):
    async with city.house.http() as http:
        browser = city.browser(http)
        for iss in ("https://evil.example", ""):
            brought = city.issuer.signs_in(await browser.leave(city.house.mobile()))
            page = await browser.back({**brought, "iss": iss})
            assert page.status == 403
        assert city.issuer.times_asked("/token") == 0
        assert await city.count(LoginSessionRow) == 0


@pytest.mark.parametrize("claims", [{"nonce": "x"}, {"aud": []}, {"azp": "x"}, {"exp": None}, {"sub": None}], ids=str)
async def test_e38_a_wrong_id_token_signs_nobody_in(city, claims):
    async with city.house.http() as http:
        page = await city.browser(http).sign_in_elsewhere(city.house.mobile(), **claims)
        assert page.status == 403
        assert await city.count(LoginSessionRow) == 0


async def test_somebody_who_says_no_comes_back_to_the_app(city):
    async with city.house.http() as http:
        browser = city.browser(http)
        asked = city.issuer.asked_by(await browser.leave(city.house.mobile()))
        landing = await browser.back({"error": "access_denied", "state": asked["state"], "iss": ADDRESS})
        assert (landing.base, landing.query["error"]) == ("http://127.0.0.1:49152/callback", "access_denied")


async def test_what_the_app_wishes_is_passed_on(city):
    async with city.house.http() as http:
        browser = city.browser(http)
        asked = city.issuer.asked_by(await browser.leave(city.house.mobile(), prompt="login", acr_values="2"))
        assert (asked["prompt"], asked["acr_values"]) == ("login", "urn:kota:dua")
        asked = city.issuer.asked_by(await browser.leave(city.house.mobile(), max_age="60", ui_locales="id"))
        assert (asked["max_age"], asked["ui_locales"]) == ("60", "id")
        landing = await browser.open("/oauth2/authorize", city.house.mobile().request(prompt="none"))
        assert landing.query["error"] == "login_required"


async def test_a_sign_in_asked_for_anew_is_made_anew_and_once(city):
    application, at = city.house.mobile(), int(city.house.clock().timestamp())
    async with city.house.http() as http:
        browser = city.browser(http)
        assert isinstance(await browser.sign_in_elsewhere(application), Landing)
        stale = await browser.sign_in_elsewhere(application, {"prompt": "login"}, auth_time=at - 60)
        assert stale.status == 403
        # A clock there that is some seconds behind ours does not make us ask in circles.
        fresh = await browser.sign_in_elsewhere(application, {"prompt": "login"}, auth_time=at - 5)
        assert isinstance(fresh, Landing)


async def test_a_level_that_is_asked_for_and_not_reached_is_refused(city):
    async with city.house.http() as http:
        browser = city.browser(http)
        page = await browser.sign_in_elsewhere(city.house.mobile(), {"acr_values": "2"})
        assert page.status == 403
        assert "second factor" in page.response.text
        landing = await browser.sign_in_elsewhere(city.house.mobile(), {"acr_values": "2"}, acr="urn:kota:dua")
        assert isinstance(landing, Landing)


def ways_on(page):
    """Where the links of an error page lead, by language."""
    return {
        section.attributes["lang"]: [node.attributes["href"] for node in section.css("a.button")]
        for section in page.tree.css("section[lang]")
    }


async def test_from_every_error_there_is_a_way_on_and_it_leads_to_where_they_wanted_to_go(city):
    application = city.house.mobile()
    async with city.house.http() as http:
        browser = city.browser(http)
        for claims, level in (({}, "2"), ({"nonce": "x"}, "1"), ({"auth_time": 1}, "1")):
            failed = await browser.sign_in_elsewhere(application, {"acr_values": level}, **claims)
            assert failed.status == 403
            [[indonesian], [english]] = ways_on(failed).values()
            assert indonesian.endswith("&lang=id")
            asked = city.issuer.asked_by((await browser.open(english)).location)
            assert (asked["prompt"], asked["ui_locales"]) == ("login", "en"), "nobody is sent in circles"
            page = await browser.back(city.issuer.signs_in((await browser.open(english)).location, acr="urn:kota:dua"))
            assert page.has_form("decision")
            await browser.open("/oauth2/logout")
            http.cookies.clear()
        city.issuer.away = True
        page = await browser.open("/oauth2/authorize", application.request())
        city.issuer.away = False
        [again] = ways_on(page)["id"]
        assert "prompt" not in city.issuer.asked_by((await browser.open(again)).location)
        page = await browser.back(city.issuer.signs_in((await browser.open(again)).location))
        assert (page.language, page.has_form("decision")) == ("id", True)


async def test_who_brings_what_nobody_began_may_go_to_their_account(city):
    async with city.house.http() as http:
        for query in ({"code": "x", "state": "s" * 43}, {"code": "\xff"}, {}):
            page = await city.browser(http).back(query)
            assert ways_on(page) == {"id": ["/account?lang=id"], "en": ["/account?lang=en"]}


async def test_the_third_level_is_demanded_where_a_provider_can_reach_it_and_passed_over_elsewhere(tmp_path, city):
    async with city.house.http() as http:
        landing = await city.browser(http).sign_in_elsewhere(city.house.mobile(), {"acr_values": "3"})
        assert isinstance(landing, Landing), "nobody here reaches it"
        metadata = (await http.get("/.well-known/openid-configuration")).json()
        assert metadata["acr_values_supported"] == ["1", "2"]
    (tmp_path / "further").mkdir()
    further = told(acr={"urn:kota:dua": 2, "urn:kota:tatap-muka": 3})
    async with opened(tmp_path / "further", kota=further) as able, able.house.http() as http:
        browser = able.browser(http)
        page = await browser.sign_in_elsewhere(able.house.mobile(), {"acr_values": "3"}, acr="urn:kota:dua")
        assert page.status == 403
        wishes = {"acr_values": "3"}
        landing = await browser.sign_in_elsewhere(able.house.mobile(), wishes, acr="urn:kota:tatap-muka")
        assert isinstance(landing, Landing)
        metadata = (await http.get("/.well-known/openid-configuration")).json()
        assert metadata["acr_values_supported"] == ["1", "2", "3"]


async def test_staff_who_sign_in_without_a_second_factor_are_sent_back_for_it(city):
    principal = await city.principal()
    async with city.house.database.session() as session:
        await session.execute(
            update(AccountRow).where(AccountRow.id == principal.account_id).values(roles=["operator"])
        )
    application = city.house.mobile(scope="openid")
    async with city.house.http() as http:
        browser = city.browser(http)
        again = await browser.back(city.issuer.signs_in(await browser.leave(application)))
        assert isinstance(again, Landing)
        asked = city.issuer.asked_by(again.location)
        assert asked["acr_values"] == "urn:kota:dua"


async def test_a_browser_without_a_choice_of_places_goes_straight_on_and_another_may_choose(tmp_path, anyio_backend):
    places = {"kota": told(), "pusat": told(SECOND, title_en="National account")}
    async with opened(tmp_path, **places) as city, city.house.http() as http:
        browser = city.browser(http)
        page = await browser.open("/oauth2/authorize", city.house.mobile().request())
        links = {node.text(): node.attributes["href"] for node in page.tree.css("a.button")}
        assert list(links) == ["Sign in with City account", "Sign in with National account"]
        landing = await browser.open(links["Sign in with National account"])
        assert landing.location.startswith(f"{SECOND}/authorize?")
        page = await browser.back(city.second.signs_in(landing.location), "pusat")
        assert isinstance(await browser.submit(page, decision="allow"), Landing)
        # The answer of one provider is not good at the other's address.
        landing = await browser.open(links["Sign in with City account"])
        assert (await browser.back(city.issuer.signs_in(landing.location), "pusat")).status == 403
        assert (await browser.open("/oauth2/broker/nowhere", {"ticket": "x"})).status == 400
        assert (await browser.open("/oauth2/broker/nowhere/callback")).status == 404


async def linking(tmp_path, city, http):
    """Two identities: `kota` of this browser's account, `pusat` of nobody yet. Gives the page's address of the link."""
    browser = city.browser(http)
    page = await browser.open("/oauth2/authorize", city.house.mobile().request())
    landing = await browser.open(page.tree.css("a.button")[0].attributes["href"])
    page = await browser.back(city.issuer.signs_in(landing.location, subject="mine"))
    await browser.submit(page, decision="allow")
    page = await browser.open("/account/sign-ins")
    return browser, next(
        n.attributes["href"] for n in page.tree.css("a") if "Link National" in n.attributes.get("aria-label", "")
    )


TWO = {"kota": told(), "pusat": told(SECOND, title_en="National account")}


async def test_e39_linking_needs_a_fresh_sign_in_at_both_places(tmp_path, anyio_backend):
    async with opened(tmp_path, **TWO) as city, city.house.http() as http:
        browser, address = await linking(tmp_path, city, http)
        # The token of our page is needed.
        bare = dict(parse_qsl(urlsplit(address).query))
        assert (await browser.open("/account/sign-ins/pusat", {**bare, "form_token": "x"})).status == 403
        # The sign-in here must be five minutes old at most: whoever is late signs in here again first.
        city.house.clock.forward(minutes=6)
        choice = await browser.open(address)
        assert choice.heading == "Sign in"
        page = await browser.open(choice.tree.css("a.button")[0].attributes["href"])
        at = page.location
        page = await browser.back(city.issuer.signs_in(at, subject="mine"))
        address = next(
            n.attributes["href"] for n in page.tree.css("a") if "Link National" in n.attributes.get("aria-label", "")
        )
        # And so must the one there.
        away = await browser.open(address)
        asked = city.second.asked_by(away.location)
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        away = await browser.open(address)
        old = city.second.signs_in(away.location, subject="theirs", auth_time=int(city.house.clock().timestamp()) - 301)
        assert (await browser.back(old, "pusat")).status == 403
        # Both are fresh, but the one here grows old meanwhile.
        away = await browser.open(address)
        city.house.clock.forward(minutes=5, seconds=1)
        late = await browser.back(city.second.signs_in(away.location, subject="theirs"), "pusat")
        assert late.status == 403
        assert ways_on(late)["en"] == ["/account/sign-ins?lang=en"]
        assert await city.count(SubjectLinkRow) == 1


async def test_e39_two_identities_lead_to_one_account_once_linked(tmp_path, anyio_backend):
    async with opened(tmp_path, **TWO) as city, city.house.http() as http:
        browser, address = await linking(tmp_path, city, http)
        away = await browser.open(address)
        page = await browser.back(city.second.signs_in(away.location, subject="theirs"), "pusat")
        assert [node.text().split()[0] for node in page.tree.css(".things .note")] == ["Linked", "Linked"]
        accounts = await city.count(AccountRow)
        async with city.house.http() as other:
            elsewhere = city.browser(other)
            page = await elsewhere.open("/oauth2/authorize", city.house.mobile().request())
            landing = await elsewhere.open(page.tree.css("a.button")[1].attributes["href"])
            page = await elsewhere.back(city.second.signs_in(landing.location, subject="theirs"), "pusat")
            assert isinstance(page, Page)  # public clients are never answered unseen
        assert await city.count(AccountRow) == accounts
        # An identity that has an account of its own is not taken away from it.
        async with city.house.http() as third:
            stranger = city.browser(third)
            page = await stranger.open("/oauth2/authorize", city.house.mobile().request())
            landing = await stranger.open(page.tree.css("a.button")[0].attributes["href"])
            await stranger.back(city.issuer.signs_in(landing.location, subject="stranger"))
            page = await stranger.open("/account/sign-ins")
            take = next(
                n.attributes["href"]
                for n in page.tree.css("a")
                if "Link National" in n.attributes.get("aria-label", "")
            )
            away = await stranger.open(take)
            page = await stranger.back(city.second.signs_in(away.location, subject="theirs"), "pusat")
            assert page.status == 403


async def test_an_identity_that_is_taken_back_is_signed_out(city):
    principal = await city.principal()
    links = IdentityLinks(city.house.database, city.house.clock)
    async with city.house.database.session() as session:
        username = (await session.get_one(AccountRow, principal.account_id)).username
    async with city.house.http() as http:
        browser = city.browser(http)
        await browser.sign_in_elsewhere(city.house.mobile())
        assert isinstance(await browser.open("/oauth2/authorize", city.house.mobile().request()), Page)
        await links.remove(COMMAND_LINE, username, ADDRESS)
        assert isinstance(await browser.open("/oauth2/authorize", city.house.mobile().request()), Landing)
    assert (await city.principal()).account_id != principal.account_id


async def test_e40_our_keys_are_published(city):
    async with city.house.http() as http:
        answer = await http.get("/oauth2/client-jwks")
    (key,) = answer.json()["keys"]
    assert (key["crv"], key["alg"], key["use"]) == ("P-521", "ES512", "sig")
    assert "d" not in key
    assert answer.headers["content-type"] == "application/jwk-set+json"


async def ends(http, city, **changes):
    form = {"logout_token": city.issuer.logout_token(**changes)}
    return (await http.post("/oauth2/broker/kota/logout", data=form)).status_code


async def test_e42_a_logout_elsewhere_ends_the_session_in_every_app(city):
    phone, portal = city.house.mobile(), city.house.web()
    async with city.house.database.session() as session:
        client = await session.get_one(ClientRow, "gerbang-web")
        client.backchannel_logout_uri = "https://portal.example/logout"
    async with city.house.http() as http, city.house.http() as other:
        browser = city.browser(http)
        first = (await phone.redeem(http, (await browser.sign_in_elsewhere(phone, sid="s-1")).query["code"])).json()
        page = await browser.begin(portal)
        landing = page if isinstance(page, Landing) else await browser.submit(page, decision="allow")
        second = (await portal.redeem(http, landing.query["code"])).json()
        third = (
            await phone.redeem(other, (await city.browser(other).sign_in_elsewhere(phone, sid="s-2")).query["code"])
        ).json()

        assert await ends(other, city, sid="nobody's") == 200
        assert await refreshes(http, phone, third)
        assert await ends(other, city, sid="s-1") == 200
        for application, body in ((phone, first), (portal, second)):
            bearer = {"authorization": f"Bearer {body['access_token']}"}
            assert (await http.get("/oauth2/userinfo", headers=bearer)).status_code == 401
            assert not await refreshes(http, application, body)
        assert isinstance(await browser.open("/oauth2/authorize", phone.request()), Landing)  # to sign in again
        bearer = {"authorization": f"Bearer {third['access_token']}"}
        assert (await http.get("/oauth2/userinfo", headers=bearer)).status_code == 200
        assert await city.count(LogoutNoticeRow) == 1
        # Without a session, every one of the subject's.
        assert await ends(other, city) == 200
    async with city.house.database.session() as session:
        assert not await session.scalar(select(func.count()).where(GrantRow.revoked_at.is_(None)))


async def refreshes(http, application, body):
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": application.client_id}
    answer = await http.post("/oauth2/token", data=form, auth=application.auth)
    if answer.status_code == 200:
        body.update(answer.json())
    return answer.status_code == 200


async def test_e42_a_logout_token_is_good_once_and_judged(city):
    async with city.house.http() as http:
        token = city.issuer.logout_token()
        answers = [await http.post("/oauth2/broker/kota/logout", data={"logout_token": token}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 400]
        assert answers[1].json()["error"] == "invalid_request"
        assert await ends(http, city, typ="JWT") == 400
        assert await ends(http, city, nonce="n") == 400
        assert await ends(http, city, iat=int(city.house.clock().timestamp()) - 121) == 400
        assert (await http.post("/oauth2/broker/kota/logout", data={})).status_code == 400
        assert (await http.post("/oauth2/broker/nowhere/logout", data={"logout_token": token})).status_code == 404
        assert answers[0].headers["cache-control"] == "no-store"


async def test_k69_with_an_external_issuer_the_embedded_pages_are_gone(city):
    async with city.house.http() as http:
        for method, path, _ in EMBEDDED_PAGES:
            for asked in {method, "GET", "POST"}:
                answer = await http.request(asked, path, params={"ticket": "x"})
                assert answer.status_code == 404, f"{asked} {path}"


async def test_k69_without_one_the_brokers_are(house):
    async with house.http() as http:
        for path in ("/oauth2/broker", "/oauth2/broker/kota", CALLBACK, "/oauth2/client-jwks", "/account/sign-ins"):
            assert (await http.get(path)).status_code == 404
        assert (await http.post("/oauth2/broker/kota/logout")).status_code == 404


ANSWERS = ("ticket", "lang", "other", "code", "state", "iss", "error", "form_token", "logout_token")


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=pairs(ANSWERS), cookie=VALUE, name=st.sampled_from(["kota", "x", "%ff", "kota%2f..", "%00"]))
async def test_a08_any_bytes_that_a_browser_or_a_provider_may_bring(city, changes, cookie, name):
    async with city.house.http() as http:
        browser = city.browser(http)
        await browser.leave(city.house.mobile())
        changed = {key for key, _ in changes}
        state = [(b"state", b"s" * 43), (b"code", b"c"), (b"iss", ADDRESS.encode())]
        query = encoded([pair for pair in state if pair[0] not in changed] + changes)
        headers = {b"cookie": b"gerbang-signin=" + cookie} if not {10, 13, 0} & set(cookie) else {}
        paths = ("/oauth2/broker", f"/oauth2/broker/{name}", f"/oauth2/broker/{name}/callback")
        for path in (*paths, "/account/sign-ins", f"/account/sign-ins/{name}"):
            for sent in ({}, headers):
                judged(await http.get(f"{path}?{query}", headers=sent))
        form = {"content-type": "application/x-www-form-urlencoded"}
        judged(await http.post(f"/oauth2/broker/{name}/logout", content=query, headers=form))


def judged(response):
    """Never a fault of ours, nothing reflected, and no way out but to our own pages and the provider."""
    assert response.status_code < 500
    assert MARK not in response.content
    location = response.headers.get("location", "/oauth2/broker")
    assert location.startswith(("/oauth2/broker", f"{ADDRESS}/authorize?"))


async def test_e42_the_end_of_the_session_there_ends_every_app_here(city):
    async with city.house.http() as http:
        application = city.house.mobile()
        async with city.house.database.session() as session:
            told_at = update(ClientRow).where(ClientRow.id == application.client_id)
            await session.execute(told_at.values(backchannel_logout_uri="http://127.0.0.1:3999/logout"))
        landing = await city.browser(http).sign_in_elsewhere(application, sid="there")
        body = (await application.redeem(http, landing.query["code"])).json()
        authenticate = city.house.authenticator()
        assert await authenticate(f"Bearer {body['access_token']}")
        assert await ends(http, city, sid="another", sub=None) == 200
        assert await city.house.authenticator()(f"Bearer {body['access_token']}")
        assert await ends(http, city, sid="there", sub=None) == 200
        with pytest.raises(NotAuthenticatedError):
            await city.house.authenticator()(f"Bearer {body['access_token']}")
        refresh = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
        assert (await http.post("/oauth2/token", data=refresh)).json()["error"] == "invalid_grant"
        page = await city.browser(http).open("/oauth2/authorize", application.request())
        assert isinstance(page, Landing), "signed out here too: off to the provider again"
        assert await city.count(LogoutNoticeRow) == 1
