"""A sign-in that is ended takes along what came of it, and leaves the others alone."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.authentication.errors import NotAuthenticatedError
from gateway.identity.sign_in_end import end_sign_ins
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.logouts import LogoutNoticeRow
from gateway.storage.tables.sessions import LoginSessionRow

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sign_ins(world):
    """Two sign-ins of one account: in `one` it has used two clients, in `other` one."""
    at = world.clock()
    silent = ClientRow(
        id="silent",
        auth_method="none",
        native=True,
        title_id="-",
        title_en="-",
        sector="x",
        redirect_uris=[],
        scopes=[],
        grant_types=[],
        created_at=at,
    )
    async with world.database.session() as session:
        (await session.get_one(ClientRow, "app")).backchannel_logout_uri = "https://app.example/logout"
        session.add(silent)
        await session.flush()
        for name, cookie in (("one", "a"), ("one", "b"), ("other", "c")):
            session.add(
                LoginSessionRow(
                    id_hash=cookie,
                    session_id=name,
                    account_id="account-1",
                    acr=1,
                    auth_time=at,
                    seen_at=at,
                    expires_at=at,
                )
            )
        for number, (name, client) in enumerate([("one", "app"), ("one", "app"), ("one", "silent"), ("other", "app")]):
            session.add(
                GrantRow(
                    id=f"given-{number}",
                    account_id="account-1",
                    client_id=client,
                    session_id=name,
                    scopes=[],
                    acr=1,
                    auth_time=at,
                    created_at=at,
                    revoked_at=at if number == 0 else None,
                )
            )


async def test_f45_the_end_takes_the_session_and_its_grants_and_nothing_else(world, sign_ins):
    token = world.token(grant="given-1")
    assert await world.call(token)
    world.clock.forward(minutes=1)
    async with world.database.session() as session:
        await end_sign_ins(session, ["one"], world.clock())
    async with world.database.session() as session:
        ended = {row.id_hash for row in await session.scalars(select(LoginSessionRow)) if row.ended_at}
        standing = {row.id for row in await session.scalars(select(GrantRow)) if not row.revoked_at}
        notices = [(n.session_id, n.client_id, n.tries) for n in await session.scalars(select(LogoutNoticeRow))]
    assert ended == {"a", "b"}
    assert standing == {"grant-1", "given-3"}
    assert notices == [("one", "app", 0)]
    with pytest.raises(NotAuthenticatedError):
        await world.call(token)
    assert await world.call(world.token(grant="given-3"))


async def test_ending_twice_and_at_once_tells_each_client_once(world, sign_ins):
    async def end():
        async with world.database.session() as session:
            await end_sign_ins(session, ["one", "other"], world.clock())

    await asyncio.gather(*(end() for _ in range(8)))
    async with world.database.session() as session:
        notices = sorted(n.session_id for n in await session.scalars(select(LogoutNoticeRow)))
    assert notices == ["one", "other"]
