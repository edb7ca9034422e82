"""The SQL engine: one statement per session, bounded in time, rows and bytes. Parameters are always bound."""

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
from gateway.upstream.sql.dialects import StatementBounds, dialect_of, set_connection_bounds
from gateway.upstream.sql.errors import TooLargeError, adapter_error_for, declined_by_rule

Parameters = Mapping[str, SqlValue]
Row = Mapping[str, object]

_PARTITION: Final = 64
_FIXED_CELL_BYTES: Final = 8


class SqlEngine:
    """Connections to one office's database."""

    def __init__(self, settings: SqlOfficeSettings, slots: int, patience: float) -> None:
        self._dialect = dialect_of(settings, slots, patience)

    async def rows(self, statement: str, parameters: Parameters, bounds: StatementBounds) -> tuple[Row, ...]:
        """Return all rows of a query, or raise an `AdapterError`; never a part of the rows."""
        try:
            set_connection_bounds(bounds)
            async with self._dialect.reading.connect() as connection:
                await self._dialect.begin(connection, bounds, writes=False)
                return await _collect(connection, self._dialect.bounded_query(statement, bounds), parameters, bounds)
        except UpstreamMalformedError:
            raise
        except Exception as error:  # noqa: BLE001 - of any driver; its text may contain the parameters
            failure = adapter_error_for(error)
        raise failure

    async def execute(
        self, statement: str, parameters: Parameters, bounds: StatementBounds, call_state: UpstreamRequest
    ) -> Executed | Declined:
        """Execute one change atomically; `call_state.maybe_sent` is set before it can have reached the database."""
        try:
            set_connection_bounds(bounds)
            async with self._dialect.writing.connect() as connection:
                await self._dialect.begin(connection, bounds, writes=True)
                call_state.maybe_sent = True
                done = await connection.execute(text(statement), dict(parameters))
                number = done.lastrowid if self._dialect.numbers_rows else None
                executed = Executed(done.rowcount, number or None)
                await connection.commit()
                return executed
        except DBAPIError as error:
            declined = declined_by_rule(error)
            failure = adapter_error_for(error)
        except Exception as error:  # noqa: BLE001 - as above
            declined, failure = None, adapter_error_for(error)
        if declined is not None:
            return declined
        raise failure

    async def aclose(self) -> None:
        """Close every connection."""
        await self._dialect.reading.dispose()
        await self._dialect.writing.dispose()


async def _collect(
    connection: AsyncConnection, statement: str, parameters: Parameters, bounds: StatementBounds
) -> tuple[Row, ...]:
    found: list[Row] = []
    remaining = bounds.max_bytes
    async with aclosing(_read(connection, statement, parameters)) as reading:
        async for row in reading:
            remaining -= sum(_size(value, bounds.max_cell) for value in row.values())
            if remaining < 0:
                raise TooLargeError
            if len(found) == bounds.rows:
                raise UpstreamMalformedError("the database has more rows than were asked for")
            found.append(row)
    return tuple(found)


async def _read(connection: AsyncConnection, statement: str, parameters: Parameters) -> AsyncGenerator[Row, None]:
    if connection.dialect.driver == "aiomysql":
        # Its unbuffered cursor reads to the end when it is closed; the connection counts the bytes instead.
        try:
            buffered = await connection.execute(text(statement), dict(parameters))
        except TooLargeError:
            await connection.invalidate()
            raise
        for row in buffered.mappings():
            yield dict(row)
        return
    result = await connection.stream(text(statement), dict(parameters))
    try:
        async for part in result.mappings().partitions(_PARTITION):
            for row in part:
                yield dict(row)
    finally:
        # As a context manager it is not closed after an error.
        with suppress(SQLAlchemyError):
            await result.close()


def _size(value: object, max_cell: int) -> int:
    size = len(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else _FIXED_CELL_BYTES
    size = len(value) if isinstance(value, bytes | bytearray) else size
    if size > max_cell:
        raise TooLargeError
    return size
