"""Codes, refresh tokens and revocation at the token endpoint: once, for whom they were made, and never after."""

import asyncio
import base64
from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc6749 import InvalidGrantError
from sqlalchemy import LargeBinary, select, update

from gateway.authentication.errors import NotAuthenticatedError
from gateway.oidc.grants.authlib_server import CheckedRequest
from gateway.oidc.grants.code_and_refresh import RefreshGrant
from gateway.storage.tables import Row
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import GrantRow, RefreshTokenRow

pytestmark = pytest.mark.anyio


async def is_accepted(house, access_token):
    try:
        return await house.authenticator()(f"Bearer {access_token}") is not None
    except NotAuthenticatedError:
        return False


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def test_b10_a_code_is_good_once_and_its_second_use_revokes(house, http):
    application = house.mobile()
    code = await house.code(application)
    body = (await application.redeem(http, code)).json()
    assert await is_accepted(house, body["access_token"])
    again = await application.redeem(http, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await is_accepted(house, body["access_token"])
    refresh = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
    assert (await http.post("/oauth2/token", data=refresh)).json()["error"] == "invalid_grant"


async def test_b10_a_code_lives_sixty_seconds(house, http):
    application = house.mobile()
    early, late = await house.code(application), await house.code(application)
    house.clock.forward(seconds=59)
    assert (await application.redeem(http, early)).status_code == 200
    house.clock.forward(seconds=1)
    assert (await application.redeem(http, late)).json()["error"] == "invalid_grant"


async def test_b12_a_code_is_bound_to_client_redirect_and_verifier(house, http):
    application, thief = house.mobile(), house.web()
    for changes in (
        {"code_verifier": house.mobile().verifier},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"redirect_uri": "http://127.0.0.1:49153/callback"},
        {"redirect_uri": None},
    ):
        code = await house.code(application)
        refused = await application.redeem(http, code, **changes)
        assert refused.json()["error"] in {"invalid_grant", "invalid_request"}, changes
        # It was consumed: whoever guesses has one guess.
        assert (await application.redeem(http, code)).json()["error"] == "invalid_grant"
    code = await house.code(application)
    stolen = {**application.redemption(code), "client_id": "gerbang-web"}
    assert (await http.post("/oauth2/token", data=stolen, auth=thief.auth)).json()["error"] == "invalid_grant"
    assert (await application.redeem(http, code)).status_code == 200


