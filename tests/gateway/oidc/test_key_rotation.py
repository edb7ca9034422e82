"""Signing keys rotate: published, then signing, then retired; several processes agree, and none is started again."""

import asyncio
import json
import os
from itertools import pairwise

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.jose import PrivateKey, read_token
from gateway.cli import app
from gateway.oidc.provider import Provider
from gateway.oidc.tokens.key_rotation import KeyRotation, KeyRotationError
from gateway.oidc.tokens.signing_keys import SigningKeys
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.signing_keys import SigningKeyRow
from tests.databases import open_database

MASTER_KEY = "nFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA2oIxRwP6tNQ"
pytestmark = pytest.mark.anyio


@pytest.fixture
def rotation(house):
    house.clock.forward(seconds=1)  # the first key is older than whatever comes now
    return KeyRotation(house.database, house.sealer, house.clock)


@pytest.fixture(autouse=True)
def reading_always(monkeypatch):
    """As if half a minute had passed between any two requests."""
    monkeypatch.setattr(SigningKeys, "REREAD_SECONDS", 0.0)


async def another_process(house):
    provider = Provider(house.database, house.sealer, house.settings, clock=house.clock, passwords=house.passwords)
    await provider.start()
    return provider


async def published(http):
    return {key["kid"] for key in (await http.get("/oauth2/jwks")).json()["keys"]}


def signer(token):
    return read_token(token).header["kid"]


async def test_k70_publish_then_sign_then_retire(house, http, rotation):
    old_token = (await house.tokens(house.mobile()))["access_token"]
    old = signer(old_token)
    new = (await rotation.rotate(COMMAND_LINE)).kid
    assert await published(http) == {old, new}
    house.clock.forward(minutes=9, seconds=59)
    last_of_old = (await house.tokens(house.mobile()))["access_token"]
    assert signer(last_of_old) == old
    house.clock.forward(seconds=1)
    first_of_new = (await house.tokens(house.mobile()))["access_token"]
    assert signer(first_of_new) == new
    assert await published(http) == {old, new}
    house.clock.forward(minutes=9, seconds=58)
    for token in (last_of_old, first_of_new):
        assert await house.authenticator()(f"Bearer {token}"), "a token is good until its end"
    house.clock.forward(minutes=5, seconds=2)
    assert await published(http) == {new}
    late = PrivateKey.read(house.provider.keys.signing().content())
    assert late.kid == new
    assert [one.state for one in await rotation.states()] == ["retired", "signing"]


async def test_k70_two_processes_change_over_together_without_a_restart(either_house):
    house = either_house
    rotation = KeyRotation(house.database, house.sealer, house.clock)
    ours, theirs = house.provider, await another_process(house)
    for minutes in (0, 9, 1, 20):
        if minutes == 9:
            await rotation.rotate(COMMAND_LINE)
        house.clock.forward(minutes=minutes)
        mints = [await provider.mint() for provider in (ours, theirs)]
        assert len({mint.key.kid for mint in mints}) == 1, minutes
    token = (await house.tokens(house.mobile()))["access_token"]
    assert await theirs.authenticator()(f"Bearer {token}")
    assert (await theirs.keys.document()) == (await ours.keys.document())


async def test_k70_a_leaked_key_is_replaced_at_once_and_refused(house, rotation):
    stolen = house.provider.keys.signing()
    token = (await house.tokens(house.mobile()))["access_token"]
    assert signer(token) == stolen.kid
    with pytest.raises(KeyRotationError, match="signs at present"):
        await rotation.retire(COMMAND_LINE, stolen.kid)
    new = await rotation.rotate(COMMAND_LINE, at_once=True)
    assert signer((await house.tokens(house.mobile()))["access_token"]) == new.kid
    assert await house.authenticator()(f"Bearer {token}")
    await rotation.retire(COMMAND_LINE, stolen.kid)
    with pytest.raises(NotAuthenticatedError):
        await house.authenticator()(f"Bearer {token}")
    with pytest.raises(KeyRotationError, match="no signing key"):
        await rotation.retire(COMMAND_LINE, "nothing")


async def test_k70_in_an_emergency_a_key_whose_turn_was_still_to_come_never_signs(house, http, rotation):
    waiting = await rotation.rotate(COMMAND_LINE)
    house.clock.forward(minutes=1)
    made = await rotation.rotate(COMMAND_LINE, at_once=True)
    assert await published(http) == {made.kid, *await accepted(rotation)}
    assert waiting.kid not in await published(http)
    for minutes in (0, 9, 5):
        house.clock.forward(minutes=minutes)
        token = (await house.tokens(house.mobile()))["access_token"]
        assert signer(token) == made.kid
        house.clock.forward(minutes=9)
        assert await house.authenticator()(f"Bearer {token}"), "a token is good until its end"


async def test_k70_in_an_emergency_the_old_key_is_accepted_no_longer_than_its_tokens_live(house, rotation):
    await rotation.rotate(COMMAND_LINE)
    house.clock.forward(minutes=1)
    made = await rotation.rotate(COMMAND_LINE, at_once=True)
    house.clock.forward(minutes=15)
    assert [one.kid for one in await rotation.states() if one.state != "retired"] == [made.kid]


async def accepted(rotation):
    return [one.kid for one in await rotation.states() if one.state == "accepted"]


