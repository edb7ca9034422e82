"""A connection to a MariaDB server that takes in no more than it may, and tells no account to a server without TLS."""

import ssl
from typing import Any, Self

import aiomysql
from pymysql.constants import CLIENT, CR
from pymysql.err import OperationalError
from sqlalchemy import URL

from gateway.upstream.sql.errors import TooLargeError


class MariaDbConnection(aiomysql.Connection):  # type: ignore[misc]  # the driver has no types
    """The driver's own, with two things that it does not offer."""

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
        # This is all that `aiomysql.connect` does with a connection of its own kind.
        await connection._connect()
        # The driver reads through this one attribute; nothing public bounds what it takes in.
        connection._reader = _MeteredReader(connection._reader)
        return connection

    def takes_in(self, count: int) -> None:
        """From now on at most `count` bytes are read; more is `TooLargeError`."""
        self._reader.left = count

    async def _request_authentication(self) -> None:
        """Sign in. A server that offers no TLS where it is wanted is told nothing: the driver would go on without."""
        if self._ssl_context and not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(CR.CR_SSL_CONNECTION_ERROR, "the server offers no TLS")
        await super()._request_authentication()


class _MeteredReader:
    """Reads from a connection only as many bytes as are allowed, so that no cell is ever too large for our memory."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - the stream reader of a driver that has no types
        self._reader = reader
        self.left: int | None = None

    async def readexactly(self, count: int) -> bytes:
        """The next bytes, or `TooLargeError`."""
        if self.left is not None:
            self.left -= count
            if self.left < 0:
                raise TooLargeError
        content: bytes = await self._reader.readexactly(count)
        return content
