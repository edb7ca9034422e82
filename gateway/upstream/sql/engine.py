"""The SQL engine: one statement in a session of its own, bounded in time, rows and bytes. Parameters are only bound."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.contract import SqlOfficeSettings
from adapters.errors import UpstreamMalformedError
from adapters.upstream import Declined, Executed, SqlValue
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.sql.dialects import StatementBounds, dialect_of, opening
from gateway.upstream.sql.errors import TooLargeError, declined, meaning

Parameters = Mapping[str, SqlValue]
Row = Mapping[str, object]

_AT_A_TIME: Final = 64
_CELL: Final = 8


class SqlEngine:
    """Connections to one office's database."""

    def __init__(self, settings: SqlOfficeSettings, slots: int, patience: float) -> None:
        self._dialect = dialect_of(settings, slots, patience)

    async def rows(self, statement: str, parameters: Parameters, bounds: StatementBounds) -> tuple[Row, ...]:
        """All rows of a query, or an error of the tree: never only some of them."""
        try:
            opening(bounds)
            async with self._dialect.reading.connect() as connection:
                await self._dialect.begin(connection, bounds, writes=False)
                return await _collected(connection, self._dialect.held(statement, bounds), parameters, bounds)
        except UpstreamMalformedError:
            raise
        except Exception as error:  # noqa: BLE001 - of whichever driver; its text may hold what was asked
            meant = meaning(error)
        raise meant

    async def execute(
        self, statement: str, parameters: Parameters, bounds: StatementBounds, trip: UpstreamRequest
    ) -> Executed | Declined:
        """Carry out one change, whole or not at all; `trip.left` is set before it can have reached the database."""
        try:
            opening(bounds)
            async with self._dialect.writing.connect() as connection:
                await self._dialect.begin(connection, bounds, writes=True)
                trip.left = True
                done = await connection.execute(text(statement), dict(parameters))
                number = done.lastrowid if self._dialect.numbers_rows else None
                executed = Executed(done.rowcount, number or None)
                await connection.commit()
                return executed
        except DBAPIError as error:
            said = declined(error)
            meant = meaning(error)
        except Exception as error:  # noqa: BLE001 - as above
            said, meant = None, meaning(error)
        if said is not None:
            return said
        raise meant

    async def aclose(self) -> None:
        """Close every connection."""
        await self._dialect.reading.dispose()
        await self._dialect.writing.dispose()


async def _collected(
    connection: AsyncConnection, statement: str, parameters: Parameters, bounds: StatementBounds
) -> tuple[Row, ...]:
    found: list[Row] = []
    left = bounds.max_bytes
    async with aclosing(_read(connection, statement, parameters)) as reading:
        async for row in reading:
            left -= sum(_size(value, bounds.max_cell) for value in row.values())
            if left < 0:
                raise TooLargeError
            if len(found) == bounds.rows:
                raise UpstreamMalformedError("the database has more rows than were asked for")
            found.append(row)
    return tuple(found)


async def _read(connection: AsyncConnection, statement: str, parameters: Parameters) -> AsyncGenerator[Row, None]:
    if connection.dialect.driver == "aiomysql":
        # Its unbuffered cursor reads on to the end when it is closed; what it takes in is metered on the way instead.
        try:
            whole = await connection.execute(text(statement), dict(parameters))
        except TooLargeError:
            await connection.invalidate()
            raise
        for row in whole.mappings():
            yield dict(row)
        return
    result = await connection.stream(text(statement), dict(parameters))
    try:
        async for part in result.mappings().partitions(_AT_A_TIME):
            for row in part:
                yield dict(row)
    finally:
        # As a context manager it is not closed when something went wrong.
        with suppress(SQLAlchemyError):
            await result.close()


def _size(value: object, max_cell: int) -> int:
    size = len(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else _CELL
    size = len(value) if isinstance(value, bytes | bytearray) else size
    if size > max_cell:
        raise TooLargeError
    return size