async def test_k70_one_rotation_at_a_time(house, rotation):
    await rotation.rotate(COMMAND_LINE)
    with pytest.raises(KeyRotationError, match="published already"):
        await rotation.rotate(COMMAND_LINE)
    house.clock.forward(minutes=10)
    await rotation.rotate(COMMAND_LINE)
    states = await rotation.states()
    assert [one.state for one in states] == ["accepted", "signing", "published"]


async def test_k70_a_key_that_is_made_before_the_first_start_signs_at_once(house, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'unused.db'}")
    try:
        await asyncio.to_thread(migrate, database)
        made = await KeyRotation(database, house.sealer, house.clock).rotate(COMMAND_LINE)
        keys = SigningKeys(database, house.sealer, house.clock)
        await keys.start()
        assert (made.state, keys.signing().kid) == ("signing", made.kid)
    finally:
        await database.aclose()


async def test_k70_keys_are_kept_sealed_and_every_rotation_is_on_record(house, rotation):
    made = await rotation.rotate(COMMAND_LINE)
    async with house.database.session() as session:
        rows = (await session.scalars(select(SigningKeyRow))).all()
        entries = (await session.scalars(select(AccessEntryRow))).all()
    assert all(b"kty" not in row.private_sealed for row in rows)
    assert [(entry.operation, entry.principal, entry.purpose) for entry in entries] == [
        ("rotateKeys", "command-line", f"administration of {made.kid}")
    ]


async def test_the_database_is_read_every_half_minute_of_use(house, monkeypatch):
    monkeypatch.undo()
    at = [0.0]
    keys = SigningKeys(house.database, house.sealer, house.clock, monotonic=lambda: at[0])
    await keys.start()
    made = await KeyRotation(house.database, house.sealer, house.clock).rotate(COMMAND_LINE)
    at[0] = 29.9
    assert len((await keys.document())["keys"]) == 1
    at[0] = 30.0
    assert len((await keys.document())["keys"]) == 2
    assert (await keys.find(made.kid)).kid == made.kid


class Ticks:
    """A monotonic clock that moves when somebody sleeps, and a little with each look."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def __call__(self):
        self.now += 1e-6
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def searching(house, monkeypatch):
    """A process that has its keys, the clock it goes by, and how often it has read them from the database."""
    monkeypatch.undo()
    ticks, reads = Ticks(), []
    keys = SigningKeys(house.database, house.sealer, house.clock, monotonic=ticks, sleep=ticks.sleep)
    await keys.start()
    read = keys._read

    async def counted():
        reads.append(ticks.now)
        await read()

    monkeypatch.setattr(keys, "_read", counted)
    return keys, ticks, reads


async def test_d31_a_key_that_another_process_has_just_made_is_found_at_once(searching, rotation):
    keys, ticks, reads = searching
    for number in range(3):
        assert await keys.find(f"made up {number}") is None
        made = await rotation.rotate(COMMAND_LINE, at_once=True)
        assert (await keys.find(made.kid)).kid == made.kid, "somebody's made-up key does not keep ours from being found"
    assert max(ticks.slept) <= SigningKeys.SEARCH_SECONDS
    assert len(reads) <= 6
    assert (await keys.find(made.kid)).kid == made.kid
    assert len(reads) <= 6


async def test_d31_made_up_keys_have_the_database_read_once_a_second(searching, monkeypatch):
    keys, ticks, reads = searching
    monkeypatch.setattr(SigningKeys, "MAX_MISSED", 20)
    for wave in range(5):
        found = await asyncio.gather(*(keys.find(f"made up {wave} {number}") for number in range(50)))
        assert set(found) == {None}
    assert len(reads) == 5
    assert all(later - earlier >= SigningKeys.SEARCH_SECONDS for earlier, later in pairwise(reads))
    assert len(keys._missed) == 20
    at = ticks.now
    for _ in range(50):
        assert await keys.find("made up 4 49") is None
    assert (len(reads), ticks.now - at < 0.1) == (5, True), "one that was missed is refused without waiting"


async def test_d31_whoever_waits_goes_on_when_the_first_one_goes_away(searching, rotation):
    keys, _, _ = searching
    await keys.find("made up")
    made = await rotation.rotate(COMMAND_LINE, at_once=True)
    impatient, patient = (asyncio.create_task(keys.find(kid)) for kid in ("another", made.kid))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).kid == made.kid


async def test_the_command_rotates_and_lists(tmp_path, monkeypatch):
    home = {
        "GERBANG_HOME": str(tmp_path),
        "GERBANG_MASTER_KEY": MASTER_KEY,
        "GERBANG_ISSUER": "https://gerbang.example",
    }
    for name, value in home.items():
        monkeypatch.setenv(name, value)
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    await database.aclose()

    def run(*arguments):
        done = CliRunner().invoke(app, ["keys", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    made = (await asyncio.to_thread(run, "rotate", "--now")).strip()
    listed = json.loads(await asyncio.to_thread(run, "list", "--json"))
    assert [(key["kid"], key["state"]) for key in listed] == [(made, "signing")]
    further = (await asyncio.to_thread(run, "rotate", "--now")).strip()
    await asyncio.to_thread(run, "retire", "--", made)
    assert further in await asyncio.to_thread(run, "list")
    refused = await asyncio.to_thread(CliRunner().invoke, app, ["keys", "retire", "--", further])
    assert "signs at present" in str(refused.exception)
    assert os.environ["GERBANG_HOME"] == str(tmp_path)
