"""Rate limits of guesses, and of requests for messages with codes; shared by all processes.

They reveal no accounts and lock no account out permanently. Counts are stored in the database, by fingerprint, for a
quarter of an hour from the first attempt; later attempts do not extend it. An attempt is counted before its secret is
checked, so that parallel guesses count too. One address adds at most `PER_PAIR` to an account's count, so that only
many addresses together can fill it. A browser in which the account has signed in before has a separate count, which
other browsers cannot fill.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ground.client_address import client_network
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.storage.engine import Database
from gateway.storage.tables.factors import GuessCountRow
from gateway.storage.upsert import insert_into

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ACCOUNT, PER_ADDRESS, PER_BROWSER, PER_FACTOR = 5, 30, 60, 10, 5

Counted = tuple[str, int]
"""What is counted (its name), and the limit within `WINDOW`."""


class GuessLimit:
    """Counts attempts, for existing and missing accounts alike."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def attempt(self, counted: Sequence[Counted]) -> float | None:
        """Count an attempt; None if it may proceed, else the seconds to wait. A full count ends the counting."""
        at = self._clock()
        async with self._database.begin() as connection:
            for name, limit in counted:
                count, ends = await self._add(connection, name, at)
                if count > limit:
                    return max(1.0, (ends - at).total_seconds())
        return None

    async def record_success(self, counted: Sequence[Counted]) -> None:
        """Record a successful attempt: reset the first count, and take the attempt off the others."""
        keys = [self._key(name) for name, _ in counted]
        async with self._database.begin() as connection:
            await connection.execute(delete(GuessCountRow).where(GuessCountRow.key == keys[0]))
            for key in keys[1:]:
                await connection.execute(
                    update(GuessCountRow)
                    .where(GuessCountRow.key == key, GuessCountRow.count > 0)
                    .values(count=GuessCountRow.count - 1)
                )

    async def delete_expired(self) -> None:
        """Delete expired counts."""
        async with self._database.begin() as connection:
            await connection.execute(delete(GuessCountRow).where(GuessCountRow.ends_at <= self._clock()))

    async def _add(self, connection: AsyncConnection, name: str, at: datetime) -> tuple[int, datetime]:
        over = GuessCountRow.ends_at <= at
        row = insert_into(GuessCountRow, connection.dialect.name).values(
            key=self._key(name), count=1, ends_at=at + WINDOW
        )
        counted = row.on_conflict_do_update(
            index_elements=[GuessCountRow.key],
            set_={
                "count": case((over, 1), else_=GuessCountRow.count + 1),
                "ends_at": case((over, at + WINDOW), else_=GuessCountRow.ends_at),
            },
        ).returning(GuessCountRow.count, GuessCountRow.ends_at)
        count, ends = (await connection.execute(counted)).one()
        return count, ends

    def _key(self, name: str) -> str:
        return self._sealer.fingerprint("guess", name)


def sign_in_counts(username: str, address: str, known_browser: str | None = None) -> list[Counted]:
    """Counts of a sign-in attempt; `known_browser` is one in which this account has signed in before."""
    if known_browser is not None:
        return [(f"browser {known_browser}", PER_BROWSER)]
    network = client_network(address)
    return [
        (f"pair {username} {network}", PER_PAIR),
        (f"address {network}", PER_ADDRESS),
        (f"account {username}", PER_ACCOUNT),
    ]


def factor_counts(account_id: str) -> list[Counted]:
    """Counts of an attempt at a second factor, after the password."""
    return [(f"factor {account_id}", PER_FACTOR)]


def address_counts(what: str, address: str) -> list[Counted]:
    """Counts of an attempt of which only the address is known."""
    return [(f"{what} from {client_network(address)}", PER_ADDRESS)]


def message_counts(what: str, about: str, address: str) -> list[Counted]:
    """Counts of a request that sends a message: per recipient, and per address."""
    network = client_network(address)
    return [(f"{what} to {about} from {network}", 3), (f"{what} from {network}", 20), (f"{what} to {about}", 6)]
