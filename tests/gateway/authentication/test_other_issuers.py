"""Access tokens of other issuers: read by the profile of each, never worth more than their account."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from gateway.authentication.access_tokens import TokenVerifier, TrustedIssuer
from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.jose import PrivateKey
from gateway.authentication.principals import PrincipalResolver
from gateway.authentication.settings import TokenIssuer
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.identity.identity_links import IdentityLinks
from gateway.identity.subjects import SECTOR, ExternalSubjects, IdentityConflict, IdentityConflictError, unlink
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.policy.principal import Role
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from tests.databases import open_database
from tests.gateway.authentication.conftest import AUDIENCE, ISSUER, NIK, Keys

pytestmark = pytest.mark.anyio

OTHER = "https://sso.example/realms/kota"


def profile(**changes) -> TokenIssuer:
    told = {
        "issuer": OTHER,
        "client_claim": "azp",
        "roles_claim": "realm_access.roles",
        "roles": {"warga": Role.RESIDENT, "petugas": Role.OFFICER},
        "acr": {"dua": 2},
        **changes,
    }
    return TokenIssuer(**told)


class Elsewhere:
    """Another issuer beside our own, and whoever its tokens stand for."""

    def __init__(self, world, **changes):
        self.world = world
        self.key = PrivateKey.generate()
        self.profile = profile(**changes)
        trusted = TrustedIssuer(
            OTHER,
            AUDIENCE,
            Keys(self.key),
            algorithms=frozenset(self.profile.algorithms),
            types=frozenset(self.profile.types),
            profile=self.profile,
        )
        own = TrustedIssuer(ISSUER, AUDIENCE, Keys(world.key), own=True)
        self.verify = TokenVerifier([own, trusted], world.clock)
        self.people = PrincipalResolver(world.database, world.sealer, world.clock)

    def token(self, key=None, typ="at+jwt", **changes):
        at = int(self.world.clock().timestamp())
        claims = {
            "iss": OTHER,
            "aud": AUDIENCE,
            "sub": "f4c0b2f0",
            "azp": "portal",
            "scope": "openid profile.read applications.read residents.lookup",
            "iat": at,
            "exp": at + 300,
            "auth_time": at - 20,
            "acr": "1",
            "jti": "token-9",
            "realm_access": {"roles": ["warga", "offline_access"]},
            **changes,
        }
        return (key or self.key).sign(typ, {name: value for name, value in claims.items() if value is not None})

    async def caller(self, token=None):
        return await self.people.principal(await self.verify(token or self.token()))

    async def refused(self, token):
        with pytest.raises(NotAuthenticatedError):
            await self.caller(token)


@pytest.fixture
async def elsewhere(world):
    async with world.database.session() as session:
        session.add(
            SubjectLinkRow(
                issuer=OTHER, sub="f4c0b2f0", sector=SECTOR, account_id="account-1", created_at=world.clock()
            )
        )
    return Elsewhere(world)


async def test_a_token_of_another_issuer_becomes_a_principal(elsewhere):
    principal = await elsewhere.caller()
    assert (principal.account_id, principal.subject, principal.client_id) == ("account-1", "f4c0b2f0", "portal")
    assert (principal.roles, principal.acr, principal.nik) == ({Role.RESIDENT}, 1, NIK)
    assert principal.scopes == {"openid", "profile.read", "applications.read"}
    assert (await elsewhere.caller(elsewhere.token(acr="dua"))).acr == 2
    assert (await elsewhere.caller(elsewhere.token(acr="gold"))).acr == 1
    assert (await elsewhere.caller(elsewhere.token(aud=[AUDIENCE]))).acr == 1


async def test_d29_the_keys_of_two_issuers_are_kept_apart(elsewhere):
    await elsewhere.refused(elsewhere.token(key=elsewhere.world.key))
    at = int(elsewhere.world.clock().timestamp())
    ours = elsewhere.world.claims(iat=at, exp=at + 300)
    await elsewhere.refused(elsewhere.key.sign("at+jwt", ours))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://another.example"},
        {"aud": []},
        {"aud": [AUDIENCE, "account"]},
        {"iss": OTHER + "/"},
        {"azp": None},
        {"azp": 5},
        {"azp": ""},
        {"scope": None},
        {"scope": ["openid"]},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"jti": None},
        {"exp": None},
        {"iat": None},
        {"auth_time": "yesterday"},
        {"auth_time": True},
        {"auth_time": 1 << 39},
        {"cnf": {"x5t#S256": "x"}},
    ],
    ids=str,
)
async def test_d27_a_claim_that_does_not_fit_the_profile_is_refused(elsewhere, claims):
    await elsewhere.refused(elsewhere.token(**claims))


async def test_d28_an_id_token_of_another_issuer_is_no_access_token(elsewhere):
    for typ in ("JWT", "", "logout+jwt", "dpop+jwt"):
        await elsewhere.refused(elsewhere.token(typ=typ))
    plain = Elsewhere(elsewhere.world, types=("jwt",))
    assert await plain.caller(plain.token(typ="JWT"))
    await plain.refused(plain.token(typ="at+jwt"))


async def test_times_algorithms_and_clients_are_those_of_the_profile(elsewhere):
    at = int(elsewhere.world.clock().timestamp())
    await elsewhere.refused(elsewhere.token(exp=at + 901))
    await elsewhere.refused(elsewhere.token(iat=at + 60))
    patient = Elsewhere(elsewhere.world, longest_life=timedelta(hours=1))
    assert await patient.caller(patient.token(exp=at + 3600))
    narrow = Elsewhere(elsewhere.world, algorithms=("PS256",))
    await narrow.refused(narrow.token())
    listed = Elsewhere(elsewhere.world, clients=("portal",))
    assert await listed.caller(listed.token())
    await listed.refused(listed.token(azp="another"))


async def test_a_sign_in_whose_moment_is_not_told_counts_as_never_lately(elsewhere):
    assert (await elsewhere.caller(elsewhere.token(auth_time=None))).auth_time.year == 1970


async def test_j65_the_nik_of_another_issuers_clients_needs_a_legal_basis_too(elsewhere):
    asked = {"scope": "openid identity.nik"}
    assert (await elsewhere.caller(elsewhere.token(**asked))).scopes == {"openid"}
    lawful = Elsewhere(elsewhere.world, nik_legal_basis="Pasal 79 UU 24/2013; PKS 470/12/2026")
    assert (await lawful.caller(lawful.token(**asked))).scopes == {"openid", "identity.nik"}


async def test_roles_of_another_issuer_take_away_and_never_give(elsewhere):
    asked = elsewhere.token(realm_access={"roles": ["petugas", "warga"]})
    assert (await elsewhere.caller(asked)).roles == {Role.RESIDENT}
    for nothing in ({"roles": []}, {"roles": "warga"}, {"roles": [["warga"]]}, {}, "warga", ["warga"]):
        principal = await elsewhere.caller(elsewhere.token(realm_access=nothing))
        assert (principal.roles, principal.scopes) == (frozenset(), frozenset())
    silent = Elsewhere(elsewhere.world, roles_claim=None)
    assert (await silent.caller(silent.token(realm_access=None))).roles == {Role.RESIDENT}


async def test_a_subject_that_nobody_knows_gets_an_account_only_where_that_is_wanted(elsewhere):
    await elsewhere.refused(elsewhere.token(sub="unknown"))
    opening = Elsewhere(elsewhere.world, opens_accounts=True)
    several = await asyncio.gather(*(opening.caller(opening.token(sub="unknown")) for _ in range(8)))
    assert len({principal.account_id for principal in several}) == 1
    assert (several[0].roles, several[0].nik) == ({Role.RESIDENT}, None)
    await opening.caller(opening.token(sub="another"))
    async with elsewhere.world.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(AccountRow)) == 3


async def test_d32_a_withdrawn_account_is_not_opened_anew(elsewhere):
    async with elsewhere.world.database.session() as session:
        await session.execute(update(AccountRow).values(withdrawn_at=elsewhere.world.clock()))
    opening = Elsewhere(elsewhere.world, opens_accounts=True)
    await opening.refused(opening.token())


def identity(world, subject="x", nik=None, issuer=OTHER):
    return AssertedIdentity(issuer, subject, 2, ("pwd",), world.clock(), name="Aluh", nik=nik)


async def test_e39_an_account_is_found_by_issuer_and_subject_and_by_an_asserted_nik_only(world):
    subjects = ExternalSubjects(world.database, world.sealer, world.clock)
    async with world.database.session() as session:
        account = await session.get_one(AccountRow, "account-1")
        account.nik_fingerprint = world.sealer.fingerprint("account-nik", NIK)
        account.display_name = "Aluh"
    by_name = await subjects.account_of(identity(world, "same-name"))
    assert by_name != "account-1"
    assert await subjects.account_of(identity(world, "same-name")) == by_name
    assert await subjects.account_of(identity(world, "same-name", issuer="https://third.example")) != by_name
    assert await subjects.account_of(identity(world, "with-nik", nik=NIK)) == "account-1"
    with pytest.raises(IdentityConflictError) as caught:
        await subjects.account_of(identity(world, "with-nik", nik="6371994502900022"))
    assert caught.value.conflict is IdentityConflict.NIK
    with pytest.raises(IdentityConflictError) as caught:
        # A second subject of the same issuer, with the same NIK.
        await subjects.account_of(identity(world, "with-nik-too", nik=NIK))
    assert caught.value.conflict is IdentityConflict.TAKEN


async def test_e39_links_are_made_for_one_account_only(world):
    subjects = ExternalSubjects(world.database, world.sealer, world.clock)
    mine, theirs = identity(world, "mine"), identity(world, "theirs")
    other = await subjects.account_of(theirs)
    await subjects.link(mine, "account-1")
    await subjects.link(mine, "account-1")
    assert await subjects.account_of(mine) == "account-1"
    with pytest.raises(IdentityConflictError):
        await subjects.link(theirs, "account-1")
    assert await subjects.account_of(theirs) == other


async def test_e39_an_identity_that_asserts_the_nik_of_another_account_is_not_linked(world):
    subjects = ExternalSubjects(world.database, world.sealer, world.clock)
    async with world.database.session() as session:
        account = await session.get_one(AccountRow, "account-1")
        account.nik_fingerprint = world.sealer.fingerprint("account-nik", NIK)
    other = await subjects.account_of(identity(world, "theirs"))
    with pytest.raises(IdentityConflictError) as caught:
        await subjects.link(identity(world, "mine", nik=NIK, issuer="https://third.example"), other)
    assert caught.value.conflict is IdentityConflict.TAKEN
    assert await subjects.account_of(identity(world, "mine", nik=NIK, issuer="https://third.example")) == "account-1"


async def test_e39_an_issuer_that_was_unlinked_opens_the_account_by_a_new_link_only(database_url, world, anyio_backend):
    database = open_database(database_url)
    subjects = ExternalSubjects(database, world.sealer, world.clock)
    mine = identity(world, "mine", nik=NIK)
    account_id = await subjects.account_of(mine)
    async with database.session() as session:
        account = await session.get_one(AccountRow, account_id)
        account.nik_fingerprint = world.sealer.fingerprint("account-nik", NIK)
        username = account.username
    for _ in range(2):
        async with database.session() as session:
            await unlink(session, account_id, OTHER, world.clock())
    with pytest.raises(IdentityConflictError) as caught:
        await subjects.account_of(mine)
    assert caught.value.conflict is IdentityConflict.UNLINKED
    assert await subjects.account_of(identity(world, "there", nik=NIK, issuer="https://third.example")) == account_id
    await subjects.link(mine, account_id)
    assert await subjects.account_of(mine) == account_id
    # The same where an operator does it, and takes it back.
    links = IdentityLinks(database, world.clock)
    await links.remove(COMMAND_LINE, username, OTHER)
    with pytest.raises(IdentityConflictError):
        await subjects.account_of(mine)
    await links.add(COMMAND_LINE, username, OTHER, "mine")
    assert await subjects.account_of(mine) == account_id
    await database.aclose()


async def test_sixteen_first_sign_ins_at_once_open_one_account(database_url, world, anyio_backend):
    database = open_database(database_url)
    subjects = ExternalSubjects(database, world.sealer, world.clock)
    found = await asyncio.gather(*(subjects.account_of(identity(world, nik=NIK)) for _ in range(16)))
    assert len(set(found)) == 1
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(AccountRow)) == 1
    await database.aclose()
