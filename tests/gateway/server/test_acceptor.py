"""The acceptor: many connections in a round, a pause without free files, and no connection lost at the end."""

import asyncio
import contextlib
import errno
import socket

import pytest
import uvloop

import gateway.server.acceptor
from gateway.server.acceptor import MOST_IN_A_ROUND, Acceptor
from gateway.server.serving import listen

pytestmark = pytest.mark.sockets


class Greeting(asyncio.Protocol):
    """Greets each caller."""

    def connection_made(self, transport):
        transport.write(b"hello")
        transport.close()


class Listening:
    """A listening socket whose `accept` fails as often as wanted, and counts."""

    def __init__(self, sock, *errors):
        self.sock, self.errors, self.calls, self.accepted = sock, list(errors), 0, 0

    def accept(self):
        self.calls += 1
        if self.errors:
            raise OSError(self.errors.pop(0), "-")
        found = self.sock.accept()
        self.accepted += 1
        return found

    def fileno(self):
        return self.sock.fileno()

    def setblocking(self, flag):
        self.sock.setblocking(flag)


def run(main):
    """Run a coroutine function on the event loop of the gateway."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(main(), 30))


@contextlib.contextmanager
def callers(*errors, number=1):
    """A listening socket, and callers that are connected and not accepted yet."""
    with listen("127.0.0.1", 0) as sock, contextlib.ExitStack() as connected:
        opened = [connected.enter_context(socket.create_connection(sock.getsockname(), 10)) for _ in range(number)]
        yield Listening(sock, *errors), opened


async def greetings(opened):
    """What each caller has received until its end."""
    return await asyncio.gather(*(asyncio.to_thread(caller.recv, 10) for caller in opened))


def test_many_connections_are_accepted_in_one_round():
    number = MOST_IN_A_ROUND * 2 + 1

    async def main():
        with callers(number=number) as (listening, opened):
            acceptor = Acceptor(listening, Greeting)
            acceptor.start()
            seen = []
            while listening.accepted < number:
                await asyncio.sleep(0)
                seen.append(listening.accepted)
            assert set(seen) <= {0, MOST_IN_A_ROUND, MOST_IN_A_ROUND * 2, number}
            assert await greetings(opened) == [b"hello"] * number
            acceptor.close()
            await acceptor.wait_closed()

    run(main)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_without_free_files_it_pauses_and_then_goes_on(number, monkeypatch, caplog):
    monkeypatch.setattr(gateway.server.acceptor, "PAUSE_SECONDS", 0.3)

    async def main():
        with callers(number, number) as (listening, opened):
            acceptor = Acceptor(listening, Greeting)
            acceptor.start()
            assert await greetings(opened) == [b"hello"]
            assert listening.calls <= 4, "two that failed, one for the caller, one that found nobody else"
            acceptor.close()

    run(main)
    assert caplog.text.count("no connection accepted") == 1


def test_a_caller_that_has_given_up_does_not_stop_the_others():
    async def main():
        with callers(errno.ECONNABORTED, errno.EPROTO, number=2) as (listening, opened):
            acceptor = Acceptor(listening, Greeting)
            acceptor.start()
            assert await greetings(opened) == [b"hello"] * 2
            acceptor.close()

    run(main)


def test_connections_that_wait_at_the_end_are_accepted():
    async def main():
        with callers(number=MOST_IN_A_ROUND + 5) as (listening, opened):
            acceptor = Acceptor(listening, Greeting)
            acceptor.close()
            await acceptor.wait_closed()
            listening.sock.close()
            assert await greetings(opened) == [b"hello"] * len(opened)

    run(main)


def test_nothing_is_accepted_after_the_end():
    async def main():
        with callers(errno.EMFILE) as (listening, _):
            acceptor = Acceptor(listening, Greeting)
            acceptor.start()
            while not listening.calls:  # noqa: ASYNC110 - a count, no event
                await asyncio.sleep(0)
            acceptor.close()
            calls = listening.calls
            await asyncio.sleep(0.2)
            assert listening.calls == calls

    run(main)
