"""Access tokens that are bound to a key, and the proofs that must come with them (RFC 9449)."""

import asyncio
import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.authentication.access_tokens import TrustedIssuer
from gateway.authentication.bearer import require
from gateway.authentication.dpop import DpopRequest, DpopVerifier, NonceRequiredError, ProofRefusedError
from gateway.authentication.dpop_nonces import DpopNonces
from gateway.authentication.errors import InsufficientAssuranceError, InsufficientScopeError, NotAuthenticatedError
from gateway.ground.sealing import Sealer
from gateway.storage.engine import Database
from gateway.storage.single_use import delete_expired
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.single_use import SeenTokenRow
from tests.databases import open_database
from tests.gateway.authentication.conftest import AUDIENCE, ISSUER, Clock
from tests.gateway.devices import Device
from tests.loops import examples

pytestmark = pytest.mark.anyio

ME = f"{ISSUER}/v1/me"
SEALER = Sealer(b"\1" * 32)


@pytest.fixture
def device(world):
    return Device(world.clock)


@pytest.fixture
def judge(world):
    return DpopVerifier(world.database, ISSUER, world.clock, DpopNonces(SEALER, world.clock, required=False))


def offered(*proofs, method="GET", path="/v1/me"):
    return DpopRequest(method, path, proofs)


def bound(world, device, **changes):
    return world.token(cnf={"jkt": device.thumbprint}, **changes)


async def refused(authenticate, header, offer=None):
    with pytest.raises(NotAuthenticatedError) as caught:
        await authenticate(header, offer)
    return caught.value


async def test_c22_a_good_proof_names_its_key(judge, device):
    assert await judge(offered(device.proof("GET", ME))) == device.thumbprint


@pytest.mark.parametrize(
    ("method", "address", "good"),
    [
        ("GET", ME, True),
        ("GET", "HTTP://LOCALHOST:8000/v1/me", True),
        ("GET", "http://localhost:8000/v1/%6de", True),
        ("POST", ME, False),
        ("get", ME, False),
        (None, ME, False),
        (["GET"], ME, False),
        ("GET", None, False),
        ("GET", [ME], False),
        ("GET", "", False),
        ("GET", ME + "/", False),
        ("GET", ME + "?a=b", False),
        ("GET", ME + "?", False),
        ("GET", ME + "#", False),
        ("GET", "http://localhost/v1/me", False),
        ("GET", "http://localhost:x/v1/me", False),
        ("GET", "http://[::1/v1/me", False),
        ("GET", "https://localhost:8000/v1/me", False),
        ("GET", "http://user@localhost:8000/v1/me", False),
        ("GET", "http://localhost:8000/v1/ME", False),
        ("GET", "http://localhost:8000/v1/x/../me", False),
        ("GET", "http://local\nhost:8000/v1/me", False),
        ("GET", "http://localhost:8000/v1/me" + "x" * 5000, False),
    ],
)
async def test_c22_method_and_address(judge, device, method, address, good):
    proof = device.proof(method, address)
    if good:
        assert await judge(offered(proof)) == device.thumbprint
    else:
        with pytest.raises(ProofRefusedError):
            await judge(offered(proof))


async def test_c22_escapes_in_a_path_are_compared_by_what_they_mean(judge, device):
    proof = device.proof("GET", f"{ISSUER}/v1/a%2fb~")
    assert await judge(offered(proof, path="/v1/a%2Fb%7e"))
    with pytest.raises(ProofRefusedError):
        await judge(offered(device.proof("GET", f"{ISSUER}/v1/a/b~"), path="/v1/a%2Fb~"))


@pytest.mark.parametrize(
    ("seconds", "good"),
    [(0, True), (-10, True), (10, True), (-60, True), (60, True), (-61, False), (61, False), (86400, False)],
)
async def test_c22_c26_a_proof_is_of_this_minute(world, judge, device, seconds, good):
    at = int(world.clock().timestamp()) + seconds
    proof = device.proof("GET", ME, iat=at)
    if good:
        assert await judge(offered(proof))
    else:
        with pytest.raises(ProofRefusedError, match="too old"):
            await judge(offered(proof))


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": 1.5},
        {"iat": 10**400},
        {"iat": -(10**400)},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 257},
        {"jti": ["x"]},
        {"jti": "half of one: \ud800"},
        {"jti": "zero: \0"},
    ],
)
async def test_c22_claims_that_cannot_be_used(judge, device, claims):
    with pytest.raises(ProofRefusedError):
        await judge(offered(device.proof("GET", ME, **claims)))