async def test_b11_sixteen_parallel_redemptions_of_a_code_give_one_success(either_house):
    application = either_house.mobile()
    code = await either_house.code(application)
    async with either_house.http() as http:
        answers = await asyncio.gather(*(application.redeem(http, code) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


async def test_b11_sixteen_parallel_uses_of_a_refresh_token_give_one_success(either_house):
    body = await either_house.tokens(either_house.mobile())
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
    async with either_house.http() as http:
        answers = await asyncio.gather(*(http.post("/oauth2/token", data=form) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert not await is_accepted(either_house, body["access_token"])


async def test_b11_the_loser_of_a_race_for_a_refresh_token_revokes_the_family(house):
    body = await house.tokens(house.mobile())

    def race(first):
        """`first` has looked at the token, and before it goes on, somebody else uses it up."""
        request = CheckedRequest("POST", f"{first.mint.issuer}/oauth2/token", {"refresh_token": body["refresh_token"]})
        request.client = first.query_client("gerbang-mobile")
        grant = RefreshGrant(request, first)
        held = grant.authenticate_refresh_token(body["refresh_token"])
        account = grant.authenticate_user(held)
        with house.database.sync_session() as other:
            other.execute(update(RefreshTokenRow).values(used_at=house.clock()))
        with pytest.raises(InvalidGrantError):
            grant.issue_token(account, held)

    await house.provider.deps.grants.run(race)
    assert not await is_accepted(house, body["access_token"])


async def test_b11_sixteen_first_sign_ins_at_once_agree_on_the_subject(either_house):
    application = either_house.web()
    codes = [await either_house.code(application, "developer", scope="openid") for _ in range(16)]
    async with either_house.http() as http:
        answers = await asyncio.gather(*(application.redeem(http, code) for code in codes))
        assert [answer.status_code for answer in answers] == [200] * 16
        tokens = [answer.json()["access_token"] for answer in answers]
        headers = [{"authorization": f"Bearer {token}"} for token in tokens]
        subjects = [(await http.get("/oauth2/userinfo", headers=each)).json()["sub"] for each in headers]
    assert len(set(subjects)) == 1


async def test_b13_refresh_tokens_rotate_and_reuse_kills_the_family(house, http):
    body = await house.tokens(house.mobile(scope="openid profile.read health.read"))
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
    narrowed = (await http.post("/oauth2/token", data={**form, "scope": "openid"})).json()
    assert narrowed["scope"] == "openid"
    second = {**form, "refresh_token": narrowed["refresh_token"]}
    whole = (await http.post("/oauth2/token", data=second)).json()
    assert whole["scope"] == "openid profile.read health.read"
    assert len({body["refresh_token"], narrowed["refresh_token"], whole["refresh_token"]}) == 3
    assert (await http.post("/oauth2/token", data=form)).json()["error"] == "invalid_grant"
    third = {**form, "refresh_token": whole["refresh_token"]}
    assert (await http.post("/oauth2/token", data=third)).json()["error"] == "invalid_grant"
    for token in (body, narrowed, whole):
        assert not await is_accepted(house, token["access_token"])


async def test_b13_rotation_does_not_extend_the_family(house, http):
    body = await house.tokens(house.mobile())
    for _ in range(13):
        house.clock.forward(days=1)
        form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
        body = (await http.post("/oauth2/token", data=form)).json()
    house.clock.forward(days=1)
    form["refresh_token"] = body["refresh_token"]
    assert (await http.post("/oauth2/token", data=form)).json()["error"] == "invalid_grant"


async def test_a_refresh_does_not_widen_and_is_for_its_client_only(house, http):
    body = await house.tokens(house.mobile())
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    wider = {**form, "client_id": "gerbang-mobile", "scope": "openid health.read"}
    assert (await http.post("/oauth2/token", data=wider)).json()["error"] == "invalid_scope"
    thief = await http.post("/oauth2/token", data=form, auth=house.web().auth)
    assert thief.json()["error"] == "invalid_grant"
    assert (await http.post("/oauth2/token", data={**form, "client_id": "gerbang-mobile"})).status_code == 200


async def test_a_withdrawn_account_gets_nothing_more(house, http):
    application = house.mobile()
    code, body = await house.code(application), await house.tokens(application)
    async with house.database.session() as session:
        await session.execute(update(AccountRow).values(withdrawn_at=house.clock()))
    assert (await application.redeem(http, code)).json()["error"] == "invalid_grant"
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
    assert (await http.post("/oauth2/token", data=form)).json()["error"] == "invalid_grant"
    assert not await is_accepted(house, body["access_token"])


async def test_b15_only_hashes_at_rest(house, http, browser):
    application = house.web()
    landing = await browser.sign_in(application, "resident", house.password("resident"))
    body = (await application.redeem(http, landing.query["code"])).json()
    secret_values = [
        landing.query["code"],
        body["access_token"],
        body["refresh_token"],
        body["id_token"],
        http.cookies["gerbang-signin"],
        application.secret,
        application.verifier,
        *house.access.passwords.values(),
        "6371994502900011",
    ]
    kept = []
    async with house.database.begin() as connection:
        for table in Row.metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                kept += [
                    bytes(value or b"").hex() if isinstance(column.type, LargeBinary) else str(value)
                    for column, value in zip(table.columns, row, strict=True)
                ]
    assert len(kept) > 100
    everything = "\n".join(kept)
    for value in secret_values:
        assert value not in everything
        assert value.encode().hex() not in everything


async def test_b16_token_answers_are_not_stored(house, http):
    application = house.mobile()
    good = await application.redeem(http, await house.code(application))
    bad = await application.redeem(http, "nonsense")
    for response in (good, bad):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-type"] == "application/json"


async def test_b18_revocation(house, http):
    application = house.mobile()
    for token in ("access_token", "refresh_token"):
        body = await house.tokens(application)
        thief = await http.post("/oauth2/revoke", data={"token": body[token]}, auth=house.web().auth)
        assert (thief.status_code, thief.json()["error"]) == (400, "invalid_grant")
        assert await is_accepted(house, body["access_token"])
        revoked = await http.post("/oauth2/revoke", data={"token": body[token], "client_id": "gerbang-mobile"})
        assert revoked.status_code == 200
        assert not await is_accepted(house, body["access_token"])
    unknown = await http.post("/oauth2/revoke", data={"token": "unknown", "client_id": "gerbang-mobile"})
    assert unknown.status_code == 200
    assert (await http.post("/oauth2/revoke", data={"client_id": "gerbang-mobile"})).status_code == 400
    assert (await http.post("/oauth2/revoke", data={"token": "unknown"})).status_code == 401
    async with house.database.session() as session:
        assert len((await session.scalars(select(GrantRow).where(GrantRow.revoked_at.is_not(None)))).all()) == 2


async def test_b18_whatever_ends_a_grant_ends_its_tokens_with_the_next_request(house, http):
    application = house.mobile()

    async def asked(body):
        answer = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {body['access_token']}"})
        return answer.status_code

    async def by_revoking(body, code):
        await http.post("/oauth2/revoke", data={"token": body["refresh_token"], "client_id": "gerbang-mobile"})

    async def by_a_second_use_of_the_code(body, code):
        await application.redeem(http, code)

    async def by_a_second_use_of_a_refresh_token(body, code):
        form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "gerbang-mobile"}
        assert [(await http.post("/oauth2/token", data=form)).status_code for _ in range(2)] == [200, 400]

    async def by_a_new_password(body, code):
        async with house.database.session() as session:
            account = await session.scalar(select(AccountRow).where(AccountRow.username == "resident"))
            await house.provider.deps.accounts.password.store(session, account.id, account.password_hash)

    for end in (by_revoking, by_a_second_use_of_the_code, by_a_second_use_of_a_refresh_token, by_a_new_password):
        code = await house.code(application)
        body = (await application.redeem(http, code)).json()
        assert [await asked(body) for _ in range(2)] == [200, 200]
        await end(body, code)
        assert await asked(body) == 401, end.__name__


async def test_c25_clients_authenticate_by_exactly_one_method(house, http):
    web = house.web()
    encoded = {"content-type": "application/x-www-form-urlencoded"}
    cases = [
        ({}, None),
        ({"client_id": "gerbang-web"}, None),
        ({"client_id": "gerbang-web", "client_secret": "wrong"}, None),
        ({"client_id": "gerbang-web", "client_secret": web.secret}, None),  # a secret in a form
        ({"client_id": "nobody"}, None),
        ({"client_id": "gerbang-mobile", "client_secret": web.secret}, None),
        ({"client_id": "gerbang-web", "client_secret": web.secret}, basic("gerbang-web", web.secret)),
        ({"client_id": "gerbang-mobile"}, basic("gerbang-web", web.secret)),
        ({}, basic("gerbang-mobile", web.secret)),
        ({}, basic("gerbang-mobile", "")),
        ({}, basic("gerbang-web", "wrong")),
        ({}, "Basic !!!"),
        ({}, "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode()),
        ({}, "Basic " + base64.b64encode(b'gerbang-web:"').decode()),
        ({}, "Basic"),
        ({}, "Bearer abc"),
    ]
    for form, header in cases:
        body = urlencode({"grant_type": "authorization_code", "code": "x", **form})
        headers = {**encoded, **({"authorization": header} if header else {})}
        response = await http.post("/oauth2/token", content=body, headers=headers)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client"), (form, header)
    both = [("authorization", basic("gerbang-web", web.secret))] * 2 + list(encoded.items())
    response = await http.post("/oauth2/token", content="grant_type=authorization_code&code=x", headers=both)
    assert response.status_code == 401
    response = await http.post("/oauth2/token", data={"grant_type": "authorization_code", "code": "x"}, auth=web.auth)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_bodies_that_are_no_form_are_refused_in_the_form_of_rfc_6749(http):
    for content, content_type in (
        (b"{}", "application/json"),
        (b"grant_type=authorization_code", "text/plain"),
        (b"code=a&code=b&client_id=gerbang-mobile", "application/x-www-form-urlencoded"),
        (b"code=" + b"a" * 5000, "application/x-www-form-urlencoded"),
        (b"code=" + b"a" * 100_000, "application/x-www-form-urlencoded"),
        (b"code=%22", "application/x-www-form-urlencoded"),
        (b"code=%ff", "application/x-www-form-urlencoded"),
        (b"code=\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(200)), "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded; charset=utf-8"),
    ):
        response = await http.post("/oauth2/token", content=content, headers={"content-type": content_type})
        assert response.status_code == 400, content[:30]
        assert response.json()["error"] in {"invalid_request", "unsupported_grant_type"}


async def test_userinfo_needs_a_token_with_openid(house, http):
    nobody = await http.get("/oauth2/userinfo")
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith('Bearer realm="gerbang", DPoP realm="gerbang", algs="ES256 ')
    bad = await http.get("/oauth2/userinfo", headers={"authorization": "Bearer nonsense"})
    assert (bad.status_code, bad.json()) == (401, {"error": "invalid_token"})
    body = await house.tokens(house.mobile(scope="profile.read"))
    lacking = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {body['access_token']}"})
    assert (lacking.status_code, lacking.json()) == (403, {"error": "insufficient_scope"})
    assert "id_token" not in body
    identity = (await house.tokens(house.mobile()))["id_token"]
    misused = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {identity}"})
    assert misused.status_code == 401
