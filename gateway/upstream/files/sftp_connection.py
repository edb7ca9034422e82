"""The connection to an SFTP server: opened when first used, kept, and opened again when it is lost.

The server is verified only by the host keys in the settings. The SSH configuration of this machine is ignored: no
`~/.ssh`, no agent, no known-hosts file. Compression is off, so that received data cannot expand.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncssh

from adapters.contract import SftpServer
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from gateway.ground.deadline import Deadline
from gateway.upstream.files.file_system import FileUnavailableError
from gateway.upstream.settings import UpstreamSettings

_KEEPALIVE_SECONDS: Final = 15
_KEEPALIVE_MISSES: Final = 2
_CLOSE_GRACE: Final = 0.25
_CONNECTION_ERRORS: Final = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.ConnectionLost, OSError)


class SftpLostError(UpstreamUnavailableError):
    """The connection was lost, so the outcome of the last request is unknown."""


class SftpConnection:
    """The SFTP connection of one office."""

    def __init__(self, server: SftpServer, settings: UpstreamSettings) -> None:
        self._server = server
        self._settings = settings
        self._connecting = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._refusal: str | None = None
        self._refused_at = 0.0

    @asynccontextmanager
    async def client(self, deadline: Deadline) -> AsyncIterator[asyncssh.SFTPClient]:
        """The client, until the deadline. Errors become `AdapterError`s, whose texts contain no file names."""
        remaining = max(0.0, deadline.remaining())
        limit = asyncio.timeout(remaining)
        drop_timer: asyncio.TimerHandle | None = None
        try:
            async with limit:
                client = await self._connected()
                # At the deadline the open handles are closed; a server that hangs does not answer this either.
                delay = deadline.remaining() + _CLOSE_GRACE
                drop_timer = asyncio.get_running_loop().call_later(delay, self._drop_if_current, self._connection)
                yield client
        except (asyncssh.Error, OSError) as error:
            if limit.expired():
                raise UpstreamTimeoutError("the deadline passed while waiting for the server") from None
            failure = _translated(error)
        else:
            return
        finally:
            if drop_timer is not None:
                drop_timer.cancel()
        if isinstance(failure, SftpLostError | UpstreamMalformedError):
            self._drop()
        raise failure

    async def aclose(self) -> None:
        """Close the connection."""
        connection = self._connection
        self._drop()
        if connection is not None:
            await connection.wait_closed()

    async def _connected(self) -> asyncssh.SFTPClient:
        """Return the client of an open connection. One call connects; concurrent calls wait for it."""
        async with self._connecting:
            if self._client is not None and self._connection is not None and not self._connection.is_closed():
                return self._client
            self._drop()
            if self._refusal is not None and time.monotonic() - self._refused_at < self._pause:
                raise CredentialsRefusedError(self._refusal)
            try:
                self._connection = await self._connect()
                self._client = await self._connection.start_sftp_client(sftp_version=3)
            except (asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable) as error:
                # Further attempts could lock the account, or send the password to an impostor repeatedly.
                self._refusal, self._refused_at = _refusal(error), time.monotonic()
                raise CredentialsRefusedError(self._refusal) from None
            except BaseException:
                self._drop()
                raise
            return self._client

    @property
    def _pause(self) -> float:
        return self._settings.login_again.total_seconds()

    async def _connect(self) -> asyncssh.SSHClientConnection:
        server = self._server
        within = self._settings.connect_within.total_seconds()
        password = None if server.password is None else server.password.get_secret_value()
        key = None if server.private_key is None else server.private_key.get_secret_value()
        try:
            host_keys = [asyncssh.import_public_key(written) for written in server.host_keys]
            own_keys = None if key is None else [asyncssh.import_private_key(key)]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            raise CredentialsRefusedError("a key in the settings of the server cannot be parsed") from None
        try:
            server.host.encode("idna")
        except UnicodeError:
            raise UpstreamUnavailableError("the server's host name is not valid") from None
        return await asyncssh.connect(
            server.host,
            server.port,
            config=None,
            known_hosts=(host_keys, [], []),
            username=server.username,
            password=password,
            client_keys=own_keys,
            agent_path=None,
            gss_host=None,
            x509_trusted_certs=None,
            host_based_auth=False,
            kbdint_auth=False,
            password_auth=password is not None,
            public_key_auth=own_keys is not None,
            compression_algs=["none"],
            connect_timeout=within,
            login_timeout=self._settings.login_within.total_seconds(),
            keepalive_interval=_KEEPALIVE_SECONDS,
            keepalive_count_max=_KEEPALIVE_MISSES,
        )

    def _drop_if_current(self, connection: asyncssh.SSHClientConnection | None) -> None:
        """Drop a connection, unless it has been replaced already."""
        if connection is self._connection:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None


def _refusal(error: asyncssh.DisconnectError) -> str:
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return "the server's host key is none of the configured ones"
    return "the server refuses our account"


def _translated(error: asyncssh.Error | OSError) -> AdapterError:
    """Translate an error. Its own text, which may contain file names, is not passed on."""
    if isinstance(error, asyncssh.SFTPBadMessage | asyncssh.ProtocolError):
        return UpstreamMalformedError("the server violates the protocol")
    if isinstance(error, _CONNECTION_ERRORS) or not isinstance(error, asyncssh.SFTPError):
        return SftpLostError("the connection to the server was lost, or was not made")
    return FileUnavailableError("the server cannot do what was asked")
