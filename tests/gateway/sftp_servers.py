"""SFTP servers on loopback: asyncssh's, which fails on demand, and OpenSSH's own where it is installed."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.gateway.ports import held

USERNAME, PASSWORD = "gerbang", "sandi-gerbang"


def new_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


def private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key().decode()


@dataclass
class Server:
    """A running server, and what reaches it. `before` is called with the name of each request that it handles.
    Its port is its own before and after it runs.

    `going`: while it is not set, listing folders and reading from files hang. `open`, `most_open`: how many files are
    open at once.
    """

    port: int = 0
    host_key: asyncssh.SSHKey = field(default_factory=new_key)
    client_key: asyncssh.SSHKey = field(default_factory=new_key)
    username: str = USERNAME
    attempts: list[str] = field(default_factory=list)
    connections: list[Any] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    before: Callable[["Session", str, bytes], None] = lambda *_: None
    posix_rename: bool = True
    going: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0
    most_open: int = 0

    def __post_init__(self) -> None:
        self.port = self.port or held(self)
        # Each export of one key reads differently.
        self.private_key = private(self.client_key)
        self.going.set()

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The table `sftp` of an office's settings."""
        given = {"host": "127.0.0.1", "port": self.port, "host_keys": [public(self.host_key)]}
        credential = {} if "password" in changes else {"private_key": self.private_key}
        return {**given, "username": self.username, **credential, **changes}


class Session(asyncssh.SFTPServer):
    """One client's requests: noted, and disturbed where the test says so."""

    server: Server

    def __init__(self, chan: Any) -> None:
        super().__init__(chan)
        self._files: list[Any] = []

    def cut(self) -> None:
        """Lose the connection, now."""
        self.connection.abort()

    def _noted(self, request: str, path: bytes = b"") -> None:
        self.server.requests.append(request)
        self.server.before(self, request, path)

    async def scandir(self, path: bytes) -> AsyncIterator[Any]:
        self._noted("scandir", path)
        await self.server.going.wait()
        async for item in super().scandir(path):
            yield item

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        self._noted("open", path)
        opened = super().open(path, pflags, attrs)
        self._files.append(opened)
        self.server.open += 1
        self.server.most_open = max(self.server.most_open, self.server.open)
        return opened

    def close(self, file_obj: Any) -> Any:
        self._files.remove(file_obj)
        self.server.open -= 1
        return super().close(file_obj)

    def exit(self) -> None:
        """What a client that went away has left open is closed."""
        while self._files:
            self.close(self._files[-1])

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self._noted("read", os.fsencode(file_obj.name))
        await self.server.going.wait()
        content = super().read(file_obj, offset, size)
        assert isinstance(content, bytes)
        return content

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        self._noted("write", os.fsencode(file_obj.name))
        return super().write(file_obj, offset, data)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._noted("rename", newpath)
        if not self.server.posix_rename:
            raise asyncssh.SFTPOpUnsupported("no")
        super().posix_rename(oldpath, newpath)
        self._noted("renamed", newpath)

    def remove(self, path: bytes) -> None:
        self._noted("remove", path)
        super().remove(path)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._noted("rename", newpath)
        super().rename(oldpath, newpath)


class _SftpLogin(asyncssh.SSHServer):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, conn: Any) -> None:
        self._server.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return False

    def validate_password(self, username: str, password: str) -> bool:
        self._server.attempts.append("password")
        return (username, password) == (USERNAME, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._server.attempts.append("key")
        return username == USERNAME and key.public_data == self._server.client_key.public_data


@asynccontextmanager
async def asyncssh_server(server: Server | None = None) -> AsyncIterator[Server]:
    """asyncssh's server. With a server that ran before, it comes back under its port and keys."""
    server = server or Server()
    session = type("Of", (Session,), {"server": server})
    listening = await asyncssh.listen(
        "127.0.0.1",
        server.port,
        server_factory=lambda: _SftpLogin(server),
        server_host_keys=[server.host_key],
        sftp_factory=session,
        sftp_version=3,
        config=None,
    )
    try:
        yield server
    finally:
        server.going.set()
        for connection in server.connections:
            connection.abort()
        listening.close()
        await listening.wait_closed()


def _sshd() -> str:
    found = shutil.which("sshd") or shutil.which("/usr/sbin/sshd")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("OpenSSH's server is required in CI: apt-get install -y openssh-server")
    pytest.skip("there is no OpenSSH server here: apt-get install -y openssh-server")


@asynccontextmanager
async def openssh_server(folder: Path) -> AsyncIterator[Server]:
    """OpenSSH's own server, for the account that runs the tests; its keys and settings lie in `folder`."""
    server = Server(username=os.environ.get("USER") or _account())
    key, authorized, settings = folder / "host_key", folder / "authorized_keys", folder / "sshd_config"
    key.touch(mode=0o600)
    key.write_text(private(server.host_key))
    authorized.write_text(public(server.client_key) + "\n")
    lines = [
        f"Port {server.port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {key}",
        f"AuthorizedKeysFile {authorized}",
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "Subsystem sftp internal-sftp",
    ]
    settings.write_text("\n".join(lines) + "\n")
    _separated()
    command = [_sshd(), "-D", "-e", "-f", str(settings)]
    with (folder / "sshd.log").open("wb") as said:
        process = await asyncio.create_subprocess_exec(*command, stderr=said)
    try:
        await _answers(server.port, process)
        yield server
    finally:
        process.terminate()
        await process.wait()


def _separated() -> None:
    """Where root's server separates its privileges; the package makes the folder at boot only."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)


def _account() -> str:
    import pwd  # noqa: PLC0415 - there is none on other systems

    return pwd.getpwuid(os.geteuid()).pw_name


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(10):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.02)
    pytest.fail("sshd has ended")
