"""A MariaDB connection that limits the bytes it reads, and sends no credentials to a server without required TLS."""

import ssl
from typing import Any, Self

import aiomysql
from pymysql.constants import CLIENT, CR
from pymysql.err import OperationalError
from sqlalchemy import URL

from gateway.upstream.sql.errors import TooLargeError


class MariaDbConnection(aiomysql.Connection):  # type: ignore[misc]  # the driver has no types
    """The driver's connection with two additions: a byte limit and mandatory TLS."""

    @classmethod
    async def opened(cls, url: URL, tls: ssl.SSLContext | None, patience: float) -> Self:
        """Connect and sign in within `patience` seconds, over TLS where a context is given. Raises pymysql's errors."""
        connection = cls(
            host=url.host or "127.0.0.1",
            port=url.port or 3306,
            user=url.username,
            password=url.password or "",
            db=url.database,
            charset="utf8mb4",
            connect_timeout=patience,
            ssl=tls,
            local_infile=False,
        )
        # `aiomysql.connect` does no more than this with its own connection class.
        await connection._connect()
        # The driver reads through this one attribute; no public interface bounds the bytes.
        connection._reader = _MeteredReader(connection._reader)
        return connection

    def limit_bytes(self, count: int) -> None:
        """Allow at most `count` more bytes; more raise `TooLargeError`."""
        self._reader.left = count

    async def _request_authentication(self) -> None:
        """Sign in. Raises when TLS is required and not offered: the driver would continue without TLS."""
        if self._ssl_context and not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(CR.CR_SSL_CONNECTION_ERROR, "the server offers no TLS")
        await super()._request_authentication()


class _MeteredReader:
    """Limits the bytes read from a connection, so that no cell can exceed our memory."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - the stream reader of a driver that has no types
        self._reader = reader
        self.left: int | None = None

    async def readexactly(self, count: int) -> bytes:
        """The next bytes. Raises `TooLargeError` over the limit."""
        if self.left is not None:
            self.left -= count
            if self.left < 0:
                raise TooLargeError
        content: bytes = await self._reader.readexactly(count)
        return content
