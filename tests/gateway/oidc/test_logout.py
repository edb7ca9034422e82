"""Signing out: who may end what, where the browser goes afterwards, and what the apps are told."""

import asyncio
import contextlib
from urllib.parse import parse_qs

import httpx
import pytest
from sqlalchemy import select, update

from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.jose import PrivateKey, read_keys, read_token, verify
from gateway.identity.sign_out import end_sessions
from gateway.oidc.sessions.logout_notifier import PAUSES, LogoutNotifier, is_notifiable
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.logouts import LogoutNoticeRow
from gateway.storage.tables.sessions import LoginSessionRow
from tests.gateway.oidc.conftest import Browser, Landing, Page

pytestmark = pytest.mark.anyio

BACK = "http://localhost:3000/signed-out"
TOLD = "http://127.0.0.1:3999/backchannel"


class SignedInAt:
    """A browser in which somebody has signed in to an application."""

    def __init__(self, http, application):
        self.http, self.application, self.browser = http, application, Browser(http)
        self.body = None

    async def begin(self, house, account="resident"):
        landing = await self.browser.sign_in(self.application, account, house.password(account))
        self.body = (await self.application.redeem(self.http, landing.query["code"])).json()
        return self

    def request(self, **changes):
        asked = {
            "id_token_hint": self.body["id_token"],
            "post_logout_redirect_uri": BACK,
            "state": "s&t",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def is_accepted(self, house):
        try:
            return await house.authenticator()(f"Bearer {self.body['access_token']}") is not None
        except NotAuthenticatedError:
            return False

    async def is_signed_in(self):
        page = await self.browser.open("/oauth2/authorize", await self.application.pushed(self.http))
        return isinstance(page, Landing) or not page.has_form("username")


@pytest.fixture
async def web(house, http):
    return await SignedInAt(http, house.web()).begin(house)


async def test_f46_with_its_own_hint_the_browser_goes_back_at_once_and_everything_is_over(house, web):
    assert await web.is_accepted(house)
    assert await web.is_signed_in()
    landing = await web.browser.open("/oauth2/logout", web.request())
    assert landing.base == BACK
    assert landing.query == {"state": "s&t"}
    assert "gerbang-signin" not in web.http.cookies
    assert not await web.is_accepted(house)
    refresh = {"grant_type": "refresh_token", "refresh_token": web.body["refresh_token"]}
    answer = await web.http.post("/oauth2/token", data=refresh, auth=web.application.auth)
    assert answer.json()["error"] == "invalid_grant"
    assert not await web.is_signed_in()


async def test_a09_a_state_of_any_visible_characters_comes_back_intact(house, web):
    state = "".join(map(chr, range(0x20, 0x7F)))
    landing = await web.browser.open("/oauth2/logout", web.request(state=state))
    assert landing.query == {"state": state}


async def test_f45_a_cookie_kept_by_somebody_else_is_worth_nothing_after_logout(house, web):
    kept = web.http.cookies["gerbang-signin"]
    await web.browser.open("/oauth2/logout", web.request())
    async with house.http() as thief:
        thief.cookies.set("gerbang-signin", kept, domain="localhost.local")
        page = await Browser(thief).open("/oauth2/authorize", house.mobile().request())
    assert page.has_form("username")


async def test_f46_the_form_of_a_post_works_too(house, web):
    answer = await web.http.post("/oauth2/logout", data=web.request())
    landing = await web.browser._follow(answer)
    assert landing.base == BACK
    assert not await web.is_accepted(house)


async def bad_hint(kind, house, web):
    token, ours = web.body["id_token"], (await house.provider.mint()).key

    def said(key=ours, **changes):
        return key.sign("JWT", {**read_token(token).claims, **changes})

    return {
        "missing": None,
        "changed": token[:-4] + "AAAA",
        "an access token": web.body["access_token"],
        "not even a token": "nonsense",
        "signed by another key": said(PrivateKey.generate()),
        "of another client": said(aud="gerbang-mobile"),
        "of an unknown client": said(aud="nobody"),
        "of two clients": said(aud=["gerbang-web", "gerbang-mobile"]),
        "of another issuer": said(iss="https://evil.example"),
        "of nobody": said(sub="nobody"),
        "of another sign-in": said(sid="another"),
        "of no sign-in": said(sid=None),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "missing",
        "changed",
        "an access token",
        "not even a token",
        "signed by another key",
        "of another client",
        "of an unknown client",
        "of two clients",
        "of another issuer",
        "of nobody",
    ],
)
async def test_f46_a_bad_hint_is_asked_and_goes_nowhere(house, web, kind):
    page = await web.browser.open("/oauth2/logout", web.request(id_token_hint=await bad_hint(kind, house, web)))
    assert isinstance(page, Page)
    assert page.heading == "Sign out"
    assert await web.is_accepted(house), "nothing has ended yet"
    done = await web.browser.submit(page)
    assert isinstance(done, Page)
    assert done.heading == "You have signed out"
    assert not await web.is_accepted(house)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        BACK + "/",
        BACK + "?a=b",
        "http://localhost:3001/signed-out",
        "http://127.0.0.1:49152/signed-out",
        "javascript:alert(1)",
        None,
    ],
)
async def test_f46_an_address_that_is_not_registered_is_not_gone_to(house, web, address):
    page = await web.browser.open("/oauth2/logout", web.request(post_logout_redirect_uri=address))
    assert isinstance(page, Page)
    assert page.heading == "You have signed out"
    assert address is None or address not in page.response.text


