"""From an Authorization header to a principal, and everything that is no way to one."""

import asyncio
import base64
import dataclasses
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from gateway.authentication import access_tokens
from gateway.authentication.access_tokens import LEEWAY_SECONDS, TrustedIssuer
from gateway.authentication.bearer import Authenticator, RecentSignIn, require
from gateway.authentication.errors import (
    InsufficientAssuranceError,
    InsufficientScopeError,
    NotAuthenticatedError,
    StaleSignInError,
)
from gateway.authentication.jose import PrivateKey
from gateway.authentication.principals import PrincipalResolver
from gateway.ground.clock import WITA
from gateway.policy.principal import Principal, Role
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from tests.gateway.authentication.conftest import HOLD
from tests.loops import examples

pytestmark = pytest.mark.anyio

ISSUER = "http://localhost:8000"
AUDIENCE = f"{ISSUER}/v1"


def b64(content) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


async def refused(world, token, error="invalid_token"):
    with pytest.raises(NotAuthenticatedError) as caught:
        await world.call(token)
    refusal = caught.value
    assert refusal.error == error
    assert refusal.challenge.startswith('Bearer realm="gerbang", error="invalid_token", error_description="')
    assert len(token) < 20 or token not in refusal.challenge
    return refusal


async def test_a_good_token_becomes_a_principal(world):
    principal = await world.call(world.token())
    assert principal == Principal(
        account_id="account-1",
        subject="pairwise-subject",
        client_id="app",
        roles=frozenset({Role.RESIDENT}),
        # residents.lookup stands in the token, but is not for residents
        scopes=frozenset({"openid", "profile.read"}),
        acr=1,
        auth_time=world.clock(),
        token_id="token-1",
        nik="6371994502900011",
        region="63.71.01.1001",
        agency="agency",
        locale="id",
        grant_id="grant-1",
    )
    assert "637199" not in repr(principal)


async def test_without_a_header_nobody_is_calling(world):
    assert await world.authenticate(None) is None


BOTH = 'Bearer realm="gerbang", DPoP realm="gerbang", algs="ES256 ES512 PS256 Ed25519 EdDSA"'


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "", "Bearer", "DPoP", "token"])
async def test_another_scheme_is_answered_without_an_error_code(world, header):
    with pytest.raises(NotAuthenticatedError) as caught:
        await world.authenticate(header)
    assert caught.value.challenge == BOTH


async def test_the_scheme_is_read_without_case(world):
    assert await world.authenticate(f"bearer  {world.token()}")


async def test_d27_unsigned_and_symmetric_tokens(world):
    claims = world.claims()
    for alg in ("none", "None", "nOnE", "HS256", "RS256", "ES512", "EdDSA"):
        header = {"alg": alg, "typ": "at+jwt", "kid": world.key.kid}
        await refused(world, f"{b64(header)}.{b64(claims)}.AAAA")
        await refused(world, f"{b64(header)}.{b64(claims)}.")
    # The issuer was not asked for keys on behalf of any of them.
    assert world.keys.asked == []


async def test_d27_a_key_that_the_issuer_does_not_know(world):
    stranger = PrivateKey.generate()
    await refused(world, world.token(key=stranger))
    assert world.keys.asked == [stranger.kid]


async def test_d27_algorithms_are_listed_per_issuer(world):
    only_rsa = TrustedIssuer(ISSUER, AUDIENCE, world.keys, algorithms=frozenset({"RS256"}), own=True)
    authenticate = world.trusting([only_rsa])
    with pytest.raises(NotAuthenticatedError):
        await authenticate(f"Bearer {world.token()}")


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "application/jwt", "secevent+jwt", ""])
async def test_d28_only_access_tokens_are_access_tokens(world, typ):
    refusal = await refused(world, world.token(typ=typ))
    assert refusal.description == "the token is of another type"


async def test_d28_an_id_token_is_no_access_token(world):
    await refused(world, world.token(typ="JWT", aud="app", nonce="n", at_hash="x", scope=None))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://localhost:8001"},
        {"iss": "http://LOCALHOST:8000"},
        {"iss": ISSUER + "/"},
        {"iss": [ISSUER]},
        {"iss": None},
        {"aud": ISSUER},
        {"aud": AUDIENCE + "/"},
        {"aud": [AUDIENCE]},
        {"aud": [AUDIENCE, "https://another.example"]},
        {"aud": []},
        {"aud": None},
    ],
)
async def test_d29_issuer_and_audience_are_compared_exactly(world, changes):
    await refused(world, world.token(**changes))


