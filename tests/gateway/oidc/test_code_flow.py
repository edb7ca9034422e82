"""The authorization code flow with PKCE, from the request to the tokens, and what it refuses."""

import json

import pytest

from gateway.authentication.jose import read_keys, verify

pytestmark = pytest.mark.anyio

ISSUER = "http://localhost:8000"


async def keys_of(http):
    return read_keys((await http.get("/oauth2/jwks")).content)


async def claims_of(http, token, typ):
    keys = await keys_of(http)
    assert len(keys) == 1
    return verify(token, next(iter(keys.values())), algorithms={"ES256"}, types={typ})


@pytest.mark.parametrize("kind", ["mobile", "web"])
async def test_the_whole_flow(house, http, browser, kind):
    application = getattr(house, kind)()
    page = await browser.begin(application)
    assert page.has_form("username", "password")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert [node.text() for node in page.tree.css("ul.scopes li")] == [
        "Know that you have signed in",
        "See what the city's agencies have on record about you",
    ]
    landing = await browser.submit(page, decision="allow")
    assert landing.base == application.redirect_uri
    assert set(landing.query) == {"code", "state", "iss"}
    assert (landing.query["state"], landing.query["iss"]) == (application.state, ISSUER)

    response = await application.redeem(http, landing.query["code"])
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "openid profile.read")

    identity = await claims_of(http, body["id_token"], "jwt")
    assert identity["aud"] == application.client_id
    assert identity["nonce"] == application.nonce
    assert {"iss", "sub", "exp", "iat", "auth_time", "acr", "amr", "at_hash"} <= set(identity)

    who = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {body['access_token']}"})
    assert who.json() == {
        "sub": identity["sub"],
        "roles": ["resident"],
        "name": "Galuh Kenanga Pelangi",
        "locale": "id",
    }
    principal = await house.authenticator()(f"Bearer {body['access_token']}")
    assert principal.nik == "6371994502900011"
    assert principal.client_id == application.client_id


async def test_b14_what_stands_in_an_access_token(house, http):
    token = (await house.tokens(house.mobile()))["access_token"]
    claims = await claims_of(http, token, "at+jwt")
    assert set(claims) == {
        "iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "jti", "client_id", "scope", "grant",
    }  # fmt: skip
    assert claims["aud"] == f"{ISSUER}/v1"
    assert claims["exp"] - claims["iat"] == 600
    text = json.dumps(claims)
    assert "637199" not in text
    assert "Galuh" not in text


async def test_j65_subjects_are_pairwise_and_stay_the_same(house, http):
    subjects = [
        (await claims_of(http, (await house.tokens(application, account))["access_token"], "at+jwt"))["sub"]
        for application, account in (
            (house.mobile(), "resident"),
            (house.mobile(), "resident"),
            (house.web(), "resident"),
            (house.mobile(), "operator"),
        )
    ]
    assert subjects[0] == subjects[1]
    assert len(set(subjects)) == 3


async def test_a02_pkce_s256_is_demanded_of_every_client(house, http):
    for application in (house.mobile(), house.web()):
        for changes in (
            {"code_challenge": None, "code_challenge_method": None},
            {"code_challenge": None},
            {"code_challenge_method": None},
            {"code_challenge_method": "plain"},
            {"code_challenge": "short"},
            {"code_challenge": "x" * 44},
        ):
            request = application.request(**changes)
            if application.secret:
                pushed = await http.post("/oauth2/par", data=request, auth=application.auth)
                assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")
            location = (await http.get("/oauth2/authorize", params=request)).headers["location"]
            assert location.startswith(application.redirect_uri + "?error=invalid_request")
            assert f"state={application.state}" in location