@pytest.mark.parametrize("kind", ["of another sign-in", "of no sign-in"])
async def test_f46_a_hint_of_ours_that_does_not_name_this_sign_in_is_asked(house, web, kind):
    page = await web.browser.open("/oauth2/logout", web.request(id_token_hint=await bad_hint(kind, house, web)))
    assert page.heading == "Sign out"
    assert await web.is_accepted(house)


async def test_f46_a_client_id_that_is_not_the_hints_is_a_bad_hint(house, web):
    page = await web.browser.open("/oauth2/logout", web.request(client_id="gerbang-mobile"))
    assert page.heading == "Sign out"
    landing = await web.browser.open("/oauth2/logout", web.request(client_id="gerbang-web"))
    assert landing.base == BACK


async def test_f46_an_expired_hint_is_a_hint(house, web):
    house.clock.forward(minutes=20)
    assert (await web.browser.open("/oauth2/logout", web.request())).base == BACK


async def test_f46_somebody_elses_sign_in_is_not_ended_by_a_hint(house, http, web):
    async with house.http() as other_http:
        other = await SignedInAt(other_http, house.web()).begin(house, "resident-renamed")
        page = await other.browser.open("/oauth2/logout", web.request())
        assert page.heading == "Sign out"
        assert await other.is_accepted(house)
        assert await web.is_accepted(house)
        landing = await other.browser.submit(page)
        assert landing.base == BACK
        assert not await other.is_accepted(house)
    assert await web.is_accepted(house)


async def test_f46_a_hint_in_a_browser_where_nobody_is_signed_in_is_asked_and_ends_nothing_by_itself(house, web):
    async with house.http() as elsewhere:
        stranger = Browser(elsewhere)
        page = await stranger.open("/oauth2/logout", web.request())
        assert isinstance(page, Page)
        assert page.heading == "Sign out"
        async with house.database.session() as session:
            title = (await session.get_one(ClientRow, "gerbang-web")).title_en
            name = await session.scalar(select(AccountRow.display_name).where(AccountRow.username == "resident"))
        assert f"<strong>{title}</strong>" in page.response.text
        assert name not in page.response.text, "nobody is told whose it is"
        assert await web.is_accepted(house)
        assert await web.is_signed_in()


async def test_f46_an_app_without_its_cookie_signs_out_by_its_hint_and_a_confirmation(house, web):
    web.http.cookies.clear()
    page = await web.browser.open("/oauth2/logout", web.request())
    assert await web.is_accepted(house)
    landing = await web.browser.submit(page)
    assert (landing.base, landing.query) == (BACK, {"state": "s&t"})
    assert not await web.is_accepted(house)
    again = await web.browser.open("/oauth2/logout", web.request())
    assert again.base == BACK, "there is nothing left to ask about"


async def test_f46_a_browser_whose_own_sign_in_has_run_out_is_not_asked(house, web):
    house.clock.forward(hours=9)
    assert not await web.is_signed_in()
    assert (await web.browser.open("/oauth2/logout", web.request())).base == BACK
    refresh = {"grant_type": "refresh_token", "refresh_token": web.body["refresh_token"]}
    answer = await web.http.post("/oauth2/token", data=refresh, auth=web.application.auth)
    assert answer.json()["error"] == "invalid_grant"


async def test_f46_the_question_about_oneself_is_no_consent_to_end_what_the_hint_names(house, http, web):
    async with house.http() as other_http:
        other = await SignedInAt(other_http, house.web()).begin(house, "resident-renamed")
        page = await other.browser.open("/oauth2/logout", web.request())
        async with house.database.session() as session:  # their own ends elsewhere, before the answer comes
            account = await session.scalar(select(AccountRow.id).where(AccountRow.username == "resident-renamed"))
            await end_sessions(session, account, house.clock())
        assert (await other.browser.submit(page)).base == BACK
    assert await web.is_accepted(house)