@pytest.mark.parametrize("number", [0, 2])
async def test_c22_exactly_one_header(judge, device, number):
    with pytest.raises(ProofRefusedError, match="exactly one"):
        await judge(offered(*(device.proof("GET", ME) for _ in range(number))))


async def test_c22_a_proof_is_good_once_and_only_a_good_one_is_remembered(world, judge, device):
    proof = device.proof("GET", ME)
    with pytest.raises(ProofRefusedError):
        await judge(offered(proof, method="POST"))
    async with world.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(SeenTokenRow)) == 0
    assert await judge(offered(proof))
    with pytest.raises(ProofRefusedError, match="before"):
        await judge(offered(proof))
    # The same id by another key is another proof; by the same key it is not, whatever else has changed.
    other = Device(world.clock)
    assert await judge(offered(other.proof("GET", ME, jti="one")))
    assert await judge(offered(device.proof("GET", ME, jti="one")))
    with pytest.raises(ProofRefusedError, match="before"):
        await judge(offered(device.proof("POST", ME, jti="one"), method="POST"))
    # It is remembered for as long as it could be shown again: whole seconds are compared.
    world.clock.forward(seconds=60, milliseconds=999)
    async with world.database.session() as session:
        await delete_expired(session, world.clock())
    with pytest.raises(ProofRefusedError, match="before"):
        await judge(offered(proof))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_c22_sixteen_at_once_show_one_proof_and_one_is_heard(kind, request, tmp_path):
    url = f"sqlite:///{tmp_path / 'race.db'}" if kind == "sqlite" else request.getfixturevalue("postgres")
    clock, database, second = Clock(), open_database(url), Database(url)
    device = Device(clock)
    judges = [
        DpopVerifier(each, ISSUER, clock, DpopNonces(SEALER, clock, required=False)) for each in (database, second)
    ]
    proof = device.proof("GET", ME)
    heard = await asyncio.gather(*(judges[n % 2](offered(proof)) for n in range(16)), return_exceptions=True)
    await database.aclose()
    await second.aclose()
    assert [one for one in heard if one == device.thumbprint] == [device.thumbprint]
    assert {type(one) for one in heard if one != device.thumbprint} == {ProofRefusedError}


async def test_c22_a_proof_for_a_token_names_that_token(world, judge, device):
    token, other = bound(world, device), bound(world, device, jti="token-2")
    assert await judge(offered(device.proof("GET", ME, token)), token)
    for proof in (device.proof("GET", ME, other), device.proof("GET", ME), device.proof("GET", ME, ath=5)):
        with pytest.raises(ProofRefusedError, match="another access token"):
            await judge(offered(proof), token)


async def test_c23_a_bound_token_needs_its_key_each_time(world, device):
    token = bound(world, device)
    for _ in range(2):
        principal = await world.authenticate(f"DPoP {token}", offered(device.proof("GET", ME, token)))
        assert principal.thumbprint == device.thumbprint


async def test_c23_a_bound_token_as_bearer_or_with_another_key_is_refused(world, device):
    token, thief = bound(world, device), Device(world.clock)
    proof = device.proof("GET", ME, token)
    assert await world.authenticate(f"DPoP {token}", offered(proof))  # from now on it is held
    cases = [
        (f"Bearer {token}", None, "invalid_token"),
        (f"Bearer {token}", offered(device.proof("GET", ME, token)), "invalid_token"),
        (f"DPoP {token}", None, "invalid_token"),
        (f"DPoP {token}", offered(), "invalid_dpop_proof"),
        (f"DPoP {token}", offered(proof), "invalid_dpop_proof"),
        (f"DPoP {token}", offered(device.proof("GET", ME, token, header={"typ": "JWT"})), "invalid_dpop_proof"),
        (f"DPoP {token}", offered(thief.proof("GET", ME, token)), "invalid_token"),
    ]
    for header, offer, error in cases:
        refusal = await refused(world.authenticate, header, offer)
        assert refusal.error == error
        assert refusal.challenge.startswith(f'DPoP realm="gerbang", error="{error}", error_description="')
        assert refusal.challenge.endswith('algs="ES256 ES512 PS256 Ed25519 EdDSA"')
        assert refusal.headers == {"WWW-Authenticate": refusal.challenge}


