"""Guessing is limited for all processes together, and nobody can lock somebody else out."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.identity.guess_limits import PER_ACCOUNT, PER_ADDRESS, PER_PAIR, WINDOW, GuessLimit, sign_in_counts
from gateway.storage.tables.factors import GuessCountRow

pytestmark = pytest.mark.anyio


async def test_f47_two_processes_count_together_and_parallel_guesses_count(either_database, sealer, clock):
    one, other = (GuessLimit(either_database, sealer, clock) for _ in range(2))
    counted = sign_in_counts("galuh", "192.0.2.1")
    waits = await asyncio.gather(*((one, other)[turn % 2].attempt(counted) for turn in range(16)))
    assert sorted(wait is None for wait in waits) == [False] * (16 - PER_PAIR) + [True] * PER_PAIR
    assert {wait for wait in waits if wait} == {WINDOW.total_seconds()}


async def test_f47_trying_on_does_not_prolong_the_wait(database, sealer, clock):
    limit = GuessLimit(database, sealer, clock)
    counted = sign_in_counts("galuh", "192.0.2.1")
    for _ in range(PER_PAIR):
        assert await limit.attempt(counted) is None
    clock.forward(timedelta(minutes=10))
    assert await limit.attempt(counted) == 300
    clock.forward(timedelta(minutes=5))
    assert await limit.attempt(counted) is None


async def test_f47_one_address_cannot_use_up_an_account_and_a_known_browser_is_not_locked_out(database, sealer, clock):
    limit = GuessLimit(database, sealer, clock)
    for _ in range(PER_ACCOUNT + 5):
        await limit.attempt(sign_in_counts("galuh", "198.51.100.66"))
    assert await limit.attempt(sign_in_counts("galuh", "192.0.2.1")) is None
    for host in range(PER_ACCOUNT):
        await limit.attempt(sign_in_counts("galuh", f"198.51.100.{host}"))
    assert await limit.attempt(sign_in_counts("galuh", "192.0.2.2")) is not None
    assert await limit.attempt(sign_in_counts("galuh", "192.0.2.2", "a-known-browser")) is None


async def test_f47_an_address_counts_for_all_accounts_and_a_household_is_one(database, sealer, clock):
    limit = GuessLimit(database, sealer, clock)
    waits = [await limit.attempt(sign_in_counts(f"user-{n}", f"2001:db8::{n:x}")) for n in range(PER_ADDRESS + 1)]
    assert [wait is None for wait in waits] == [True] * PER_ADDRESS + [False]
    assert await limit.attempt(sign_in_counts("user-x", "2001:db8:0:1::1")) is None


async def test_a_success_is_taken_back_and_what_is_over_is_forgotten(database, sealer, clock):
    limit = GuessLimit(database, sealer, clock)
    counted = sign_in_counts("galuh", "192.0.2.1")
    for _ in range(3 * PER_PAIR):
        assert await limit.attempt(counted) is None
        await limit.record_success(counted)
    async with database.session() as session:
        rows = (await session.scalars(select(GuessCountRow))).all()
    assert {row.count for row in rows} == {0}
    assert not [row for row in rows if "galuh" in row.key], "what was tried does not stand in the database"
    clock.forward(WINDOW)
    await limit.delete_expired()
    async with database.session() as session:
        assert (await session.scalars(select(GuessCountRow))).all() == []
