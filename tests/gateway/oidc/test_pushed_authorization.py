"""Pushed authorization requests: compulsory for confidential clients, for one client, for a short while, once."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.oidc.cleanup import CleanupJob
from gateway.oidc.endpoints.pushed_authorization import _PER_ADDRESS
from gateway.storage.tables.single_use import PushedRequestRow
from tests.gateway.oidc.partners import registered

pytestmark = pytest.mark.anyio


async def push(http, application, **changes):
    return await http.post("/oauth2/par", data=application.request(**changes), auth=application.auth)


async def at_consent(house, browser, application, account="resident"):
    page = await browser.begin(application)
    return await browser.submit(page, username=account, password=house.password(account))


async def test_a04_confidential_clients_begin_by_a_pushed_request_only(house, http, browser):
    web = house.web()
    plain = await http.get("/oauth2/authorize", params=web.request())
    assert plain.headers["location"].startswith(f"{web.redirect_uri}?error=invalid_request")
    assert "iss=" in plain.headers["location"]
    posted = await http.post("/oauth2/authorize", data=web.request())
    assert posted.headers["location"] == plain.headers["location"]
    assert "code" in (await browser.sign_in(web, "resident", house.password("resident"))).query
    partner = await registered(house, scopes=["openid"])
    asked = {**web.request(), "client_id": "partner", "redirect_uri": partner.redirect_uri, "scope": "openid"}
    assert "error=invalid_request" in (await http.get("/oauth2/authorize", params=asked)).headers["location"]


async def test_a05_a_reference_lives_five_minutes(house, http):
    web = house.web()
    answer = await push(http, web)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 300)
    carried = {"client_id": "gerbang-web", "request_uri": answer.json()["request_uri"]}
    house.clock.forward(seconds=299)
    assert "/oauth2/consent" in (await http.get("/oauth2/authorize", params=carried)).headers["location"]
    house.clock.forward(seconds=1)
    late = await http.get("/oauth2/authorize", params=carried)
    assert (late.status_code, "location" in late.headers) == (400, False)


async def test_a05_a_reference_belongs_to_one_client(house, http):
    reference = (await push(http, house.web())).json()["request_uri"]
    for client_id in ("gerbang-mobile", "nobody", None):
        carried = {"client_id": client_id, "request_uri": reference}
        answer = await http.get("/oauth2/authorize", params={k: v for k, v in carried.items() if v})
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    for wrong in (
        reference[:-1],
        reference + "x",
        "https://evil.example/request",
        "urn:ietf:params:oauth:request_uri:",
    ):
        answer = await http.get("/oauth2/authorize", params={"client_id": "gerbang-web", "request_uri": wrong})
        assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_a05_pages_may_be_loaded_again_until_the_request_is_answered_and_not_after(house, browser):
    web = house.web()
    carried = await web.pushed(browser.http)
    for _ in range(3):
        page = await browser.open("/oauth2/authorize", carried)
        assert page.has_form("username", "password")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert page.has_form("decision")
    again = await browser.open("/oauth2/authorize", carried)
    assert again.has_form("decision")
    landing = await browser.submit(again, decision="allow")
    assert "code" in landing.query
    for used in (await browser.open("/oauth2/authorize", carried), await browser.submit(page, decision="allow")):
        assert used.status == 400


async def test_a05_whoever_has_brought_it_in_time_may_take_longer_to_sign_in(house, browser):
    deps = house.provider.deps
    cleanup = CleanupJob(house.database, deps.accounts, deps.logout_notifier, house.clock)
    page = await browser.open("/oauth2/authorize", await house.web().pushed(browser.http))
    house.clock.forward(minutes=14)
    await cleanup.run_once()
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert "code" in (await browser.submit(page, decision="allow")).query
    house.clock.forward(hours=1)
    await cleanup.run_once()
    async with house.database.session() as session:
        assert (await session.scalars(select(PushedRequestRow))).all() == []


async def test_a05_a_refusal_uses_the_request_up_too(house, browser):
    page = await at_consent(house, browser, house.web())
    assert (await browser.submit(page, decision="deny")).query["error"] == "access_denied"
    assert (await browser.submit(page, decision="allow")).status == 400
    assert (await browser.submit(page, decision="deny")).status == 400


async def test_a05_what_the_browser_adds_counts_for_nothing(house, http, browser):
    web = house.web(scope="openid")
    carried = await web.pushed(http)
    added = {"scope": "openid health.read", "redirect_uri": "https://evil.example/", "state": "other", "prompt": "none"}
    page = await browser.open("/oauth2/authorize", {**carried, **added, "request": "e30.e30."})
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    landing = await browser.submit(page, decision="allow")
    assert landing.base == web.redirect_uri
    assert landing.query["state"] == web.state
    assert (await web.redeem(http, landing.query["code"])).json()["scope"] == "openid"


async def test_a05_what_cannot_be_asked_cannot_be_pushed(house, http):
    web = house.web()
    for changes, error in (
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
    ):
        answer = await push(http, web, **changes)
        assert (answer.status_code, answer.json()["error"]) == (400, error), changes
        assert "location" not in answer.headers
    assert (await push(http, web, client_id="gerbang-mobile")).status_code == 401
    assert (await http.post("/oauth2/par", data=web.request())).status_code == 401
    async with house.database.session() as session:
        assert (await session.scalars(select(PushedRequestRow))).all() == []


async def test_a05_sixteen_parallel_answers_to_one_pushed_request_give_one_code(either_house, new_browser):
    house = either_house
    async with house.http() as http:
        browser = new_browser(http)
        page = await at_consent(house, browser, house.web())
        action, form = page.form(decision="allow")
        headers = {"origin": "http://localhost:8000"}
        answers = await asyncio.gather(*(http.post(action, data=form, headers=headers) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 15
    assert sum("code=" in answer.headers.get("location", "") for answer in answers) == 1


async def test_b16_answers_to_pushed_requests_are_not_stored(house, http):
    for answer in (await push(http, house.web()), await push(http, house.web(), scope="nonsense")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.slow
async def test_public_clients_may_push_too_but_not_without_end(house, http, browser):
    mobile = house.mobile()
    answer = await http.post("/oauth2/par", data=mobile.request())
    carried = {"client_id": mobile.client_id, "request_uri": answer.json()["request_uri"]}
    assert (await browser.open("/oauth2/authorize", carried)).has_form("username", "password")
    for _ in range(_PER_ADDRESS - 1):
        last = await http.post("/oauth2/par", data={"client_id": "gerbang-mobile"})
    assert last.status_code == 400
    full = await http.post("/oauth2/par", data=mobile.request())
    assert (full.status_code, full.json()["error"]) == (429, "temporarily_unavailable")
    assert 0 < int(full.headers["retry-after"]) <= 901
    assert (await push(http, house.web())).status_code == 201, "whoever proves who they are is not meant"


async def test_a_pushed_request_is_kept_sealed_and_not_for_long(house, http):
    web = house.web(scope="openid")
    reference = (await push(http, web, login_hint="somebody")).json()["request_uri"]
    async with house.database.session() as session:
        row = (await session.scalars(select(PushedRequestRow))).one()
    assert reference not in repr(vars(row))
    for value in (b"somebody", web.state.encode(), web.redirect_uri.encode()):
        assert value not in row.parameters_sealed
    house.clock.forward(hours=2)
    await house.provider.start()
    async with house.database.session() as session:
        assert (await session.scalars(select(PushedRequestRow))).all() == []
