"""`id_token_hint` at the authorization endpoint: only the person whom the client means is answered for."""

import pytest

from gateway.authentication.jose import PrivateKey, read_token
from tests.gateway.oidc.conftest import ISSUER, Browser, Landing, Page

pytestmark = pytest.mark.anyio


async def signed_in(house, http, account="resident"):
    """A browser in which this account has signed in to the web application and consented, and the ID token of it."""
    browser, application = Browser(http), house.web()
    landing = await browser.sign_in(application, account, house.password(account))
    body = (await application.redeem(http, landing.query["code"])).json()
    return browser, application, body


@pytest.fixture
async def theirs(house):
    """The tokens of somebody else, signed in to the same application in another browser."""
    async with house.http() as elsewhere:
        _, _, body = await signed_in(house, elsewhere, "resident-renamed")
    return body


async def test_a07_a_hint_for_whoever_is_signed_in_is_answered_without_a_word(house, http):
    browser, application, body = await signed_in(house, http)
    for _ in range(2):
        landing = await browser.begin(application, prompt="none", id_token_hint=body["id_token"])
        assert (landing.query["state"], "code" in landing.query) == (application.state, True)
        house.clock.forward(minutes=20)
    assert read_token(body["id_token"]).claims["exp"] < house.clock().timestamp(), "also when it has expired"


async def test_a07_a_hint_for_somebody_else_gives_no_code(house, http, theirs):
    browser, application, _ = await signed_in(house, http)
    landing = await browser.begin(application, prompt="none", id_token_hint=theirs["id_token"])
    assert {name: landing.query[name] for name in ("error", "state")} == {
        "error": "login_required",
        "state": application.state,
    }
    assert "code" not in landing.query


async def bad_hints(house, body):
    token, ours = body["id_token"], (await house.provider.mint()).key
    claims = read_token(token).claims
    return {
        "of another client": ours.sign("JWT", {**claims, "aud": "gerbang-mobile"}),
        "of two clients": ours.sign("JWT", {**claims, "aud": ["gerbang-web", "gerbang-mobile"]}),
        "of another issuer": ours.sign("JWT", {**claims, "iss": "https://evil.example"}),
        "of nobody": ours.sign("JWT", {**claims, "sub": "nobody"}),
        "signed by another key": PrivateKey.generate().sign("JWT", claims),
        "with another signature": token[:-4] + "AAAA",
        "an access token": body["access_token"],
        "no token": "nonsense",
    }


async def test_a07_a_hint_that_is_none_of_ours_for_this_client_gives_no_code(house, http):
    browser, application, body = await signed_in(house, http)
    for kind, hint in (await bad_hints(house, body)).items():
        silent = await browser.begin(application, prompt="none", id_token_hint=hint)
        assert silent.query.get("error") == "login_required", kind
        asking = await browser.begin(application, id_token_hint=hint)
        assert asking.query.get("error") == "invalid_request", kind


async def test_a07_the_one_who_is_meant_may_sign_in_in_place_of_the_other(house, http, theirs):
    browser, application, _ = await signed_in(house, http)
    house.clock.forward(seconds=1)
    page = await browser.begin(application, id_token_hint=theirs["id_token"])
    assert isinstance(page, Page)
    assert page.has_form("username", "password")
    landing = await browser.submit(page, username="resident-renamed", password=house.password("resident-renamed"))
    body = (await application.redeem(http, landing.query["code"])).json()
    assert read_token(body["id_token"]).claims["sub"] == read_token(theirs["id_token"]).claims["sub"]


@pytest.mark.parametrize("was_signed_in", [True, False])
async def test_a07_somebody_else_who_signs_in_for_it_gives_no_code(house, http, theirs, was_signed_in):
    browser, application = Browser(http), house.web()
    if was_signed_in:
        browser, application, _ = await signed_in(house, http)
    house.clock.forward(seconds=1)
    page = await browser.begin(application, id_token_hint=theirs["id_token"])
    landing = await browser.submit(page, username="resident", password=house.password("resident"))
    assert isinstance(landing, Landing)
    assert (landing.query["error"], landing.query["state"]) == ("login_required", application.state)


async def test_a07_the_consent_of_somebody_else_gives_no_code(house, http, theirs):
    browser, application = Browser(http), house.web()
    await browser.sign_in(application, "resident-renamed", house.password("resident-renamed"))
    consent = await browser.begin(application, prompt="consent", id_token_hint=theirs["id_token"])
    house.clock.forward(seconds=1)
    # In another tab of the same browser, somebody else signs in.
    page = await browser.begin(house.web(), prompt="login")
    await browser.submit(page, username="resident", password=house.password("resident"))
    _, form = consent.form(decision="allow")
    cookie = http.cookies["gerbang-signin"]
    form["form_token"] = house.provider.deps.browsers.form_token(cookie, form["ticket"])
    landing = await browser._follow(await http.post("/oauth2/consent", data=form, headers={"origin": ISSUER}))
    assert landing.query["error"] == "login_required"
