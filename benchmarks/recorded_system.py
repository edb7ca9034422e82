"""One system of the replaying backend: the answers that were recorded from its simulator, and its present fault."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

import httpx

from benchmarks.binding import Rebinding

Key = tuple[bytes, bytes, bytes]
"""Method, address and body of a request."""

_DROPPED: Final = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"server"})
_NOT_FORWARDED: Final = frozenset({b"host", b"connection", b"content-length", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer: status line, headers without their length, and body."""

    head: bytes
    body: bytes

    @property
    def content(self) -> bytes:
        """The whole answer."""
        return b"%bcontent-length: %d\r\n\r\n%b" % (self.head, len(self.body), self.body)


@dataclass(slots=True)
class System:
    """One system: its simulator, what was recorded from it, and the fault that it has now."""

    name: str
    url: str
    bind: Rebinding | None = None
    answers: dict[Key, bytes] = field(default_factory=dict)
    parts: dict[Key, Recorded] = field(default_factory=dict)
    requests: Counter[Key] = field(default_factory=Counter)
    forwarded: int = 0
    refused: int = 0
    fault: str = ""
    seconds: float = 0.0
    recording: bool = True
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=60))

    def status(self) -> Mapping[str, Any]:
        """The counters since the last reset, as the control port gives them.

        `requests`: how often each request came, by its method, path, and a hash of all of it.
        """
        requests = {
            f"{method.decode()} {target.decode().partition('?')[0]} {crc32(target + body):08x}": number
            for (method, target, body), number in self.requests.items()
        }
        return {
            "requests": requests,
            "forwarded": self.forwarded,
            "refused": self.refused,
            "recorded": len(self.parts),
            "fault": self.fault,
        }

    def reset(self) -> None:
        """Set the counters to zero."""
        self.requests.clear()
        self.forwarded = self.refused = 0

    def answer(self, key: Key, headers: Mapping[bytes, bytes]) -> bytes | None:
        """The recorded answer, bound to this request where the system does that; None if there is none."""
        if self.bind is None:
            return self.answers.get(key)
        recorded = self.parts.get(key)
        if recorded is None:
            return None
        more, body = self.bind.bound(recorded.body, headers)
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (recorded.head, more, len(body), body)

    async def record(self, key: Key, headers: Mapping[bytes, bytes]) -> bytes:
        """Pass a request on, and record its answer if it is a good one."""
        self.forwarded += 1
        method, target, body = key
        kept = {name: value for name, value in headers.items() if name.lower() not in _NOT_FORWARDED}
        request = self.client.build_request(method.decode(), self.url + target.decode(), headers=kept, content=body)
        received = await self.client.send(request, stream=True)
        content = b"".join([chunk async for chunk in received.aiter_raw()])
        await received.aclose()
        unbound = (b"signature", b"signature-input", b"content-digest") if self.bind else ()
        lines = b"".join(
            b"%b: %b\r\n" % (name.lower(), value)
            for name, value in received.headers.raw
            if name.lower() not in _DROPPED and name.lower() not in unbound
        )
        head = b"HTTP/1.1 %d %b\r\n%b" % (received.status_code, received.reason_phrase.encode(), lines)
        if received.status_code < 400:
            self.keep(key, Recorded(head, self.bind.unbound(content, headers) if self.bind else content))
        answered = self.answer(key, headers)
        return answered or Recorded(head, content).content

    def keep(self, key: Key, recorded: Recorded) -> None:
        """Record an answer."""
        self.parts[key] = recorded
        self.answers[key] = recorded.content
