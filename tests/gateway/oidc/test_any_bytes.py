"""Any bytes at any endpoint: never a 5xx, never a redirect to an unregistered address, never reflected HTML."""

from urllib.parse import quote_from_bytes, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from gateway.oidc.endpoints.logout import LOGOUT_PARAMETERS
from gateway.oidc.grants.parameters import AUTHORIZE_PARAMETERS, TOKEN_PARAMETERS
from gateway.pages.account import ACCOUNT_PAGES
from gateway.pages.routes import EMBEDDED_PAGES
from gateway.storage.tables.factors import GuessCountRow
from tests.gateway.oidc.conftest import ISSUER, Browser
from tests.loops import examples

pytestmark = pytest.mark.anyio

MANY = settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FEWER = settings(MANY, max_examples=examples(150))

MARK = b'"><script>x'
NASTY = st.sampled_from(
    [
        b'"',
        b"\\",
        b"\xff\xfe",
        b"\x00",
        b"\r\nLocation: https://evil.example",
        b"",
        b" ",
        MARK,
        b"none",
        b"code",
        b"openid",
        b"0",
        b"-1",
        b"a" * 5000,
        "é\ud7ff".encode(),
        b"https://evil.example/",
        b"http://127.0.0.1:1/callback",
        b"http://127.0.0.1:1/callback@evil.example",
        b"http://127.0.0.1:1/callback/..",
        b"http://[::1",
        b"javascript:alert(1)",
        b"%",
        b"%zz",
    ]
)
VALUE = NASTY | st.binary(max_size=40)
READ = (
    "/oauth2/authorize",
    "/oauth2/login",
    "/oauth2/consent",
    "/oauth2/device",
    "/oauth2/logout",
    "/oauth2/logout/session",
)
POSTED = ("/oauth2/token", "/oauth2/revoke", "/oauth2/par", "/oauth2/device_authorization", "/oauth2/device/decision")
ALLOWED = {("http", "127.0.0.1:49152", "/callback"), ("http", "127.0.0.1:1", "/callback")}


def encoded(pairs):
    return "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in pairs)


def pairs(names):
    name = st.sampled_from(sorted(names)).map(str.encode) | st.binary(max_size=8)
    return st.lists(st.tuples(name, VALUE), max_size=5)


def check(response):
    assert response.status_code < 500
    assert MARK not in response.content
    if "location" in response.headers:
        parts = urlsplit(response.headers["location"])
        if parts.scheme or parts.netloc:
            assert (parts.scheme, parts.netloc, parts.path) in ALLOWED
        else:
            assert parts.path in {"/oauth2/consent", "/oauth2/login", "/oauth2/logout/session", "/oauth2/device"}


@MANY
@given(changes=pairs(AUTHORIZE_PARAMETERS), repeat=st.booleans())
async def test_a08_authorize(house, http, changes, repeat):
    good = [(name.encode(), value.encode()) for name, value in house.mobile().request().items()]
    changed = {name for name, _ in changes}
    kept = [(name, value) for name, value in good if repeat or name not in changed]
    query = encoded(kept + changes)
    response = await http.get(f"/oauth2/authorize?{query}")
    check(response)
    form = {"content-type": "application/x-www-form-urlencoded"}
    posted = await http.post("/oauth2/authorize", content=query, headers=form)
    check(posted)
    assert posted.status_code == response.status_code


@FEWER
@given(raw=st.binary(max_size=300))
async def test_a08_bytes_that_are_no_form_at_all(http, raw):
    form = {"content-type": "application/x-www-form-urlencoded"}
    for path in (*READ, *POSTED):
        check(await http.post(path, content=raw, headers=form))
    for path in READ:
        check(await http.get(f"{path}?{quote_from_bytes(raw, safe='&=%+')}"))


@MANY
@given(changes=pairs(TOKEN_PARAMETERS), header=st.none() | st.binary(max_size=60) | VALUE)
async def test_a08_token(house, http, changes, header):
    changed = {name for name, _ in changes}
    good = house.mobile().redemption("code").items()
    body = encoded([(name.encode(), value.encode()) for name, value in good if name.encode() not in changed] + changes)
    headers = {b"content-type": b"application/x-www-form-urlencoded"}
    if header is not None:
        headers[b"authorization"] = b"Basic " + header
    for path in ("/oauth2/token", "/oauth2/revoke"):
        response = await http.post(path, content=body, headers=headers)
        check(response)
        assert response.headers["cache-control"] == "no-store"
        if response.status_code != 200:
            assert set(response.json()) <= {"error", "error_description"}