async def test_whoever_is_not_signed_in_is_told_so(house, http, browser):
    page = await browser.open("/oauth2/logout")
    assert page.heading == "You have signed out"
    indonesian = await browser.open("/oauth2/logout", {"ui_locales": "id"})
    assert indonesian.heading == "Anda sudah keluar"


async def test_f44_the_confirmation_belongs_to_its_browser(house, web):
    page = await web.browser.open("/oauth2/logout")
    action, form = page.form()
    async with house.http() as stranger:
        assert (await stranger.post(action, data=form)).status_code == 403
    assert (await web.http.post(action, data=form, headers={"origin": "https://evil.example"})).status_code == 403
    assert await web.is_accepted(house)


async def test_a_ticket_for_something_else_ends_nothing(house, web):
    for ticket in (house.provider.deps.tickets.seal_page("/account"), house.provider.deps.tickets.seal({}), "x"):
        page = await web.browser.open("/oauth2/logout/session", {"ticket": ticket})
        assert page.status == 400
    assert await web.is_accepted(house)


async def test_f45_one_logout_ends_every_app_of_this_sign_in_and_no_other(house, http, web):
    mobile = SignedInAt(http, house.mobile())
    page = await mobile.browser.open("/oauth2/authorize", mobile.application.request())
    landing = await mobile.browser.submit(page, decision="allow")
    mobile.body = (await mobile.application.redeem(http, landing.query["code"])).json()
    async with house.http() as elsewhere:
        other = await SignedInAt(elsewhere, house.mobile()).begin(house)
        first, second, third = (read_token(one.body["id_token"]).claims["sid"] for one in (web, mobile, other))
        assert len({first, second, third}) == 3, "apps do not recognise a sign-in by each other's sid"
        await web.browser.open("/oauth2/logout", web.request())
        assert [await one.is_accepted(house) for one in (web, mobile, other)] == [False, False, True]


async def test_f45_signing_in_again_goes_on_with_the_same_sign_in(house, http, web):
    house.clock.forward(seconds=1)
    page = await web.browser.open("/oauth2/authorize", await web.application.pushed(http, prompt="login"))
    landing = await web.browser.submit(page, username="resident", password=house.password("resident"))
    again = (await web.application.redeem(http, landing.query["code"])).json()
    assert read_token(again["id_token"]).claims["sid"] == read_token(web.body["id_token"]).claims["sid"]
    await web.browser.open("/oauth2/logout", web.request())
    assert not await web.is_accepted(house)


async def test_a_password_that_was_changed_ends_all_of_it(house, http, web):
    async with house.database.session() as session:
        account = await session.scalar(select(AccountRow.id).where(AccountRow.username == "resident"))
        await house.provider.deps.accounts.password.store(session, account, "-")
    assert not await web.is_accepted(house)


# What clients are told.


class Told:
    """A client's back channel, which answers as it is told to."""

    def __init__(self, house, *answers):
        self.answers = list(answers)
        self.requests = []
        self.notices = LogoutNotifier(
            house.database, house.provider.mint, house.clock, httpx.MockTransport(self.answer)
        )

    def answer(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, headers={"location": "http://127.0.0.1:1/elsewhere"})


async def registered_to_be_told(house, address=TOLD):
    async with house.database.session() as session:
        await session.execute(
            update(ClientRow).where(ClientRow.id == "gerbang-web").values(backchannel_logout_uri=address)
        )


async def put_down(house):
    async with house.database.session() as session:
        return (await session.scalars(select(LogoutNoticeRow))).all()


async def test_e42_f45_the_client_is_told_with_a_signed_token(house, http, web):
    await registered_to_be_told(house)
    await web.browser.open("/oauth2/logout", web.request())
    told = Told(house)
    assert await told.notices.send_due() == 1
    [request] = told.requests
    assert (request.method, str(request.url)) == ("POST", TOLD)
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    form = parse_qs(request.content.decode())
    assert set(form) == {"logout_token"}
    token = form["logout_token"][0]
    keys = read_keys((await http.get("/oauth2/jwks")).content)
    claims = verify(token, keys[read_token(token).header["kid"]], algorithms={"ES256"}, types={"logout+jwt"})
    hint = read_token(web.body["id_token"]).claims
    assert {name: claims[name] for name in ("iss", "sub", "aud", "sid")} == {
        name: hint[name] for name in ("iss", "sub", "aud", "sid")
    }
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"]
    assert not {"nonce", "acr", "auth_time", "scope"} & claims.keys()
    [notice] = await put_down(house)
    assert (notice.sent_at, notice.due_at, notice.tries) == (house.clock(), None, 1)
    assert await told.notices.send_due() == 0
    await told.notices.aclose()


