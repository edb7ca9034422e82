"""Folders of a server that speaks SFTP, version 3. Its times are whole seconds, and it tells no inodes."""

import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import PurePath
from typing import Final

import asyncssh

from adapters.contract import SftpServer
from adapters.errors import AdapterError, UpstreamMalformedError
from gateway.ground.deadline import Deadline
from gateway.upstream.files.file_system import FileAwayError, FoundFile
from gateway.upstream.files.local import MOST_FILES
from gateway.upstream.files.sftp_connection import SftpConnection, SftpLostError
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_SECOND: Final = 1_000_000_000
_BLOCK: Final = 65_536
_WRITTEN: Final = 16_384
_LARGEST_LISTING: Final = 10 * MOST_FILES
"""How many names a folder may hold, wanted or not."""


class SftpFiles:
    """A `FileSystem` over one connection."""

    rests = 1.0

    def __init__(self, server: SftpServer, settings: UpstreamSettings) -> None:
        self._connection = SftpConnection(server, settings)

    async def look(self, folder: PurePath, wanted: Callable[[str], bool], deadline: Deadline) -> dict[str, FoundFile]:
        """See `FileSystem.look`."""
        seen: dict[str, FoundFile] = {}
        named = 0
        async with self._connection.client(deadline) as client:
            async for item in client.scandir(_sent(folder)):
                named += 1
                if len(seen) >= MOST_FILES or named > _LARGEST_LISTING:
                    raise UpstreamMalformedError("the folder holds more files than can be looked at")
                name = _name(item.filename)
                if wanted(name) and (found := _found(item.attrs)) is not None:
                    seen[name] = found
        return seen

    async def content(self, path: PurePath, found: FoundFile, max_bytes: int, deadline: Deadline) -> bytes:
        """See `FileSystem.content`."""
        async with self._connection.client(deadline) as client, _opened(client, path, "rb") as file:
            if _found(await file.stat()) != found:
                raise FileAwayError("the file has changed since it was listed")
            if found.size > max_bytes:
                raise UpstreamMalformedError("the file is larger than allowed")
            content = await _read(file, found.size)
            # By its name as well: another file may have taken its place, and then this one is an old version.
            changed = _found(await file.stat()) != found or _found(await client.lstat(_sent(path))) != found
        if changed or len(content) != found.size:
            raise FileAwayError("the file has changed while it was read")
        return content

    async def move(self, source: PurePath, target: PurePath, deadline: Deadline) -> bool:
        """See `FileSystem.move`."""
        async with self._connection.client(deadline) as client:
            try:
                await _rename(client, source, target)
            except asyncssh.SFTPNoSuchFile:
                if await _is_there(client, source):
                    raise
                return False
        return True

    async def remove(self, path: PurePath, deadline: Deadline) -> None:
        """See `FileSystem.remove`."""
        async with self._connection.client(deadline) as client:
            with suppress(asyncssh.SFTPNoSuchFile):
                await client.remove(_sent(path))

    async def put(self, draft: PurePath, path: PurePath, content: bytes, trip: UpstreamRequest) -> None:
        """See `FileSystem.put`. Whatever goes wrong at the rename, taking the draft back says what came of it."""
        async with self._connection.client(trip.deadline) as client, _opened(client, draft, "wb") as file:
            for start in range(0, len(content), _WRITTEN):
                await file.write(content[start : start + _WRITTEN], start)
        try:
            async with self._connection.client(trip.deadline) as client:
                trip.left = True
                await _rename(client, draft, path)
        except AdapterError as error:
            trip.left = not await self._taken_back(draft, trip.deadline)
            if trip.left and isinstance(error, SftpLostError):
                return
            raise

    async def aclose(self) -> None:
        """Close the connection."""
        await self._connection.aclose()

    async def _taken_back(self, draft: PurePath, deadline: Deadline) -> bool:
        """Whether the draft was there to be removed: then no rename that is still on its way can find it."""
        async with self._connection.client(deadline) as client:
            try:
                await client.remove(_sent(draft))
            except asyncssh.SFTPNoSuchFile:
                return False
        return True


@asynccontextmanager
async def _opened(client: asyncssh.SFTPClient, path: PurePath, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
    """The file. Without a block size the library makes one request for each call, and no tasks of its own."""
    async with await client.open(_sent(path), mode, encoding=None, block_size=0) as file:
        yield file


async def _read(file: asyncssh.SFTPClientFile, size: int) -> bytes:
    """What the file holds, as far as `size` and one byte more: a server cannot send more than a block at a time."""
    content = bytearray()
    while len(content) <= size:
        part: bytes = await file.read(min(_BLOCK, size + 1 - len(content)), len(content))
        if not part:
            break
        content += part
    return bytes(content)


async def _rename(client: asyncssh.SFTPClient, source: PurePath, target: PurePath) -> None:
    try:
        await client.posix_rename(_sent(source), _sent(target))
    except asyncssh.SFTPOpUnsupported:
        await client.rename(_sent(source), _sent(target))


async def _is_there(client: asyncssh.SFTPClient, path: PurePath) -> bool:
    try:
        await client.lstat(_sent(path))
    except asyncssh.SFTPNoSuchFile:
        return False
    return True


def _sent(path: PurePath) -> bytes:
    return str(path).encode("utf-8", "surrogateescape")


def _name(sent: bytes | str) -> str:
    """A name as text; one that is not UTF-8 keeps what no agreed name has."""
    return sent.decode("utf-8", "surrogateescape") if isinstance(sent, bytes) else sent


def _found(attributes: asyncssh.SFTPAttrs) -> FoundFile | None:
    """What is known of a regular file; None for anything else.

    Raises `UpstreamMalformedError` where the server tells too little (each part is optional in version 3): to leave the
    file out would say that everything in it is gone.
    """
    mode, size, modified = attributes.permissions, attributes.size, attributes.mtime
    if mode is None or size is None or modified is None:
        raise UpstreamMalformedError("the server does not tell of what kind, size or age its files are")
    return FoundFile(size, modified * _SECOND) if stat.S_ISREG(mode) else None
