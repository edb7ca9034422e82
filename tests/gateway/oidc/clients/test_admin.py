"""Registering, changing and ending clients: each deed with its entry, secrets told once, tokens ended."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwk
from pydantic import ValidationError
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.cli import app
from gateway.ground.sealing import Sealer
from gateway.oidc.clients.admin import ClientAdministration, ClientError, NoSuchClientError
from gateway.oidc.clients.legacy_apps import AppAdministration, AppRegistration
from gateway.oidc.clients.registered_client import OAuthClient
from gateway.oidc.clients.registration import Credentials, Registration
from gateway.oidc.clients.views import client_view
from gateway.oidc.sessions.web_login import register_pages
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from tests.databases import open_database

MASTER_KEY = "nFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA2oIxRwP6tNQ"
pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
OWN = "https://gerbang.example/v1"
REASON = "its vendor knows no signatures"


def keys(kid="one"):
    return {"keys": [jwk.generate_key("EC", "P-521", {"kid": kid}).as_dict(private=False)]}


def said(client_id="dinkes-pelaporan", **changes):
    values = {
        "id": client_id,
        "title_id": "Pelaporan Dinkes",
        "title_en": "Health reporting",
        "owner": "Bidang Data, 0511-0000",
        "agency": "dinas-kesehatan",
        "purpose": "monthly figures of the health centres",
        "grant_types": ["client_credentials"],
        "scopes": ["client.read"],
        "credentials": {"jwks": keys()},
        "expires_at": NOW + timedelta(days=300),
        **changes,
    }
    return Registration(**values)


@pytest.fixture
async def database(database_url, anyio_backend):
    made = open_database(database_url)
    yield made
    await made.aclose()


@pytest.fixture
def clients(database):
    return ClientAdministration(database, Sealer(b"\3" * 32), lambda: NOW, {"dinas-kesehatan"}, OWN)


async def entries(database):
    async with database.session() as session:
        return [
            (entry.operation, entry.resource, entry.purpose, entry.principal)
            for entry in await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))
        ]


async def test_c20_a_secret_is_told_once_kept_as_a_fingerprint_and_runs_out(clients, database):
    until = NOW + timedelta(days=30)
    made = await clients.add(COMMAND_LINE, said(credentials={"secret_until": until, "secret_reason": REASON}))
    client = await clients.one("dinkes-pelaporan")
    assert made.secret not in repr(made) + repr(vars(client))
    proven = OAuthClient(client, Sealer(b"\3" * 32))
    assert proven.check_secret(made.secret, NOW)
    assert not proven.check_secret(made.secret, until)
    told = client_view(client, NOW)
    assert (told.auth_method, told.secret_until, told.secret_reason) == ("client_secret_basic", until, REASON)
    assert made.secret not in told.model_dump_json()
    for wrong in (NOW, NOW + timedelta(days=367)):
        with pytest.raises(ClientError):
            await clients.add(COMMAND_LINE, said("other", credentials={"secret_until": wrong, "secret_reason": REASON}))


async def test_j65_the_legal_basis_for_the_nik_is_kept_shown_and_on_record(clients, database):
    basis = "Pasal 79 UU 24/2013; PKS 470/12/DISDUKCAPIL/2026 ".ljust(110, "x")
    longest = "a" * 64
    app_of_people = {
        "grant_types": ["authorization_code"],
        "scopes": ["openid", "identity.nik"],
        "redirect_uris": ["https://app.example/back"],
        "credentials": {"jwks": keys()},
        "nik_legal_basis": basis,
    }
    made = (await clients.add(COMMAND_LINE, said(longest, **app_of_people))).client
    assert client_view(await clients.one(longest), NOW).nik_legal_basis == basis
    proven = OAuthClient(made, Sealer(b"\3" * 32))
    assert proven.get_allowed_scope("openid identity.nik") == "openid identity.nik"
    made.nik_legal_basis = None
    assert proven.get_allowed_scope("openid identity.nik") is None
    assert proven.get_allowed_scope("openid") == "openid"
    [(operation, _, purpose, _)] = await entries(database)
    assert (operation, purpose) == ("registerClient", f"administration of {longest}; NIK: {basis}")
    assert len(purpose) <= 200, "what the column holds"


async def test_what_a_client_proves_itself_by_can_be_replaced(clients, database):
    until = NOW + timedelta(days=30)
    await clients.add(COMMAND_LINE, said(credentials={"secret_until": until, "secret_reason": REASON}))
    with_keys = (await clients.rotate(COMMAND_LINE, "dinkes-pelaporan", Credentials(jwks=keys("two")))).client
    assert (with_keys.secret_hash, with_keys.secret_expires_at, with_keys.auth_method) == (
        None,
        None,
        "private_key_jwt",
    )
    assert client_view(with_keys, NOW).key_ids == ("two",)
    published = Credentials(jwks_uri="https://dinkes.example/jwks")
    moved = (await clients.rotate(COMMAND_LINE, "dinkes-pelaporan", published)).client
    assert (moved.jwks, moved.jwks_uri) == (None, "https://dinkes.example/jwks")
    secret = Credentials(secret_until=until, secret_reason=REASON)
    first = await clients.rotate(COMMAND_LINE, "dinkes-pelaporan", secret)
    second = await clients.rotate(COMMAND_LINE, "dinkes-pelaporan", secret)
    assert first.secret != second.secret
    assert not OAuthClient(second.client, Sealer(b"\3" * 32)).check_secret(first.secret, NOW)
    with pytest.raises(ClientError, match="Name the new credentials"):
        await clients.rotate(COMMAND_LINE, "dinkes-pelaporan", Credentials())
    public = said(
        "app",
        grant_types=["authorization_code"],
        scopes=["openid"],
        credentials={},
        redirect_uris=["https://a.example/"],
    )
    await clients.add(COMMAND_LINE, public)
    with pytest.raises(ClientError, match="is public"):
        await clients.rotate(COMMAND_LINE, "app", Credentials(jwks=keys()))


async def test_i63_every_deed_stands_in_the_access_log_and_none_without_it(clients, database):
    await clients.add(COMMAND_LINE, said())
    await clients.rotate(COMMAND_LINE, "dinkes-pelaporan", Credentials(jwks=keys("two")))
    await clients.expire(COMMAND_LINE, "dinkes-pelaporan", NOW + timedelta(days=1))
    await clients.withdraw(COMMAND_LINE, "dinkes-pelaporan")
    about = ("client", "administration of dinkes-pelaporan", "command-line")
    deeds = [(name, *about) for name in ("registerClient", "rotateClient", "expireClient", "withdrawClient")]
    assert await entries(database) == deeds
    with pytest.raises(ClientError, match="already"):
        await clients.add(COMMAND_LINE, said())
    for deed in (
        clients.rotate(COMMAND_LINE, "nobody", Credentials(jwks=keys())),
        clients.expire(COMMAND_LINE, "nobody", NOW),
        clients.withdraw(COMMAND_LINE, "nobody"),
        clients.one("nobody"),
    ):
        with pytest.raises(NoSuchClientError):
            await deed
    assert await entries(database) == deeds, "what was not done is not on record as done"


async def test_two_clients_cannot_be_the_same_resource(clients):
    await clients.add(COMMAND_LINE, said("one", resource="https://register.example/api"))
    with pytest.raises(ClientError, match="same resource"):
        await clients.add(COMMAND_LINE, said("two", resource="https://register.example/api"))


def about_an_app(**reached):
    return AppRegistration(
        id="kelurahan",
        title_id="Kelurahan",
        title_en="Ward",
        owner="Bidang Data",
        agency="dinas-kesehatan",
        purpose="letters of the wards",
        **reached,
    )


async def test_an_application_behind_a_proxy_is_ended_like_any_client_and_our_own_pages_are_not(clients, database):
    apps = AppAdministration(clients, lambda: NOW, "https://gerbang.example")
    await apps.add(COMMAND_LINE, about_an_app(origin="https://kelurahan.example"))
    with pytest.raises(ClientError, match="behind a proxy: it has no credentials"):
        await clients.rotate(COMMAND_LINE, "kelurahan", Credentials(jwks=keys()))
    await clients.expire(COMMAND_LINE, "kelurahan", NOW + timedelta(days=1))
    await clients.withdraw(COMMAND_LINE, "kelurahan")
    assert client_view(await clients.one("kelurahan"), NOW).state == "withdrawn"
    async with database.session() as session:
        await register_pages(session, "https://gerbang.example", NOW)
    for deed in (
        clients.expire(COMMAND_LINE, "gerbang-pages", NOW),
        clients.withdraw(COMMAND_LINE, "gerbang-pages"),
    ):
        with pytest.raises(ClientError, match="gateway's own"):
            await deed


async def test_what_is_longer_than_its_column_is_refused_and_not_only_by_postgresql(clients):
    path = "x" * (255 - len("https://register.example/"))
    await clients.add(COMMAND_LINE, said("one", resource=f"https://register.example/{path}"))
    with pytest.raises(ValidationError, match="resource"):
        said("two", resource=f"https://register.example/{path}x")


async def test_what_only_the_gateway_can_judge(clients):
    for changes, why in (
        ({"agency": "dinas-khayalan"}, "no agency"),
        ({"audiences": [OWN]}, "people's tokens"),
        ({"exchange_audiences": [OWN]}, "people's tokens"),
        ({"expires_at": NOW}, "lie in the future"),
        ({"expires_at": NOW + timedelta(days=800)}, "two years"),
    ):
        with pytest.raises(ClientError, match=why):
            await clients.add(COMMAND_LINE, said(**changes))
    await clients.add(COMMAND_LINE, said())
    with pytest.raises(ClientError, match="two years"):
        await clients.expire(COMMAND_LINE, "dinkes-pelaporan", NOW + timedelta(days=800))
    assert await clients.all()


async def test_a_withdrawn_client_takes_its_grants_along(clients, database):
    await clients.add(COMMAND_LINE, said())
    account = AccountRow(
        id="a", username="a", password_hash="", display_name="A", roles=[], locale="id", created_at=NOW
    )
    grants = [
        GrantRow(id=name, account_id="a", client_id=name, scopes=[], acr=1, auth_time=NOW, created_at=NOW)
        for name in ("dinkes-pelaporan", "other")
    ]
    await clients.add(COMMAND_LINE, said("other"))
    async with database.session() as session:
        session.add(account)
        await session.flush()
        session.add_all(grants)
    await clients.withdraw(COMMAND_LINE, "dinkes-pelaporan")
    async with database.session() as session:
        ended = {grant.id: grant.revoked_at is not None for grant in await session.scalars(select(GrantRow))}
        row = await session.get_one(ClientRow, "dinkes-pelaporan")
    assert ended == {"dinkes-pelaporan": True, "other": False}
    assert (row.jwks, client_view(row, NOW).state) == (None, "withdrawn")
    assert client_view(await clients.one("other"), NOW + timedelta(days=301)).state == "expired"


FILE = """
id = "dinkes-pelaporan"
title_id = "Pelaporan Dinkes"
title_en = "Health reporting"
owner = "Bidang Data, 0511-0000"
agency = "dinas-kesehatan"
purpose = "monthly figures of the health centres"
grant_types = ["client_credentials"]
scopes = ["client.read"]
quota = 60
expires_at = 2027-11-30T00:00:00+08:00