async def test_a_client_that_is_away_is_tried_again_and_then_given_up(house, http, web):
    await registered_to_be_told(house)
    await web.browser.open("/oauth2/logout", web.request())
    told = Told(house, httpx.ConnectError("x"), 503, httpx.ReadTimeout("x"), 429, 500, 200)
    for number, pause in enumerate((*PAUSES, None), start=1):
        assert await told.notices.send_due() == 1
        assert await told.notices.send_due() == 0
        [notice] = await put_down(house)
        assert (notice.tries, notice.sent_at) == (number, None)
        assert notice.due_at == (pause and house.clock() + pause)
        if pause:
            house.clock.at += pause
    house.clock.forward(days=1)
    assert await told.notices.send_due() == 0
    assert len(told.requests) == len(PAUSES) + 1
    first, last = (parse_qs(request.content.decode())["logout_token"][0] for request in told.requests[:: len(PAUSES)])
    assert read_token(first).claims["jti"] != read_token(last).claims["jti"], "a client may have seen the first one"


@pytest.mark.parametrize("answer", [400, 401, 404, 302])
async def test_a_client_that_refuses_is_not_asked_twice_and_no_redirect_is_followed(house, http, web, answer):
    await registered_to_be_told(house)
    await web.browser.open("/oauth2/logout", web.request())
    told = Told(house, answer)
    await told.notices.send_due()
    house.clock.forward(days=1)
    assert await told.notices.send_due() == 0
    assert [str(request.url) for request in told.requests] == [TOLD]
    assert (await put_down(house))[0].sent_at is None


@pytest.mark.parametrize("address", ["http://partner.example/logout", "ftp://partner.example", "http://10.0.0.1/", "x"])
async def test_no_token_goes_to_an_address_that_is_not_safe(house, http, web, address):
    await registered_to_be_told(house, address)
    await web.browser.open("/oauth2/logout", web.request())
    told = Told(house)
    assert await told.notices.send_due() == 1
    assert told.requests == []
    assert [(notice.due_at, notice.sent_at) for notice in await put_down(house)] == [(None, None)]


async def test_nothing_goes_to_a_client_that_was_taken_away_meanwhile(house, http, web):
    await registered_to_be_told(house)
    await web.browser.open("/oauth2/logout", web.request())
    async with house.database.session() as session:
        await session.execute(update(ClientRow).where(ClientRow.id == "gerbang-web").values(withdrawn_at=house.clock()))
    told = Told(house)
    assert await told.notices.send_due() == 1
    assert told.requests == []


def test_which_addresses_may_be_told():
    for address in ("https://a.example/x", "https://127.0.0.1:8443/x"):
        assert is_notifiable(address, loopback=False)
    for address in ("http://127.0.0.1:1/", "http://localhost/x", "http://[::1]:1/"):
        assert is_notifiable(address, loopback=True)
        assert not is_notifiable(address, loopback=False)
    for address in ("", "https://", "https://u:p@a.example", "https://a.example/#x", "http://localhost.evil.example"):
        assert not is_notifiable(address, loopback=True)
    assert not is_notifiable("https://[::1", loopback=True)


async def test_several_processes_tell_a_client_once(either_house):
    async with either_house.http() as http:
        web = await SignedInAt(http, either_house.web()).begin(either_house)
        await registered_to_be_told(either_house)
        await web.browser.open("/oauth2/logout", web.request())
    told = [Told(either_house) for _ in range(8)]
    await asyncio.gather(*(one.notices.send_due() for one in told))
    assert sum(len(one.requests) for one in told) == 1


async def test_the_background_tells_what_is_put_down_and_ends_when_it_is_told_to(house, http, web):
    await registered_to_be_told(house)
    told, heard = Told(house), asyncio.Event()
    answer = told.answer

    def hear(request):
        heard.set()
        return answer(request)

    told.notices._http._transport = httpx.MockTransport(hear)
    told.notices.start()
    await web.browser.open("/oauth2/logout", web.request())
    told.notices.wake()
    async with asyncio.timeout(10):
        await heard.wait()
    await told.notices.aclose()
    with contextlib.suppress(IndexError):
        assert (await put_down(house))[0].tries == 1


async def test_sessions_that_run_out_take_nothing_along(house, web):
    """A sign-in at our pages may be over for long while an app goes on by its refresh token: only logout ends both."""
    house.clock.forward(hours=9)
    assert not await web.is_signed_in()
    refresh = {"grant_type": "refresh_token", "refresh_token": web.body["refresh_token"]}
    answer = await web.http.post("/oauth2/token", data=refresh, auth=web.application.auth)
    assert answer.status_code == 200
    async with house.database.session() as session:
        assert await session.scalar(select(LoginSessionRow.ended_at)) is None
        assert await session.scalar(select(GrantRow.revoked_at)) is None