async def test_c23_a_token_that_is_not_bound_is_no_dpop_token(world, device):
    token = world.token()
    refusal = await refused(world.authenticate, f"DPoP {token}", offered(device.proof("GET", ME, token)))
    assert (refusal.error, refusal.challenge[:4]) == ("invalid_token", "DPoP")
    assert await world.authenticate(f"Bearer {token}", offered(device.proof("GET", ME, token)))


@pytest.mark.parametrize(
    "confirmation",
    [{}, {"x5t#S256": "abc"}, {"jkt": "abc", "x5t#S256": "abc"}, {"jkt": ""}, {"jkt": 5}, [], "abc", False],
)
async def test_c23_a_bond_that_we_cannot_check_opens_nothing(world, confirmation):
    refusal = await refused(world.authenticate, f"Bearer {world.token(cnf=confirmation)}")
    assert refusal.error == "invalid_token"


async def test_refusals_of_a_bound_token_name_its_scheme(world, device):
    token = bound(world, device)
    principal = await world.authenticate(f"DPoP {token}", offered(device.proof("GET", ME, token)))
    with pytest.raises(InsufficientScopeError) as lacking:
        require(principal, {"health.read"})
    with pytest.raises(InsufficientAssuranceError) as weak:
        require(principal, set(), acr=2)
    assert lacking.value.challenge.startswith('DPoP realm="gerbang", error="insufficient_scope"')
    assert weak.value.challenge.startswith('DPoP realm="gerbang", error="insufficient_user_authentication"')


async def test_a_refusal_before_the_proof_is_looked_at_names_the_scheme_too(world, device):
    async with world.database.session() as session:
        (await session.get_one(AccountRow, "account-1")).roles = ["officer"]
    token = bound(world, device)
    with pytest.raises(InsufficientAssuranceError) as weak:
        await world.authenticate(f"DPoP {token}", offered(device.proof("GET", ME, token)))
    assert weak.value.challenge.startswith('DPoP realm="gerbang", error="insufficient_user_authentication"')
    with pytest.raises(InsufficientAssuranceError) as weak:
        await world.call(world.token())
    assert weak.value.challenge.startswith('Bearer realm="gerbang"')


async def test_where_nonces_are_wanted_each_proof_carries_a_fresh_one(world, device):
    authenticate = world.trusting([TrustedIssuer(ISSUER, AUDIENCE, world.keys, own=True)], nonces=True)
    token = bound(world, device)
    first = await refused(authenticate, f"DPoP {token}", offered(device.proof("GET", ME, token)))
    assert first.error == "use_dpop_nonce"
    nonce = first.headers["DPoP-Nonce"]
    world.clock.forward(minutes=5)
    assert await authenticate(f"DPoP {token}", offered(device.proof("GET", ME, token, nonce=nonce)))
    world.clock.forward(minutes=1)
    for stale in (
        nonce,
        nonce[:-1],
        "",
        5,
        DpopNonces(Sealer(b"\2" * 32), world.clock, required=True).headers()["DPoP-Nonce"],
    ):
        refusal = await refused(authenticate, f"DPoP {token}", offered(device.proof("GET", ME, token, nonce=stale)))
        assert refusal.error == "use_dpop_nonce"
        assert refusal.headers["DPoP-Nonce"] != nonce


async def test_a_nonce_of_a_moment_to_come_is_not_ours(world):
    ahead = Clock()
    ahead.at = world.clock.at
    ahead.forward(minutes=2)
    nonce = DpopNonces(SEALER, ahead, required=True).headers()["DPoP-Nonce"]
    assert not DpopNonces(SEALER, world.clock, required=True).accept(nonce)
    assert NonceRequiredError.error == "use_dpop_nonce"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(ME) | st.just("GET"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
)


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(claims=st.dictionaries(st.sampled_from(["htm", "htu", "iat", "jti", "ath", "nonce", "exp"]), ANYTHING))
async def test_any_claims_are_judged_without_surprise(world, judge, device, claims):
    proof = device.sign(device.header(), {**device.claims("GET", ME), **claims})
    with contextlib.suppress(ProofRefusedError):
        assert await judge(offered(proof)) == device.thumbprint


@given(raw=st.binary(max_size=80))
@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_any_bytes_for_a_proof_are_refused_in_one_way(world, judge, raw):
    with pytest.raises(ProofRefusedError):
        await judge(offered(raw.decode("latin-1")))
    with pytest.raises(NotAuthenticatedError):
        await world.authenticate("DPoP " + raw.decode("latin-1"), offered(raw.decode("latin-1")))
