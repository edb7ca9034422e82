"""Folders of a server that speaks SFTP, version 3. Its times are whole seconds, and it reports no inodes."""

import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import PurePath
from typing import Final

import asyncssh

from adapters.contract import SftpServer
from adapters.errors import AdapterError, UpstreamMalformedError
from gateway.ground.deadline import Deadline
from gateway.upstream.files.file_system import FileUnavailableError, FoundFile
from gateway.upstream.files.local import MOST_FILES
from gateway.upstream.files.sftp_connection import SftpConnection, SftpLostError
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_NANOSECONDS: Final = 1_000_000_000
_BLOCK: Final = 65_536
_WRITE_BLOCK: Final = 16_384
_LARGEST_LISTING: Final = 10 * MOST_FILES
"""The most names that a folder may contain, wanted or not."""


class SftpFiles:
    """A `FileSystem` over one SFTP connection."""

    extra_settle = 1.0

    def __init__(self, server: SftpServer, settings: UpstreamSettings) -> None:
        self._connection = SftpConnection(server, settings)

    async def list_files(
        self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline
    ) -> dict[str, FoundFile]:
        """See `FileSystem.list_files`."""
        seen: dict[str, FoundFile] = {}
        count = 0
        async with self._connection.client(deadline) as client:
            async for item in client.scandir(_encoded(folder)):
                count += 1
                if len(seen) >= MOST_FILES or count > _LARGEST_LISTING:
                    raise UpstreamMalformedError("the folder has more files than allowed")
                name = _name(item.filename)
                if wanted(name) and (found := _metadata(item.attrs)) is not None:
                    seen[name] = found
        return seen

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """See `FileSystem.content`."""
        async with self._connection.client(deadline) as client, _open(client, path, "rb") as file:
            if _metadata(await file.stat()) != found:
                raise FileUnavailableError("the file has changed since it was listed")
            if found.size > max_bytes:
                raise UpstreamMalformedError("the file is larger than allowed")
            content = await _read(file, found.size)
            # Check the name too: if another file has replaced this one, the open file is an old version.
            changed = _metadata(await file.stat()) != found or _metadata(await client.lstat(_encoded(path))) != found
        if changed or len(content) != found.size:
            raise FileUnavailableError("the file has changed while it was read")
        return content

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """See `FileSystem.move`."""
        async with self._connection.client(deadline) as client:
            try:
                await _rename(client, source, target)
            except asyncssh.SFTPNoSuchFile:
                if await _exists(client, source):
                    raise
                return False
        return True

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """See `FileSystem.remove`."""
        async with self._connection.client(deadline) as client:
            with suppress(asyncssh.SFTPNoSuchFile):
                await client.remove(_encoded(path))

    async def put(self, draft: PurePath, path: PurePath, content: bytes, call_state: UpstreamRequest) -> None:
        """See `FileSystem.put`. When the rename fails, removing the draft shows whether the rename has happened."""
        async with self._connection.client(call_state.deadline) as client, _open(client, draft, "wb") as file:
            for start in range(0, len(content), _WRITE_BLOCK):
                await file.write(content[start : start + _WRITE_BLOCK], start)
        try:
            async with self._connection.client(call_state.deadline) as client:
                call_state.maybe_sent = True
                await _rename(client, draft, path)
        except AdapterError as error:
            call_state.maybe_sent = not await self._remove_draft(draft, call_state.deadline)
            if call_state.maybe_sent and isinstance(error, SftpLostError):
                return
            raise

    async def aclose(self) -> None:
        """Close the connection."""
        await self._connection.aclose()

    async def _remove_draft(self, draft: PurePath, deadline: Deadline) -> bool:
        """Remove the draft; return whether it existed. If it did, a rename still in transit can no longer succeed."""
        async with self._connection.client(deadline) as client:
            try:
                await client.remove(_encoded(draft))
            except asyncssh.SFTPNoSuchFile:
                return False
        return True


@asynccontextmanager
async def _open(client: asyncssh.SFTPClient, path: PurePath, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
    """Open the file. Without a block size asyncssh makes one request for each call, and starts no tasks."""
    async with await client.open(_encoded(path), mode, encoding=None, block_size=0) as file:
        yield file


async def _read(file: asyncssh.SFTPClientFile, size: int) -> bytes:
    """Read up to `size` + 1 bytes. Each request is limited to one block, which bounds what the server can send."""
    content = bytearray()
    while len(content) <= size:
        part: bytes = await file.read(min(_BLOCK, size + 1 - len(content)), len(content))
        if not part:
            break
        content += part
    return bytes(content)


async def _rename(client: asyncssh.SFTPClient, source: PurePath, target: PurePath) -> None:
    try:
        await client.posix_rename(_encoded(source), _encoded(target))
    except asyncssh.SFTPOpUnsupported:
        await client.rename(_encoded(source), _encoded(target))


async def _exists(client: asyncssh.SFTPClient, path: PurePath) -> bool:
    try:
        await client.lstat(_encoded(path))
    except asyncssh.SFTPNoSuchFile:
        return False
    return True


def _encoded(path: PurePath) -> bytes:
    return str(path).encode("utf-8", "surrogateescape")


def _name(sent: bytes | str) -> str:
    """Decode a name. A name that is not UTF-8 keeps surrogates, which match no agreed name."""
    return sent.decode("utf-8", "surrogateescape") if isinstance(sent, bytes) else sent


def _metadata(attributes: asyncssh.SFTPAttrs) -> FoundFile | None:
    """The metadata of a regular file; None for other entries.

    Raises `UpstreamMalformedError` when the server omits the type, size or time (each is optional in version 3):
    leaving the file out would make all its records count as deleted.
    """
    mode, size, modified = attributes.permissions, attributes.size, attributes.mtime
    if mode is None or size is None or modified is None:
        raise UpstreamMalformedError("the server does not report the type, size and time of its files")
    return FoundFile(size, modified * _NANOSECONDS) if stat.S_ISREG(mode) else None