async def test_a03_only_codes(house, http):
    for response_type in ("token", "id_token", "code id_token", "code token", "none", None):
        response = await http.get("/oauth2/authorize", params=house.mobile().request(response_type=response_type))
        assert "error=unsupported_response_type" in response.headers["location"]
    metadata = (await http.get("/.well-known/openid-configuration")).json()
    assert metadata["response_types_supported"] == ["code"]
    kept_out = {"implicit", "password"}
    assert not kept_out & set(metadata["grant_types_supported"])
    form = {"grant_type": "password", "username": "resident", "password": house.password("resident")}
    response = await http.post("/oauth2/token", data={**form, "client_id": "gerbang-mobile"})
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:49152/callback?extra=1",
        "http://127.0.0.1:49152/callback#fragment",
        "http://127.0.0.1:49152/callback/",
        "http://127.0.0.1:49152/callback/../evil",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example:80/callback",
        "http://localhost:49152/callback",
        "http://127.0.0.2:49152/callback",
        "http://2130706433:49152/callback",
        "http://[::2]:49152/callback",
        "https://127.0.0.1:49152/callback",
        "https://evil.example/callback",
        "javascript:alert(1)",
        "//evil.example",
        "",
        None,
    ],
)
async def test_a01_an_unregistered_redirect_is_a_page_and_never_a_redirect(house, http, redirect_uri):
    for changes in (
        {},
        {"response_type": "token"},
        {"scope": "nonsense"},
        {"prompt": "none"},
        {"code_challenge": None},
    ):
        request = house.mobile().request(redirect_uri=redirect_uri, **changes)
        response = await http.get("/oauth2/authorize", params=request)
        assert response.status_code == 400
        assert "location" not in response.headers
        assert "Permintaan ini tidak dapat dilanjutkan" in response.text
        assert "This request cannot go on" in response.text
        assert "evil" not in response.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://[::1]:65535/callback",
        "http://[::1]/callback",
    ],
)
async def test_g49_native_clients_may_use_any_loopback_port(house, http, redirect_uri):
    response = await http.get("/oauth2/authorize", params=house.mobile().request(redirect_uri=redirect_uri))
    assert response.headers["location"].startswith("/oauth2/consent?ticket=")
    web = house.web()
    pushed = await http.post("/oauth2/par", data=web.request(redirect_uri=redirect_uri), auth=web.auth)
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")
    assert (await http.get("/oauth2/authorize", params=web.request(redirect_uri=redirect_uri))).status_code == 400


async def test_a06_answers_name_their_issuer(house, http, browser):
    application = house.mobile()
    response = await http.get("/oauth2/authorize", params=application.request(scope="openid nonsense"))
    assert "error=invalid_scope" in response.headers["location"]
    assert response.headers["location"].endswith("iss=http%3A%2F%2Flocalhost%3A8000")
    page = await browser.begin(application)
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    refused = await browser.submit(page, decision="deny")
    assert refused.query == {"error": "access_denied", "state": application.state, "iss": ISSUER}


async def test_a07_prompt_and_max_age(house, browser, http):
    application = house.web()
    silent = await browser.begin(application, prompt="none")
    assert silent.query["error"] == "login_required"
    await browser.sign_in(application, "resident", house.password("resident"))
    first = (await browser.begin(application, prompt="none")).query["code"]
    before = (await claims_of(http, (await application.redeem(http, first)).json()["id_token"], "jwt"))["auth_time"]
    house.clock.forward(seconds=10)
    for changes in ({"prompt": "login"}, {"max_age": "0"}, {"max_age": "5"}, {"prompt": "select_account"}):
        page = await browser.begin(application, **changes)
        assert page.has_form("username", "password"), changes
    landing = await browser.submit(page, username="resident", password=house.password("resident"))
    after = await claims_of(http, (await application.redeem(http, landing.query["code"])).json()["id_token"], "jwt")
    assert after["auth_time"] == before + 10
    assert "code" in (await browser.begin(application, max_age="5")).query
    page = await browser.begin(application, prompt="consent")
    assert page.has_form("decision")
    stranger = house.web(scope="openid health.read")
    silent = await browser.begin(stranger, prompt="none")
    assert silent.query["error"] == "consent_required"
    house.clock.forward(seconds=5)
    silent = await browser.begin(application, prompt="none", max_age="2")
    assert silent.query["error"] == "login_required"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "9" * 40}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "  "}, "invalid_scope"),
    ],
)
async def test_what_openid_connect_knows_and_we_refuse(house, http, changes, error):
    application = house.mobile()
    response = await http.get("/oauth2/authorize", params=application.request(**changes))
    assert response.headers["location"].startswith(f"{application.redirect_uri}?error={error}&")


VISIBLE = "".join(map(chr, range(0x20, 0x7F)))
"""Every character that a `state` may have (RFC 6749, appendix A.5)."""


