"""Makes connections to one office: resolves its name, connects to the address that answers first, agrees on TLS."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import HttpUrl
from yarl import URL

from adapters.errors import AdapterError, UpstreamTimeoutError, UpstreamUnavailableError
from gateway.upstream.http.lean_connection import LeanConnection

_NEXT_ADDRESS_SECONDS: Final = 0.25
"""How long the first address of a name may take before the next one is tried beside it (RFC 8305)."""

_Address = tuple[int, Any]
"""An address family, and an address as sockets take it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the connections of an office lead: host and port, the `Host` header, and whether TLS is used."""

    host: str
    port: int
    header: str
    tls: bool

    @classmethod
    def of(cls, base_url: HttpUrl) -> "Destination":
        """The destination of a base URL."""
        url = URL(str(base_url))
        if url.raw_host is None or url.port is None or url.host_port_subcomponent is None:
            raise ValueError("base_url has no host")
        return cls(url.raw_host, url.port, url.host_port_subcomponent, url.scheme == "https")


async def connect(destination: Destination, tls: ssl.SSLContext | None, seconds: float) -> LeanConnection:
    """A new connection, made within `seconds`. Raises `UpstreamTimeoutError` or `UpstreamUnavailableError`."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await _connect(destination, tls)
    except (OSError, UnicodeError) as error:
        failure = UpstreamTimeoutError("no connection was made in time") if limit.expired() else _failure(error)
    # Raised outside the handler, so that no error that may contain the address becomes its context.
    raise failure


async def _connect(destination: Destination, tls: ssl.SSLContext | None) -> LeanConnection:
    connected = await _first_connected(await _addresses(destination))
    name = destination.host.rstrip(".") if tls is not None else None
    # From here on, the transport owns the socket, and closes it when TLS fails or is cancelled.
    _, connection = await asyncio.get_running_loop().create_connection(
        LeanConnection, sock=connected, ssl=tls, server_hostname=name
    )
    return connection


async def _addresses(destination: Destination) -> Sequence[_Address]:
    """The addresses of the host, in the order in which the resolver prefers them. Resolving needs a thread."""
    try:
        version = ipaddress.ip_address(destination.host).version
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]
    return [(socket.AF_INET if version == 4 else socket.AF_INET6, (destination.host, destination.port))]


async def _first_connected(addresses: Sequence[_Address]) -> socket.socket:
    """A socket connected to the first address that answers. The next address is tried beside a slow one."""
    made: list[socket.socket] = []
    running: set[asyncio.Task[OSError | None]] = set()
    failure: OSError = OSError("the name has no address")
    waiting = [*reversed(addresses)]
    try:
        while not made and (waiting or running):
            if waiting:
                running.add(asyncio.create_task(_attempt(waiting.pop(), made)))
            patience = _NEXT_ADDRESS_SECONDS if waiting else None
            done, running = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            failure = next((error for task in done if (error := task.result()) is not None), failure)
        if made:
            return made.pop()
    finally:
        for task in running:
            task.cancel()
        for superfluous in made:
            superfluous.close()
    raise failure


async def _attempt(address: _Address, made: list[socket.socket]) -> OSError | None:
    """Add a connected socket to `made`, or return the error."""
    family, where = address
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connecting, where)
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        connecting.close()
        return error
    except BaseException:
        connecting.close()
        raise
    made.append(connecting)
    return None


def _failure(error: OSError | UnicodeError) -> AdapterError:
    """The error for a connection that could not be made; it contains nothing of the address."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return UpstreamUnavailableError("its host name cannot be resolved")
    if isinstance(error, ssl.SSLCertVerificationError):
        return UpstreamUnavailableError("its certificate is not valid")
    if isinstance(error, ssl.SSLError):
        return UpstreamUnavailableError("TLS could not be agreed on")
    return UpstreamUnavailableError("the connection was refused")