@FEWER
@given(username=VALUE, password=VALUE, extra=pairs({"ticket", "form_token", "lang", "decision"}), cookie=VALUE)
async def test_a08_login_and_consent(house, http, browser, username, password, extra, cookie):
    page = await browser.begin(house.mobile())
    action, form = page.form()
    async with house.database.begin() as connection:
        await connection.execute(delete(GuessCountRow))
    query = encoded([(b"username", username), (b"password", password)])
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await http.post(action, content=f"{urlencode(form)}&{query}", headers=headers)
    check(response)
    assert response.status_code in {400, 403}
    changed = {name for name, _ in extra}
    kept = {name: value for name, value in form.items() if name.encode() not in changed}
    for path in ("/oauth2/login", "/oauth2/consent"):
        body = f"{urlencode(kept)}&{encoded(extra)}"
        check(await http.post(path, content=body, headers=headers))
        check(await http.get(f"{path}?{body}"))
        if not {10, 13, 0} & set(cookie):
            check(await http.get(f"{path}?{body}", headers={b"cookie": b"gerbang-signin=" + cookie}))


async def test_a08_the_zero_character_is_refused_before_any_database_sees_it(either_house):
    async with either_house.http() as http:
        browser = Browser(http)
        page = await browser.open("/account/register")
        assert (await browser.submit(page, name="Galuh\0", contact="galuh@example.id")).status == 400
        page = await browser.open("/account")
        page = await browser.submit(page, username="resident", password=either_house.password("resident"))
        for path, fields in (
            ("/account/sign-out", {"lang": "\0"}),
            ("/account/sessions/end", {"session": "ses_\0"}),
            ("/account/consents/withdraw", {"client": "\0"}),
            ("/account/second-factor/remove", {"factor": "\0"}),
        ):
            answer = await http.post(path, data={**page.form()[1], **fields}, headers={"origin": ISSUER})
            assert answer.status_code == 400, path
        for path in ("login", "open", "callback"):
            assert (await http.get(f"/auth/apps/%00/{path}")).status_code == 404
        assert (await http.get("/auth/apps/%00/check")).status_code == 401


@FEWER
@given(header=st.binary(max_size=80))
async def test_a08_userinfo(http, header):
    response = await http.get("/oauth2/userinfo", headers={b"authorization": b"Bearer " + header})
    assert response.status_code == 401
    check(response)


PAGES = sorted({(path, method) for method, path, _ in (*EMBEDDED_PAGES, *ACCOUNT_PAGES)})
FIELDS = {"ticket", "form_token", "lang", "code", "credential", "with", "contact", "name", "flow", "shown", "proven"}


@FEWER
@given(
    page=st.sampled_from(PAGES),
    fields=pairs(FIELDS | {"password", "again", "session", "client", "factor", "label"}),
    owned=st.booleans(),
)
async def test_a08_the_pages_of_accounts(house, http, browser, page, fields, owned):
    path, method = page
    async with house.database.begin() as connection:
        await connection.execute(delete(GuessCountRow))
    form = {}
    if owned:
        _, form = (await browser.open("/account/register")).form()
    kept = {name: value for name, value in form.items() if name.encode() not in {known for known, _ in fields}}
    body = f"{urlencode(kept)}&{encoded(fields)}"
    if method == "GET":
        response = await http.get(f"{path}?{body}")
    else:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = await http.post(path, content=body, headers=headers)
    assert response.status_code < 500
    assert MARK not in response.content
    if "location" in response.headers:
        parts = urlsplit(response.headers["location"])
        assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/oauth2/login")


@FEWER
@given(proof=st.binary(max_size=80) | VALUE, changes=pairs({"device_code", "subject_token", "audience", "scope"}))
async def test_a08_proofs_devices_and_exchanges(http, proof, changes):
    headers = {b"content-type": b"application/x-www-form-urlencoded", b"dpop": proof}
    grant = quote_from_bytes(b"urn:ietf:params:oauth:grant-type:device_code")
    kiosk = f"client_id=gerbang-kiosk&grant_type={grant}&{encoded(changes)}"
    for path in ("/oauth2/token", "/oauth2/device_authorization", "/oauth2/par"):
        response = await http.post(path, content=kiosk, headers=headers)
        check(response)
        assert response.headers["cache-control"] == "no-store"
    refused = await http.get("/oauth2/userinfo", headers={b"authorization": b"DPoP " + proof, b"dpop": proof})
    check(refused)
    assert refused.status_code == 401


@FEWER
@given(changes=pairs(LOGOUT_PARAMETERS), typed=VALUE, cookie=VALUE)
async def test_a08_logout_and_device_pages(http, changes, typed, cookie):
    headers = {b"content-type": b"application/x-www-form-urlencoded"}
    if not {10, 13, 0} & set(cookie):
        headers[b"cookie"] = b"gerbang-signin=" + cookie
    check(await http.get(f"/oauth2/logout?{encoded(changes)}", headers=headers))
    check(await http.post("/oauth2/logout", content=encoded(changes), headers=headers))
    code = encoded([(b"user_code", typed)])
    check(await http.get(f"/oauth2/device?{code}", headers=headers))
    for path in ("/oauth2/device", "/oauth2/device/decision"):
        check(await http.post(path, content=code, headers=headers))