async def test_a09_a_state_and_nonce_of_any_visible_characters_come_back_intact(house, http, browser):
    application = house.web(nonce=f"n{VISIBLE}", state=f"{VISIBLE}<script>")
    refused = await browser.begin(application, prompt="none")
    assert (refused.query["error"], refused.query["state"]) == ("login_required", application.state)
    landing = await browser.sign_in(application, "resident", house.password("resident"))
    assert landing.query["state"] == application.state
    body = (await application.redeem(http, landing.query["code"])).json()
    assert (await claims_of(http, body["id_token"], "jwt"))["nonce"] == application.nonce
    mobile = house.mobile(state='{"to": "C:\\x"}')
    page = await browser.begin(mobile)
    assert mobile.state not in page.response.text
    denied = await browser.submit(page, decision="deny")
    assert (denied.query["error"], denied.query["state"]) == ("access_denied", mobile.state)


@pytest.mark.parametrize("name", ["state", "nonce"])
@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\0", "\x7f", "é", "\u2028"])
async def test_a09_what_is_not_visible_ascii_is_refused(house, http, name, character):
    for changes in ({name: f"a{character}"}, {name: character}):
        refused = await http.get("/oauth2/authorize", params=house.mobile().request(**changes))
        assert (refused.status_code, "location" in refused.headers) == (400, False)


async def test_a09_long_nonce_and_state_come_back_intact(house, http, browser):
    application = house.mobile(nonce="n" * 384, state="s" * 2000)
    landing = await browser.sign_in(application, "resident", house.password("resident"))
    assert landing.query["state"] == "s" * 2000
    body = (await application.redeem(http, landing.query["code"])).json()
    assert (await claims_of(http, body["id_token"], "jwt"))["nonce"] == "n" * 384
    refused = await http.get("/oauth2/authorize", params=application.request(state="s" * 5000))
    assert refused.status_code == 400


async def test_scopes_that_the_roles_may_not_hold_are_left_out(house, http, browser):
    application = house.web(scope="openid residents.lookup profile.read")
    page = await browser.begin(application)
    page = await browser.submit(page, username="officer-mantuil", password=house.password("officer-mantuil"))
    page = await browser.submit(page, code=house.code_of_app("officer-mantuil"))
    assert len(page.tree.css("ul.scopes li")) == 2
    landing = await browser.submit(page, decision="allow")
    body = (await application.redeem(http, landing.query["code"])).json()
    assert body["scope"] == "openid residents.lookup"
    who = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {body['access_token']}"})
    assert who.json()["region"] == "63.71.01.1001"
    nothing = await browser.begin(house.web(scope="health.read"))
    assert nothing.query["error"] == "access_denied"


async def test_f45_the_session_id_changes_at_every_sign_in(house, http, browser):
    application = house.web()
    page = await browser.begin(application)
    before = http.cookies["gerbang-signin"]
    await browser.submit(page, username="resident", password=house.password("resident"))
    first = http.cookies["gerbang-signin"]
    house.clock.forward(seconds=1)
    page = await browser.begin(application, prompt="login")
    await browser.submit(page, username="operator", password=house.password("operator"))
    second = http.cookies["gerbang-signin"]
    assert len({before, first, second}) == 3
    async with house.http() as stolen:
        stolen.cookies.set("gerbang-signin", first)
        again = await type(browser)(stolen).begin(application)
        assert again.has_form("username", "password")


async def test_sessions_end_by_idleness_and_absolutely(house, browser):
    application = house.web()
    await browser.sign_in(application, "resident", house.password("resident"))
    for _ in range(3):
        house.clock.forward(minutes=25)
        outcome = await browser.begin(application, prompt="none")
        assert "code" in outcome.query
    house.clock.forward(minutes=31)
    assert (await browser.begin(application, prompt="none")).query["error"]
    await browser.sign_in(application, "resident", house.password("resident"))
    answers = []
    for _ in range(20):
        house.clock.forward(minutes=25)
        answers.append((await browser.begin(application, prompt="none")).query)
    assert "code" in answers[18]
    assert answers[19]["error"] == "login_required"


async def test_consent_is_asked_once_but_a_public_client_is_never_answered_unseen(house, browser):
    web, mobile = house.web(), house.mobile()
    await browser.sign_in(web, "resident", house.password("resident"))
    assert "code" in (await browser.begin(web)).query
    house.clock.forward(seconds=1)
    page = await browser.begin(mobile)
    assert page.has_form("decision")
    assert "code" in (await browser.submit(page, decision="allow")).query
    page = await browser.begin(mobile)
    assert "already allowed" in page.tree.css_first(".lead").text()
    silent = await browser.begin(mobile, prompt="none")
    assert silent.query["error"] == "consent_required"