async def test_d29_the_key_of_one_issuer_does_not_sign_for_another(world):
    other_key = PrivateKey.generate()
    other_keys = type(world.keys)(other_key)
    issuers = [
        TrustedIssuer(ISSUER, AUDIENCE, world.keys, own=True),
        TrustedIssuer("https://other.example", AUDIENCE, other_keys),
    ]
    authenticate = world.trusting(issuers)
    with pytest.raises(NotAuthenticatedError):
        await authenticate(f"Bearer {world.token(key=other_key)}")
    with pytest.raises(NotAuthenticatedError):
        await authenticate(f"Bearer {world.token(iss='https://other.example')}")
    # The other issuer's own token is verified, and then nobody is linked to its subject.
    with pytest.raises(NotAuthenticatedError, match="no longer valid"):
        await authenticate(f"Bearer {world.token(key=other_key, iss='https://other.example')}")
    async with world.database.session() as session:
        session.add(
            SubjectLinkRow(
                issuer="https://other.example",
                sub="pairwise-subject",
                sector="app",
                account_id="account-1",
                created_at=world.clock(),
            )
        )
    token = world.token(key=other_key, iss="https://other.example", grant=None)
    assert (await authenticate(f"Bearer {token}")).account_id == "account-1"


@pytest.mark.parametrize(
    "changes",
    [
        {name: value}
        for name in ("sub", "client_id", "scope", "jti", "acr", "auth_time", "grant", "exp", "iat")
        for value in (None, "", [], {"a": 1}, True)
        if (name, value) != ("scope", "")
    ]
    + [{"acr": "0"}, {"acr": "4"}, {"acr": 1}, {"auth_time": "1"}, {"auth_time": -1}, {"auth_time": 10**18}],
)
async def test_claims_that_are_missing_or_of_the_wrong_form(world, changes):
    await refused(world, world.token(**changes))


async def test_the_clocks_may_be_ten_seconds_apart(world):
    at = int(world.clock().timestamp())
    assert await world.call(world.token(iat=at + 8, nbf=at + 8))
    await refused(world, world.token(iat=at + 61))
    await refused(world, world.token(nbf=at + 61))
    assert await world.call(world.token(exp=at - 9, auth_time=at - 100))
    refusal = await refused(world, world.token(exp=at - 10, auth_time=at - 100))
    assert refusal.description == "the access token has expired"


async def test_a_held_token_is_held_no_longer_than_it_lives(world):
    token = world.token(exp=int(world.clock().timestamp()) + 30)
    assert await world.call(token)
    world.clock.forward(seconds=41)
    await refused(world, token)


