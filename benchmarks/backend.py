"""The replaying backend: answers in place of the simulators with bytes that were recorded from them.

`python -m benchmarks.backend PLAN` listens on one port for each system of the plan (a JSON file: a list of tables with
`name`, `url` of the simulator, `seal`, and `secrets`), and prints the ports as one line of JSON. A request is known
by its method, address and body. The first one is passed on to the simulator and its answer is recorded; each further
one is answered from memory. So a resident gets the answers about this resident, and no protocol is written down here.

Two systems bind their answers to the request, and a recorded one would be refused: see `binding`.

A line of JSON on the control port does something with one or all of the systems. It is answered by a line of JSON with
the status of each system:

    {"do": "status"}    {"do": "reset"}    {"do": "replay-only"}    {"do": "complaints", "count": 1000}
    {"do": "fault", "system": "lapor", "fault": "delay", "seconds": 0.05}

The faults are `delay`, `hang` (never answers), `drip` (a byte of the body a second), `huge` (50 MB) and `dead` (closes
connections).
"""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httptools
import httpx
import uvloop

from benchmarks.binding import rebinding
from benchmarks.feeds import generated_complaints
from benchmarks.recorded_system import Key, Recorded, System

HUGE: Final = 50_000_000
_UNAVAILABLE: Final = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"


class Replay(asyncio.Protocol):
    """One connection to a system. Requests are answered one after the other."""

    def __init__(self, system: System, tasks: "set[asyncio.Task[None]]") -> None:
        self._system = system
        self._tasks = tasks
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = b""
        self._transport: Any = None
        self._may_write = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; a system that is dead closes it at once."""
        self._may_write.set()
        self._transport = transport
        if self._system.fault == "dead":
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            sys.stderr.write(f"{self._system.name}: a request that cannot be read\n")
            self._transport.abort()

    def pause_writing(self) -> None:
        """Wait with long answers: the other side reads too slowly."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Go on with them."""
        self._may_write.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        """End the answers that wait."""
        self._may_write.set()

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._url, self._headers, self._body = b"", {}, b""

    def on_url(self, url: bytes) -> None:
        """Collect the address."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header."""
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Collect the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer the request."""
        system = self._system
        key = (self._parser.get_method(), self._url, self._body)
        system.requests[key] += 1
        answer = system.answer(key, self._headers)
        if answer is None and not system.recording:
            system.refused += 1
            answer = _UNAVAILABLE
        if answer is None:
            self._spawn(self._record(key, self._headers))
        elif not system.fault:
            self._transport.write(answer)
        else:
            self._answer_with_fault(answer)

    def _answer_with_fault(self, answer: bytes) -> None:
        fault = self._system.fault
        if fault == "delay":
            asyncio.get_running_loop().call_later(self._system.seconds, self._write, answer)
        elif fault == "drip":
            self._spawn(self._drip(answer))
        elif fault == "huge":
            self._spawn(self._huge())
        elif fault == "dead":
            self._transport.abort()
        # A system that hangs does nothing.

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)

    def _spawn(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _record(self, key: Key, headers: Mapping[bytes, bytes]) -> None:
        try:
            self._write(await self._system.record(key, headers))
        except httpx.HTTPError as error:
            sys.stderr.write(f"{self._system.name}: {type(error).__name__}\n")
            self._write(_UNAVAILABLE)

    async def _drip(self, answer: bytes) -> None:
        """Send the head, and then one byte a second."""
        head, _, body = answer.partition(b"\r\n\r\n")
        self._write(head + b"\r\n\r\n")
        for place in range(len(body)):
            if self._transport.is_closing():
                return
            self._write(body[place : place + 1])
            await asyncio.sleep(1)

    async def _huge(self) -> None:
        """Send 50 MB as fast as they are taken, in chunks: a declared length would be refused at once."""
        self._write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk, sent = b"10000\r\n%b\r\n" % (b" " * 0x10000), 0
        while sent < HUGE and not self._transport.is_closing():
            self._write(chunk)
            sent += len(chunk)
            # Without flow control this process would be busy while a reader pauses, beside the clients on its core.
            await asyncio.sleep(0)
            await self._may_write.wait()
        self._write(b"0\r\n\r\n")


class Control(asyncio.Protocol):
    """The control port."""

    def __init__(self, systems: Mapping[str, System]) -> None:
        self._systems = systems
        self._line = b""
        self._actions: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "status": lambda _: None,
            "reset": lambda _: self._each(System.reset),
            "replay-only": lambda _: self._each(lambda system: setattr(system, "recording", False)),
            "fault": self._fault,
            "complaints": self._complaints,
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Carry out a line."""
        self._line += data
        while b"\n" in self._line:
            line, _, self._line = self._line.partition(b"\n")
            asked = json.loads(line)
            self._actions[asked["do"]](asked)
            status = {name: system.status() for name, system in self._systems.items()}
            self._transport.write(json.dumps(status).encode() + b"\n")

    def _each(self, action: Callable[[System], None]) -> None:
        for system in self._systems.values():
            action(system)

    def _fault(self, asked: Mapping[str, Any]) -> None:
        for system in self._systems.values():
            if asked["system"] in ("*", system.name):
                system.fault, system.seconds = asked["fault"], float(asked.get("seconds", 0))

    def _complaints(self, asked: Mapping[str, Any]) -> None:
        system = self._systems["lapor"]
        pages = {key: recorded for key, recorded in system.parts.items() if key[1].endswith(b"/getstreams")}
        (method, target, _), first = next(iter(pages.items()))
        for body, content in generated_complaints([page.body for page in pages.values()], asked["count"]):
            system.keep((method, target, body), Recorded(first.head, content))


async def serve(plan: list[dict[str, Any]]) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    systems = {
        one["name"]: System(one["name"], one["url"], rebinding(one.get("seal", ""), one.get("secrets", {})))
        for one in plan
    }
    tasks: set[asyncio.Task[None]] = set()
    ports: dict[str, int] = {}
    for system in systems.values():
        server = await loop.create_server(lambda system=system: Replay(system, tasks), "127.0.0.1", 0, backlog=2048)  # type: ignore[misc]
        ports[system.name] = server.sockets[0].getsockname()[1]
    control = await loop.create_server(lambda: Control(systems), "127.0.0.1", 0)
    ports["control"] = control.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()


def main() -> None:
    """Run the backend of a plan."""
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(plan))


if __name__ == "__main__":
    main()
