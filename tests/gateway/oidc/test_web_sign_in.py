"""Web pages of our own origin: a cookie that is worth nothing elsewhere, and no token anywhere."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.authentication.bearer import RecentSignIn, require
from gateway.authentication.errors import CrossSiteError, InsufficientAssuranceError
from gateway.oidc.endpoints.web_sign_in import return_address
from gateway.policy.principal import RECENT
from tests.gateway.oidc.conftest import ISSUER, Landing
from tests.gateway.oidc.people import with_app

pytestmark = pytest.mark.anyio

MARK = {"gerbang-request": "1", "origin": ISSUER}


@pytest.fixture
async def http(house):
    """The provider, and an endpoint of the API that says who called it."""
    callers = house.provider.callers()

    async def whoami(request):
        try:
            principal = await callers.caller(request)
        except CrossSiteError:
            return JSONResponse({}, 403)
        if principal is None:
            return JSONResponse(None)
        try:
            require(principal, set(), 2, RecentSignIn(RECENT, house.clock()))
        except InsufficientAssuranceError as refusal:
            return JSONResponse(
                {"sub": principal.subject, "acr": principal.acr}, headers={"www-authenticate": refusal.challenge}
            )
        return JSONResponse({"sub": principal.subject, "acr": principal.acr})

    app = Starlette(routes=[*house.app.routes, Route("/v1/whoami", whoami, methods=["GET", "POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER) as client:
        yield client


async def signed_in(house, http, browser, account="resident", **parameters):
    """Sign in at our own pages; gives the answer that sends the browser back to where it came from."""
    page = await browser.open("/auth/login", parameters or None)
    if not isinstance(page, Landing) and page.has_form("username", "password"):
        page = await browser.submit(page, username=account, password=house.password(account))
    if isinstance(page, Landing):
        return await http.get(page.location)
    return await back(http, browser, page, decision="allow")


async def back(http, browser, page, **filled):
    """Answer the consent page, and follow the code to our callback, but no further."""
    action, form = page.form(**filled)
    landing = await http.post(action, data=form, headers={**browser.headers, "origin": ISSUER})
    assert landing.headers["location"].startswith(f"{ISSUER}/auth/callback?")
    return await http.get(landing.headers["location"])


async def who(http, method="GET", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.request(method, "/v1/whoami", headers=named)


def cookie_of(answer, name="gerbang-session"):
    [line] = [value for value in answer.headers.get_list("set-cookie") if value.startswith(name + "=")]
    return line


async def test_f43_a_browser_holds_an_opaque_id_and_never_a_token(house, http, browser):
    answer = await signed_in(house, http, browser, return_to="/app?tab=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app?tab=2")
    line = cookie_of(answer)
    value = line.split(";")[0].partition("=")[2]
    assert len(value) == 43
    assert "HttpOnly" in line
    assert "SameSite=lax" in line
    assert "Path=/" in line
    assert "Domain" not in line
    assert "eyJ" not in str(answer.headers)
    async with house.database.session() as session:
        rows = (await session.execute(text("SELECT * FROM web_sessions"))).all()
        assert (await session.execute(text("SELECT count(*) FROM refresh_tokens"))).scalar() == 0
    assert len(rows) == 1
    assert value not in str(rows)
    told = (await http.get("/auth/session")).json()
    assert told["signed_in"] is True
    assert "identity.nik" not in told["scopes"]
    assert (await who(http)).json()["acr"] == 1


async def test_f43_over_https_the_cookie_belongs_to_the_host_alone(house, http, browser):
    cookie = type(house.provider.own_pages.cookie)("gerbang-session", https=True)
    response = JSONResponse({})
    cookie.write(response, "x" * 43)
    line = response.headers["set-cookie"]
    assert line.startswith("__Host-gerbang-session=")
    assert "Secure" in line


async def test_nobody_is_signed_in_to_begin_with(http):
    assert (await http.get("/auth/session")).json() == {"signed_in": False}
    assert (await who(http)).json() is None
    http.cookies.set("gerbang-session", "x" * 43)
    assert (await who(http)).json() is None


async def test_f44_what_changes_something_comes_from_a_page_of_ours_or_not_at_all(house, http, browser):
    await signed_in(house, http, browser)
    assert (await who(http, "POST", **MARK)).status_code == 200
    assert (await who(http, "POST", gerbang_request="1", sec_fetch_site="same-origin")).status_code == 200
    for headers in (
        {},
        {"origin": ISSUER},
        {"gerbang_request": "1", "origin": "https://elsewhere.example"},
        {"gerbang_request": "1", "origin": "null"},
        {"gerbang_request": "1", "sec_fetch_site": "cross-site"},
        {"gerbang_request": "1", "sec_fetch_site": "same-site", "origin": ISSUER},
        {"gerbang_request": "1", "sec_fetch_site": "none"},
        {"sec_fetch_site": "same-origin"},
    ):
        assert (await who(http, "POST", **headers)).status_code == 403, headers


async def test_f44_a_read_that_another_site_caused_is_nobodys(house, http, browser):
    await signed_in(house, http, browser)
    assert (await who(http, sec_fetch_site="same-origin")).json() is not None
    assert (await who(http, sec_fetch_site="none")).json() is not None
    for headers in ({"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"origin": "https://x.example"}):
        assert (await who(http, **headers)).json() is None, headers


async def test_f44_signing_out_is_no_form_of_another_site(house, http, browser):
    await signed_in(house, http, browser)
    refused = await http.post("/auth/logout", headers={"origin": "https://elsewhere.example", "gerbang-request": "1"})
    assert refused.status_code == 403
    assert (await http.get("/auth/session")).json()["signed_in"] is True


async def test_f45_every_sign_in_gives_a_new_id_and_ends_the_old_one(house, http, browser):
    await signed_in(house, http, browser)
    first = http.cookies["gerbang-session"]
    await signed_in(house, http, browser)
    second = http.cookies["gerbang-session"]
    assert first != second
    http.cookies.clear()
    http.cookies.set("gerbang-session", first)
    assert (await who(http)).json() is None
    http.cookies.set("gerbang-session", second)
    assert (await who(http)).json() is not None


async def test_f45_stepping_up_gives_a_new_id_and_the_session_says_so(house, http, browser):
    await signed_in(house, http, browser)
    weak = http.cookies["gerbang-session"]
    await with_app(house)
    page = await browser.open("/auth/login", {"acr": "2"})
    assert page.has_form("code"), "nobody is asked for the password again"
    landing = await browser.submit(page, code=house.code_of_app("resident"))
    await http.get(landing.location)
    assert http.cookies["gerbang-session"] != weak
    assert (await who(http)).json()["acr"] == 2
    http.cookies.clear()
    http.cookies.set("gerbang-session", weak)
    assert (await who(http)).json() is None


async def test_d30_a_page_sends_somebody_whose_sign_in_is_old_to_sign_in_again(house, http, browser):
    await with_app(house)
    page = await browser.open("/auth/login", {"acr": "2"})
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    await back(http, browser, await browser.submit(page, code=house.code_of_app("resident")), decision="allow")
    assert "www-authenticate" not in (await who(http)).headers
    house.clock.forward(minutes=11)
    old = http.cookies["gerbang-session"]
    assert 'acr_values="2", max_age="600"' in (await who(http)).headers["www-authenticate"]
    landing = await browser.open("/auth/login", {"acr": "2"})
    await http.get(landing.location)
    assert "www-authenticate" in (await who(http)).headers, "the level alone is there already, and asks nobody anything"
    page = await browser.open("/auth/login", {"acr": "2", "max_age": "600", "return_to": "/links"})
    assert page.has_form("username", "password")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    answer = await http.get((await browser.submit(page, code=house.code_of_app("resident"))).location)
    assert answer.headers["location"] == "/links"
    assert http.cookies["gerbang-session"] != old
    answer = await who(http)
    assert (answer.json()["acr"], "www-authenticate" in answer.headers) == (2, False)


@pytest.mark.parametrize("age", ["-1", "x", "1.5", "1234567", "²"])
async def test_d30_an_age_that_is_none_is_refused(http, age):
    answer = await http.get("/auth/login", params={"max_age": age})
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_f45_a_session_ends_by_idleness_and_absolutely(house, http, browser):
    await signed_in(house, http, browser)
    for _ in range(15):
        house.clock.forward(minutes=29)
        assert (await who(http)).json() is not None
    house.clock.forward(minutes=31)
    assert (await who(http)).json() is None
    http.cookies.clear()
    await signed_in(house, http, browser)
    for _ in range(17):
        house.clock.forward(minutes=29)
        await who(http)
    assert (await who(http)).json() is None, "eight hours are over"


async def test_f45_signing_out_ends_it_here_and_at_the_provider(house, http, browser):
    await signed_in(house, http, browser)
    held = http.cookies["gerbang-session"]
    answer = await http.post("/auth/logout", headers=MARK)
    assert answer.status_code == 204
    assert "gerbang-session" not in http.cookies
    http.cookies.set("gerbang-session", held)
    assert (await who(http)).json() is None
    page = await browser.open("/auth/login")
    assert page.has_form("username", "password"), "the next sign-in asks for the password again"


async def test_a_grant_that_is_revoked_ends_the_session_at_once(house, http, browser):
    await signed_in(house, http, browser)
    async with house.database.session() as session:
        await session.execute(text("UPDATE grants SET revoked_at = created_at"))
    assert (await who(http)).json() is None


async def test_an_account_that_is_withdrawn_has_no_session(house, http, browser):
    await signed_in(house, http, browser)
    async with house.database.session() as session:
        await session.execute(text("UPDATE accounts SET withdrawn_at = created_at WHERE username = 'resident'"))
    assert (await who(http)).json() is None


@pytest.mark.parametrize(
    "address",
    ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "app", "/a b", "/a\r\nset-cookie:x=y"],
)
async def test_the_way_back_is_a_path_of_ours(http, address):
    answer = await http.get("/auth/login", params={"return_to": address})
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_callback_of_another_browser_signs_nobody_in(house, http, browser):
    page = await browser.open("/auth/login")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    action, form = page.form(decision="allow")
    landing = await http.post(action, data=form, headers={**browser.headers, "origin": ISSUER})
    location = landing.headers["location"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=ISSUER) as other:
        assert (await other.get(location)).status_code == 400
        assert not other.cookies
    forged = location.replace("iss=", "iss=x")
    assert (await http.get(forged)).status_code == 400
    wrong_state = location.replace("state=", "state=x")
    assert (await http.get(wrong_state)).status_code == 400
    begun = http.cookies["gerbang-auth"]
    assert (await http.get(location)).status_code == 303
    assert (await http.get(location)).status_code == 400, "what was begun has come to its end"
    assert (await who(http)).json() is not None
    http.cookies.set("gerbang-auth", begun)
    assert (await http.get(location)).status_code == 400, "a code is good once"
    assert (await who(http)).json() is None, "and its second use ends what came of the first"


async def test_b11_sixteen_parallel_callbacks_make_one_session(house, http, browser):
    page = await browser.open("/auth/login")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    action, form = page.form(decision="allow")
    landing = await http.post(action, data=form, headers={**browser.headers, "origin": ISSUER})
    answers = await asyncio.gather(*(http.get(landing.headers["location"]) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 15


async def test_who_refuses_comes_back_and_is_told_so(house, http, browser):
    page = await browser.open("/auth/login", {"return_to": "/app"})
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    answer = await back(http, browser, page, decision="deny")
    assert answer.headers["location"] == "/app?sign_in=access_denied"
    assert (await http.get("/auth/session")).json() == {"signed_in": False}


async def test_a_session_that_opens_nothing_any_more_is_none_and_can_be_signed_out(house, http, browser):
    await signed_in(house, http, browser)
    async with house.database.session() as session:
        await session.execute(text("UPDATE accounts SET roles = '[\"operator\"]' WHERE username = 'resident'"))
    answer = await http.get("/auth/session")
    assert (answer.status_code, answer.json()) == (200, {"signed_in": False})
    assert (await http.post("/auth/logout", headers=MARK)).status_code == 204
    assert "gerbang-session" not in http.cookies
    async with house.database.session() as session:
        assert (await session.execute(text("SELECT count(*) FROM web_sessions WHERE ended_at IS NULL"))).scalar() == 0


@pytest.mark.parametrize(
    ("address", "led"),
    [
        ("/app#/bills", "/app?sign_in=access_denied#/bills"),
        ("/app?tab=2#bills", "/app?tab=2&sign_in=access_denied#bills"),
        ("/app#/bills?page=2", "/app?sign_in=access_denied#/bills?page=2"),
    ],
)
def test_a_page_is_told_in_its_query_and_not_in_its_fragment(address, led):
    assert return_address(address, "access_denied") == led
    assert return_address(address, None) == address


async def test_nobody_can_be_our_pages_at_an_endpoint(house, http):
    for auth in (None, httpx.BasicAuth("gerbang-pages", ""), httpx.BasicAuth("gerbang-pages", "x")):
        form = {"grant_type": "authorization_code", "client_id": "gerbang-pages", "code": "x"}
        answer = await http.post("/oauth2/token", data=form, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_token_counts_before_the_cookie(house, http, browser):
    await signed_in(house, http, browser)
    answers = await house.tokens(house.mobile(), "officer-mantuil", scope="openid")
    by_cookie = (await who(http)).json()
    by_token = (await who(http, authorization=f"Bearer {answers['access_token']}")).json()
    assert by_cookie["sub"] != by_token["sub"]
    assert (await who(http, "POST", authorization=f"Bearer {answers['access_token']}")).status_code == 200


async def test_our_pages_know_everybody_by_a_subject_of_their_own(house, http, browser):
    await signed_in(house, http, browser)
    mobile = await house.tokens(house.mobile())
    principal = await house.authenticator()(f"Bearer {mobile['access_token']}")
    assert (await who(http)).json()["sub"] != principal.subject


async def test_the_login_address_carries_no_secret(house, http, browser):
    answer = await http.get("/auth/login", params={"return_to": "/app"})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query.keys() <= {"ticket", "lang"}
    assert "HttpOnly" in cookie_of(answer, "gerbang-auth")


async def test_g50_a_web_session_is_listed_on_the_account_page_and_ended_there(house, http, browser):
    await signed_in(house, http, browser)
    assert (await who(http)).json()
    page = await browser.open("/account")
    rows = page.tree.css("section[aria-labelledby=sessions] li")
    assert len(rows) == 2, "the provider's own session, and that of the web pages"
    page = await browser.submit(page, to="/account/sessions/end")
    assert len(page.tree.css("section[aria-labelledby=sessions] li")) == 1
    assert (await who(http)).json() is None


async def test_the_caller_of_a_web_session_is_known_until_the_session_ends(house, http, browser):
    await signed_in(house, http, browser)
    headers = {b"cookie": f"gerbang-session={http.cookies['gerbang-session']}".encode()}
    assert house.provider.known_callers.find(headers) is None
    await who(http)
    known = house.provider.known_callers.find(headers)
    assert known is not None
    assert (known.client, known.account is None) == ("gerbang-pages", False)
    async with house.database.session() as session:
        await session.execute(text("UPDATE web_sessions SET ended_at = seen_at"))
    await who(http)
    assert house.provider.known_callers.find(headers) is None
