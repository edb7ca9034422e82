"""Accepts connections: many in one round of the event loop, none while files run out, and all that wait at the end.

uvloop accepts one connection in a round, so that after a burst each caller waits for a round of all the work before it.
A listening socket that is closed resets the connections that the kernel has accepted: the requests on them would fail.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from typing import Final

MOST_IN_A_ROUND: Final = 64
PAUSE_SECONDS: Final = 0.1
"""How long nothing is accepted after the process, or the machine, has run out of files."""
_MOST_AT_THE_END: Final = 4096
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_log = logging.getLogger("gateway.server.acceptor")


class Acceptor:
    """Accepts connections of one listening socket, which it does not close. Serves as uvicorn's server of a socket."""

    def __init__(self, sock: socket.socket, new_protocol: Callable[[], asyncio.Protocol]) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._new_protocol = new_protocol
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._resume: asyncio.TimerHandle | None = None
        self._is_exhausted = False

    def start(self) -> None:
        """Accept connections from now on."""
        self._resume = None
        self._loop.add_reader(self._sock, self._accept)

    def close(self) -> None:
        """Accept the connections that wait, and no more."""
        if self._resume is not None:
            self._resume.cancel()
        self._loop.remove_reader(self._sock)
        self._accept(_MOST_AT_THE_END, resumes=False)

    async def wait_closed(self) -> None:
        """Wait until all accepted connections have their protocol."""
        await asyncio.gather(*self._opening)

    def _accept(self, most: int = MOST_IN_A_ROUND, *, resumes: bool = True) -> None:
        for _ in range(most):
            try:
                connection, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause(error, resumes=resumes)
                    return
                continue  # the caller has given up (accept(2) names the errors), which concerns no other
            self._is_exhausted = False
            self._open(connection)

    def _open(self, connection: socket.socket) -> None:
        task = self._loop.create_task(self._connect(connection))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._new_protocol, connection)
        except OSError:  # the caller has gone
            connection.close()

    def _pause(self, error: OSError, *, resumes: bool) -> None:
        """Accept nothing for a while: the socket stays readable, and each round would fail again."""
        if not self._is_exhausted:
            self._is_exhausted = True
            _log.warning("no connection accepted", extra={"error": errno.errorcode[error.errno or 0]})
        self._loop.remove_reader(self._sock)
        if resumes:
            self._resume = self._loop.call_later(PAUSE_SECONDS, self.start)