[credentials]
secret_until = 2027-06-30T00:00:00+08:00
secret_reason = "its vendor knows no signatures"
"""

APP_FILE = """
id = "dinkes-app"
title_id = "Aplikasi Dinkes"
title_en = "Health app"
owner = "Bidang Data, 0511-0000"
agency = "dinas-kesehatan"
purpose = "appointments at the health centres"
grant_types = ["authorization_code"]
scopes = ["openid"]
redirect_uris = ["https://dinkes.example/back"]
"""
BASIS = "Pasal 79 UU 24/2013; PKS 470/12/DISDUKCAPIL/2026"


@pytest.mark.anyio
async def test_origins_are_registered_and_replaced_by_command(tmp_path, monkeypatch):
    run, file = await commands(tmp_path, monkeypatch), tmp_path / "client.toml"
    file.write_text(f'{APP_FILE}origins = ["https://dinkes.example"]\n')
    told = await run("add", file, "--origin", "http://localhost:5173")
    assert "origins          https://dinkes.example http://localhost:5173\n" in told
    assert json.loads(await run("show", "dinkes-app"))["origins"] == ["https://dinkes.example", "http://localhost:5173"]
    assert "without a path" in await run("origins", "dinkes-app", "--origin", "https://dinkes.example/", fails=True)
    told = await run("origins", "dinkes-app", "--origin", "https://new.example", "--origin", "https://new.example")
    assert told.endswith("dinkes-app (https://new.example)\n")
    assert json.loads(await run("show", "dinkes-app"))["origins"] == ["https://new.example"]
    assert (await run("origins", "dinkes-app")).endswith("dinkes-app (–)\n")
    assert json.loads(await run("list", "--json"))[0]["origins"] == []
    file.write_text(FILE)
    await run("add", file)
    assert "has no code grant" in await run("origins", "dinkes-pelaporan", fails=True)
    await run("withdraw", "dinkes-app")
    assert "was withdrawn" in await run("origins", "dinkes-app", fails=True)


async def commands(tmp_path, monkeypatch):
    """`gerbang client …` over a database of its own; gives what is said on standard output, or why it failed."""
    home = {
        "GERBANG_HOME": str(tmp_path),
        "GERBANG_MASTER_KEY": MASTER_KEY,
        "GERBANG_ISSUER": "https://gerbang.example",
    }
    for name, value in home.items():
        monkeypatch.setenv(name, value)
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    await database.aclose()

    async def run(*arguments, fails=False):
        done = await asyncio.to_thread(CliRunner().invoke, app, ["client", *map(str, arguments)])
        assert (done.exit_code != 0) is fails, (done.output, done.exception)
        return str(done.exception) if fails else done.stdout

    return run


@pytest.mark.anyio
async def test_the_commands(tmp_path, monkeypatch):
    run = await commands(tmp_path, monkeypatch)
    file, jwks = tmp_path / "client.toml", tmp_path / "jwks.json"
    file.write_text(FILE)
    jwks.write_text(json.dumps(keys("two")))
    told = await run("add", file)
    assert told.startswith("Terdaftar. / Registered: dinkes-pelaporan\n")
    for line in (
        "auth_method      client_secret_basic",
        "scopes           client.read",
        "issuer https://gerbang.example",
    ):
        assert line in told
    secret = re.search(r"^  secret +(\S+)$", told, re.MULTILINE)[1]
    assert len(secret) == 43
    assert told.count(secret) == 1
    assert "already" in await run("add", file, fails=True)
    (listed,) = json.loads(await run("list", "--json"))
    assert (listed["id"], listed["state"], listed["quota"]) == ("dinkes-pelaporan", "standing", 60)
    assert "jwks             two" in await run("rotate", "dinkes-pelaporan", "--jwks", jwks)
    assert await run("rotate", "dinkes-pelaporan", "--jwks", jwks, "--quiet") == ""
    assert json.loads(await run("show", "dinkes-pelaporan"))["key_ids"] == ["two"]
    assert secret not in await run("show", "dinkes-pelaporan")
    assert "Ends on 2027-01-01: dinkes-pelaporan" in await run("expire", "dinkes-pelaporan", "2027-01-01")
    by_secret = ("rotate", "dinkes-pelaporan", "--secret-until", "2027-05-01", "--reason", REASON)
    assert len((await run(*by_secret, "--quiet")).strip()) == 43
    renewed = json.loads(await run(*by_secret, "--json"))
    assert (renewed["id"], len(renewed["secret"])) == ("dinkes-pelaporan", 43)
    assert "has no code grant" in await run("release-nik", "dinkes-pelaporan", BASIS, fails=True)
    for _ in range(2):
        assert (await run("withdraw", "dinkes-pelaporan")).endswith(": dinkes-pelaporan\n")
    assert "withdrawn" in await run("list")
    for late in (("rotate", "--jwks", jwks), ("expire", "2027-02-01"), ("release-nik", BASIS)):
        word, *more = late
        assert "was withdrawn" in await run(word, "dinkes-pelaporan", *more, fails=True)
    file.write_text(APP_FILE)
    told = await run("add", file)
    assert "redirect_uris    https://dinkes.example/back" in told
    assert "secret  " not in told
    assert await run("release-nik", "dinkes-app", "because", fails=True)
    assert (await run("release-nik", "dinkes-app", BASIS)).endswith(": dinkes-app\n")
    (line,) = [line for line in (await run("list")).splitlines() if line.startswith("dinkes-app")]
    assert line.endswith(f"NIK: {BASIS}")
    assert json.loads(await run("show", "dinkes-app"))["scopes"] == ["openid", "identity.nik"]
    file.write_text(FILE.replace("client.read", "nonsense"))
    assert await run("add", file, fails=True) == "There is no such scope."
    file.write_text("id = ")
    assert "cannot be read" in await run("add", file, fails=True)
    assert "cannot be read" in await run("add", tmp_path / "nowhere.toml", fails=True)
    assert "no client" in await run("show", "nobody", fails=True)
