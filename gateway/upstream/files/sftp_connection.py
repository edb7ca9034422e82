"""The connection to a server with SFTP: made when it is needed, kept, and made anew when it is lost.

The server is known by the keys in the settings and by nothing else; of this machine nothing is used: no `~/.ssh`, no
agent, no file of known hosts. What it sends is not compressed, so that nothing can unpack to more than was sent.
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
from gateway.upstream.files.file_system import FileAwayError
from gateway.upstream.settings import UpstreamSettings

_SILENCE: Final = 15
_MOST_SILENCES: Final = 2
_TO_CLOSE: Final = 0.25
_LOST: Final = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.ConnectionLost, OSError)


class SftpLostError(UpstreamUnavailableError):
    """The connection was lost, so that nobody knows whether the last request was carried out."""


class SftpConnection:
    """One office's connection."""

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
        """The client, until the deadline. Whatever goes wrong is one of the tree, in words without names of files."""
        remaining = max(0.0, deadline.remaining())
        limit = asyncio.timeout(remaining)
        leaving: asyncio.TimerHandle | None = None
        try:
            async with limit:
                client = await self._connected()
                # After the deadline what is open is closed, and a server that hangs does not answer to that either.
                later = deadline.remaining() + _TO_CLOSE
                leaving = asyncio.get_running_loop().call_later(later, self._leave, self._connection)
                yield client
        except (asyncssh.Error, OSError) as error:
            if limit.expired():
                raise UpstreamTimeoutError("the deadline passed while waiting for the server") from None
            meant = _meaning(error)
        else:
            return
        finally:
            if leaving is not None:
                leaving.cancel()
        if isinstance(meant, SftpLostError | UpstreamMalformedError):
            self._drop()
        raise meant

    async def aclose(self) -> None:
        """Close it."""
        connection = self._connection
        self._drop()
        if connection is not None:
            await connection.wait_closed()

    async def _connected(self) -> asyncssh.SFTPClient:
        """The client of a connection that lives, as far as is known; one question makes it, the others wait."""
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
                # Trying on would lock the account, or hand the password to a stranger's door again and again.
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
            known = [asyncssh.import_public_key(written) for written in server.host_keys]
            own = None if key is None else [asyncssh.import_private_key(key)]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            raise CredentialsRefusedError("a key in the settings of the server is not one that can be read") from None
        try:
            server.host.encode("idna")
        except UnicodeError:
            raise UpstreamUnavailableError("the server has a name that none can have") from None
        return await asyncssh.connect(
            server.host,
            server.port,
            config=None,
            known_hosts=(known, [], []),
            username=server.username,
            password=password,
            client_keys=own,
            agent_path=None,
            gss_host=None,
            x509_trusted_certs=None,
            host_based_auth=False,
            kbdint_auth=False,
            password_auth=password is not None,
            public_key_auth=own is not None,
            compression_algs=["none"],
            connect_timeout=within,
            login_timeout=self._settings.login_within.total_seconds(),
            keepalive_interval=_SILENCE,
            keepalive_count_max=_MOST_SILENCES,
        )

    def _leave(self, connection: asyncssh.SSHClientConnection | None) -> None:
        """Give up a connection, unless another one has taken its place already."""
        if connection is self._connection:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None


def _refusal(error: asyncssh.DisconnectError) -> str:
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return "the server has none of the keys by which it is known"
    return "the server refuses our account"


def _meaning(error: asyncssh.Error | OSError) -> AdapterError:
    """What an error means; its own words, in which names of files stand, are not passed on."""
    if isinstance(error, asyncssh.SFTPBadMessage | asyncssh.ProtocolError):
        return UpstreamMalformedError("the server does not keep to its protocol")
    if isinstance(error, _LOST) or not isinstance(error, asyncssh.SFTPError):
        return SftpLostError("the connection to the server was lost, or was not made")
    return FileAwayError("the server cannot do what was asked")
