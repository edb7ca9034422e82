"""The demonstration's accounts, clients and tokens: random for each installation, the same on the next start."""

import json
import stat

import pytest
from sqlalchemy import select

from gateway.demo.credentials import read_demo_access
from gateway.demo.seed import issue_demo_token, seed_demo
from gateway.ground.errors import GerbangError
from gateway.identity.factors.totp import totp_code
from gateway.oidc.provider import Provider
from gateway.policy.principal import Role
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow
from tests.gateway.oidc.people import account_of

pytestmark = pytest.mark.anyio

NIK = "6371994502900011"


async def test_a_second_start_keeps_passwords_and_brings_the_rest_up_to_date(house, http, new_browser):
    path = house.settings.home / "demo-accounts.json"
    before = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "637199" not in before
    settings = Settings(**{**house.settings.model_dump(), "issuer": "http://localhost:8123", "port": 8123})
    people = {"resident": NIK, "resident-damaged": "6371992311850027"}
    again = await seed_demo(house.database, house.sealer, settings, people)
    assert path.read_text() == before
    assert again.passwords == house.access.passwords
    assert read_demo_access(settings).document() == house.access.document()
    async with house.database.session() as session:
        accounts = {row.username: row for row in await session.scalars(select(AccountRow))}
    assert len(accounts) == 8
    assert accounts["resident-damaged"].nik_fingerprint
    assert accounts["resident-no-nik"].nik_sealed is None
    landing = await new_browser(http).sign_in(house.web(), "resident", house.password("resident"))
    assert "code" in landing.query


async def test_lost_passwords_are_replaced(house, http, new_browser):
    (house.settings.home / "demo-accounts.json").unlink()
    again = await seed_demo(house.database, house.sealer, house.settings, {"resident": NIK}, passwords=house.passwords)
    assert not set(again.passwords.values()) & set(house.access.passwords.values())
    landing = await new_browser(http).sign_in(house.mobile(), "resident", again.passwords["resident"])
    assert "code" in landing.query


def test_passwords_are_random_and_do_not_show(house):
    document = house.access.document()
    passwords = {one["password"] for one in document["accounts"]}
    assert len(passwords) == len(document["accounts"]) == 8
    assert not [word for word in passwords if word in repr(house.access)]
    assert [one["client_id"] for one in document["clients"]] == ["gerbang-mobile", "gerbang-web"]
    json.dumps(document)


async def test_the_staff_of_the_demonstration_have_an_app_that_stays(house):
    with_app = {one["account"] for one in house.access.document()["accounts"] if one["totp_secret"]}
    assert with_app == {"officer-mantuil", "operator"}
    assert not [secret for secret in house.access.apps.values() if secret in repr(house.access)]
    await seed_demo(house.database, house.sealer, house.settings, {}, passwords=house.passwords)
    account = await account_of(house, "operator")
    shown = totp_code(house.access.apps["operator"], house.clock())
    assert await house.provider.deps.accounts.factors.totp.check(account.id, shown)
    await seed_demo(house.database, house.sealer, house.settings, {}, passwords=house.passwords)
    assert not await house.provider.deps.accounts.factors.totp.check(account.id, shown), "a restart gives no second use"


ACCOUNT = {"account.read", "account.write"}
"""What everybody may do with their own account."""


async def token(house, account, scopes=(), acr=None, **changes):
    settings = Settings(**{**house.settings.model_dump(), **changes})
    return await issue_demo_token(house.database, house.sealer, settings, account, scopes, acr)


async def test_tokens_for_the_command_line(house):
    authenticate = house.authenticator()
    resident = await authenticate(f"Bearer {await token(house, 'resident', acr=2)}")
    assert (resident.acr, resident.nik, resident.client_id) == (2, NIK, "gerbang-mobile")
    assert resident.scopes == {
        "openid",
        "profile.read",
        "applications.read",
        "health.read",
        "programmes.read",
        "access-log.read",
        "complaints.read",
        "proposals.read",
        "bills.read",
        "cases.read",
        "entitlements.read",
        "bookings.read",
        *ACCOUNT,
    }, "a NIK is released only to those who name its scope"
    named = await authenticate(f"Bearer {await token(house, 'resident', ('identity.nik',))}")
    assert named.scopes == {"identity.nik"}
    officer = await authenticate(f"Bearer {await token(house, 'officer-mantuil')}")
    assert officer.roles == {Role.OFFICER}
    assert officer.scopes == {"openid", "applications.read", "residents.lookup", "residents.verify", *ACCOUNT}
    assert (officer.region, officer.agency, officer.nik) == ("63.71.01.1001", "tata-pemerintahan", None)
    operator = await authenticate(f"Bearer {await token(house, 'operator')}")
    assert operator.scopes == {"openid", "systems.operate", "clients.manage", *ACCOUNT}
    narrow = await authenticate(f"Bearer {await token(house, 'resident', ['profile.read'])}")
    assert narrow.scopes == {"profile.read"}
    flow = await house.tokens(house.mobile())
    assert (await authenticate(f"Bearer {flow['access_token']}")).subject == resident.subject


async def test_a_token_is_for_the_issuer_of_its_day(house):
    moved = await token(house, "resident", issuer="http://localhost:8123", port=8123)
    with pytest.raises(Exception, match="another issuer"):
        await house.authenticator()(f"Bearer {moved}")


@pytest.mark.parametrize(
    ("account", "scopes", "acr", "sentence"),
    [
        ("nobody", (), 1, "The accounts are: resident, resident-damaged, "),
        ("resident", ("nonsense",), 1, "The scopes are: openid, profile.read, "),
        ("resident", ("systems.operate",), 1, "This account may hold only these scopes: openid, profile.read, "),
        ("resident", (), 7, "is 1, 2 or 3"),
    ],
)
async def test_what_cannot_be_is_told_in_one_sentence(house, account, scopes, acr, sentence):
    with pytest.raises(GerbangError, match=sentence) as caught:
        await token(house, account, scopes, acr)
    assert "\n" not in str(caught.value)


async def test_only_in_demo_mode_and_only_after_a_first_start(house, tmp_path):
    production = Settings(**{**house.settings.model_dump(), "mode": "production"})
    for refused in (
        issue_demo_token(house.database, house.sealer, production, "resident", (), 1),
        seed_demo(house.database, house.sealer, production, {}),
    ):
        with pytest.raises(GerbangError, match="demo mode only"):
            await refused
    with pytest.raises(GerbangError, match="demo mode only"):
        read_demo_access(production)
    fresh = Settings(mode="demo", home=tmp_path / "fresh")
    with pytest.raises(GerbangError, match="make demo"):
        read_demo_access(fresh)
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(GerbangError, match="make demo"):
        await issue_demo_token(empty, house.sealer, fresh, "resident", (), 1)
    await empty.aclose()


async def test_two_processes_agree_on_the_signing_key(house):
    others = [Provider(house.database, house.sealer, house.settings) for _ in range(2)]
    for other in others:
        await other.start()
    assert {other.keys.signing().kid for other in others} == {house.provider.keys.signing().kid}