ENDINGS = {
    "account": update(AccountRow).values(withdrawn_at=datetime(2026, 11, 23, tzinfo=WITA)),
    "client": update(ClientRow).values(withdrawn_at=datetime(2026, 11, 23, tzinfo=WITA)),
    "grant": update(GrantRow).values(revoked_at=datetime(2026, 11, 23, tzinfo=WITA)),
    "link": delete(SubjectLinkRow),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_b18_what_this_process_ends_is_refused_by_the_next_request(world, ending):
    token = world.token()
    assert await world.call(token)
    assert await world.call(token)
    assert len(world.keys.asked) == 1, "the token is remembered"
    async with world.database.session() as session:
        await session.execute(ending)
    await refused(world, token)


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_b18_what_another_process_ends_is_refused_once_the_hold_has_passed(world, ending):
    token = world.token()
    assert await world.call(token)
    other = Database(world.database.engine.url.set(drivername="sqlite").render_as_string())
    async with other.session() as session:
        await session.execute(ending)
    await other.aclose()
    world.clock.forward(milliseconds=999)
    assert await world.call(token)
    assert len(world.keys.asked) == 1
    world.clock.forward(milliseconds=1)
    await refused(world, token)


async def test_a_token_is_not_verified_again_while_the_issuer_has_its_key(world, monkeypatch):
    token, verified = world.token(), []
    really = access_tokens.verify
    monkeypatch.setattr(access_tokens, "verify", lambda *a, **k: verified.append(a[0]) or really(*a, **k))
    assert await world.call(token)
    world.clock.forward(seconds=1)
    assert await world.call(token)
    assert verified == [token]
    assert len(world.keys.asked) == 2, "the key is looked up each time"


async def test_a_token_is_refused_once_its_key_is_withdrawn_or_replaced(world):
    token, kid = world.token(), world.key.kid
    assert await world.call(token)
    key = world.keys.keys.pop(kid)
    world.clock.forward(seconds=1)
    await refused(world, token)
    world.keys.keys[kid] = key
    assert await world.call(token)
    world.keys.keys[kid] = dataclasses.replace(PrivateKey.generate().public(), kid=kid)
    world.clock.forward(seconds=1)
    await refused(world, token)


async def test_a_remembered_token_is_refused_once_it_has_expired(world):
    token = world.token()
    assert await world.call(token)
    world.clock.forward(seconds=599)
    assert await world.call(token)
    world.clock.forward(seconds=1 + LEEWAY_SECONDS + 1)
    await refused(world, token)


async def test_b18_a_change_that_comes_while_a_token_is_judged_is_not_missed(world, monkeypatch):
    token, found = world.token(), PrincipalResolver.principal

    async def overtaken(self, verified):
        principal = await found(self, verified)
        async with world.database.session() as session:
            await session.execute(ENDINGS["grant"])
        return principal

    with monkeypatch.context() as patched:
        patched.setattr(PrincipalResolver, "principal", overtaken)
        assert await world.call(token), "it was good when it was looked up"
    await refused(world, token)


async def test_a_role_that_is_given_or_taken_counts_with_the_next_request(world):
    token = world.token(acr="2")
    assert "residents.lookup" not in (await world.call(token)).scopes
    async with world.database.session() as session:
        await session.execute(update(AccountRow).values(roles=["resident", "officer"]))
    assert "residents.lookup" in (await world.call(token)).scopes


async def test_a_withdrawn_account_and_a_revoked_grant_are_refused(world):
    async with world.database.session() as session:
        await session.execute(update(GrantRow).values(revoked_at=world.clock()))
    await refused(world, world.token())
    async with world.database.session() as session:
        await session.execute(update(GrantRow).values(revoked_at=None))
        await session.execute(update(AccountRow).values(withdrawn_at=world.clock()))
    await refused(world, world.token())


async def test_a_grant_of_another_client_or_nobody_is_refused(world):
    await refused(world, world.token(client_id="another"))
    await refused(world, world.token(grant="grant-2"))


async def test_d32_people_are_known_by_issuer_and_subject_only(world):
    for sub in ("somebody", "account-1", "6371994502900011", "PAIRWISE-SUBJECT"):
        await refused(world, world.token(sub=sub))


async def test_the_cache_is_bounded(world, monkeypatch):
    monkeypatch.setattr(Authenticator, "MAX_CACHED", 3)
    for number in range(8):
        await world.call(world.token(jti=str(number)))
    assert len(world.authenticate._cache) == 3


async def test_huge_tokens_are_refused_unread(world):
    await refused(world, world.token(padding="x" * 8192))
    await refused(world, "a" * 1_000_000)
    await refused(world, world.token() + "=")


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))
    | st.binary(max_size=200).map(lambda raw: "Bearer " + raw.decode("latin-1"))
    | st.text(max_size=50).map(lambda text: "bearer " + text)
    | st.tuples(
        st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["alg", "kid", "typ", "crit"]), st.text() | st.integers()
        ),
        st.dictionaries(st.text(max_size=4) | st.sampled_from(["iss", "aud"]), st.text() | st.just(ISSUER)),
    ).map(lambda parts: f"Bearer {b64(parts[0])}.{b64(parts[1])}.c2ln")
)
async def test_any_bytes_in_the_header_are_refused_in_one_way(world, header):
    with pytest.raises(NotAuthenticatedError):
        await world.authenticate(header)


async def test_d30_a_list_of_scopes_means_all_of_them(world):
    principal = await world.call(world.token(scope="openid health.read"))
    assert require(principal, {"openid", "health.read"}) is principal
    assert require(principal, set()) is principal
    for scopes in ({"profile.read"}, {"openid", "profile.read"}, {"health.read", "profile.read", "openid"}):
        with pytest.raises(InsufficientScopeError) as caught:
            require(principal, scopes)
        assert caught.value.scopes == scopes


async def test_d30_a_sign_in_longer_ago_than_demanded_is_asked_for_anew(world):
    moment = world.clock()
    principal = await world.call(world.token(acr="2", auth_time=int(moment.timestamp()) - 600))
    assert require(principal, set(), 2, RecentSignIn(timedelta(minutes=10), moment)) is principal
    with pytest.raises(StaleSignInError) as old:
        require(principal, set(), 2, RecentSignIn(timedelta(minutes=10), moment + timedelta(seconds=1)))
    assert old.value.challenge == (
        'Bearer realm="gerbang", error="insufficient_user_authentication", '
        'error_description="a more recent sign-in is needed", acr_values="2", max_age="600"'
    )
    with pytest.raises(StaleSignInError) as of_one_level:
        require(principal, set(), 1, RecentSignIn(timedelta(0), moment))
    assert of_one_level.value.challenge.endswith('error_description="a more recent sign-in is needed", max_age="0"')
    with pytest.raises(InsufficientAssuranceError) as weak:
        require(principal, set(), 3, RecentSignIn(timedelta(minutes=10), moment))
    assert not isinstance(weak.value, StaleSignInError)
    assert weak.value.challenge.endswith('acr_values="3", max_age="600"')


async def test_d35_the_challenges_are_those_of_rfc_6750(world):
    with pytest.raises(NotAuthenticatedError) as nobody:
        require(None, {"openid"})
    assert nobody.value.challenge == BOTH
    principal = await world.call(world.token(scope="openid"))
    with pytest.raises(InsufficientScopeError) as lacking:
        require(principal, {"profile.read", "health.read"})
    assert lacking.value.challenge == (
        'Bearer realm="gerbang", error="insufficient_scope", '
        'error_description="the access token lacks a scope that this needs", scope="health.read profile.read"'
    )
    late = world.token(exp=int(world.clock().timestamp()) - 60, auth_time=0)
    expired = await refused(world, late)
    assert expired.challenge == (
        'Bearer realm="gerbang", error="invalid_token", error_description="the access token has expired"'
    )


class Lookups:
    """Counts the verifications of tokens, and lets them go on when told to."""

    def __init__(self, world):
        self.count = 0
        self.go_on = asyncio.Event()
        self.begun = asyncio.Event()
        self._verifier = world.authenticate._verifier
        world.authenticate._verifier = self

    async def verification(self, token):
        self.count += 1
        self.begun.set()
        await self.go_on.wait()
        return await self._verifier.verification(token)

    async def is_valid(self, verification):
        return await self._verifier.is_valid(verification)


async def test_requests_with_one_token_share_its_verification_even_if_the_first_of_them_leaves(world):
    lookups, token = Lookups(world), world.token()
    first, *others = [asyncio.create_task(world.call(token)) for _ in range(20)]
    await lookups.begun.wait()
    first.cancel()
    await asyncio.wait([first])
    lookups.go_on.set()
    assert {one.account_id for one in await asyncio.gather(*others)} == {"account-1"}
    assert (lookups.count, len(world.authenticate._lookups)) == (1, 0)


async def test_another_token_is_verified_by_itself(world):
    lookups = Lookups(world)
    lookups.go_on.set()
    await asyncio.gather(world.call(world.token()), world.call(world.token(jti="token-2")))
    assert lookups.count == 2


async def test_a_refusal_is_shared_and_not_kept(world):
    lookups, token = Lookups(world), world.token(aud="elsewhere")
    calls = [asyncio.create_task(world.call(token)) for _ in range(5)]
    await lookups.begun.wait()
    lookups.go_on.set()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in found] == [NotAuthenticatedError] * 5
    assert len(set(map(id, found))) == 5
    await refused(world, token)
    assert lookups.count == 2


async def test_a_request_that_arrives_after_a_change_does_not_share_an_earlier_verification(world):
    lookups, token = Lookups(world), world.token()
    early = asyncio.create_task(world.call(token))
    await lookups.begun.wait()
    async with world.database.session() as session:
        await session.execute(update(AccountRow).values(withdrawn_at=world.clock()))
    late = asyncio.create_task(world.call(token))
    await asyncio.sleep(0)
    assert lookups.count == 1
    for _ in range(3):
        await asyncio.sleep(0)
    assert lookups.count == 2
    lookups.go_on.set()
    await asyncio.wait([early])
    with pytest.raises(NotAuthenticatedError):
        await late


async def test_a_request_that_arrives_after_the_hold_does_not_share_an_earlier_verification(world):
    lookups, token = Lookups(world), world.token()
    calls = [asyncio.create_task(world.call(token))]
    await lookups.begun.wait()
    for seconds, count in ((HOLD.total_seconds(), 1), (0.1, 2)):
        world.clock.at += timedelta(seconds=seconds)
        calls.append(asyncio.create_task(world.call(token)))
        for _ in range(3):
            await asyncio.sleep(0)
        assert lookups.count == count
    lookups.go_on.set()
    assert len(await asyncio.gather(*calls)) == 3
