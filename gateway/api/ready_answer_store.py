"""The store of ready answers, bounded in bytes: those that are no longer true leave it, and those not used for long."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.api.answer_keys import Key
from gateway.api.request_headers import Header, RawHeaders, names_tag, with_vary, without_body
from gateway.ground.clock import Clock
from gateway.snapshots.validity import Validity

MOST_BYTES: Final = 32 * 1024 * 1024
_OVERHEAD: Final = 2048
"""Bytes that an answer takes besides its body, roughly: headers, key, objects."""
_SWEEPS: Final = 16
"""Outdated answers are looked for whenever a sixteenth of the most bytes has been added."""


@dataclass(slots=True)
class ReadyAnswer:
    """A complete answer with status 200. `route` is the route object that made it."""

    headers: RawHeaders
    body: bytes = field(repr=False)
    tag: bytes
    validity: Validity
    route: Any
    _variants: dict[tuple[bool, bool], RawHeaders] = field(default_factory=dict, repr=False)
    _heads: dict[tuple[bool, bool], bytes] = field(default_factory=dict, repr=False)

    def is_named_by(self, if_none_match: bytes | None) -> bool:
        """Whether a request with this `If-None-Match` gets 304."""
        return if_none_match is not None and names_tag(if_none_match, self.tag)

    def headers_for(self, always: Iterable[Header], *, by_origin: bool, unchanged: bool) -> RawHeaders:
        """Return the headers of 200 or of 304, with those of every answer; the caller copies before it changes them."""
        headers = self._variants.get((by_origin, unchanged))
        if headers is None:
            headers = without_body(self.headers) if unchanged else list(self.headers)
            present = dict(headers)
            headers += [pair for pair in always if pair[0] not in present]
            headers = with_vary(headers, b"Origin") if by_origin else headers
            self._variants[by_origin, unchanged] = headers
        return headers

    def head_for(self, always: Iterable[Header], *, by_origin: bool, unchanged: bool) -> bytes:
        """Return the same as bytes: the status line and the lines of the headers, each with its end."""
        head = self._heads.get((by_origin, unchanged))
        if head is None:
            headers = self.headers_for(always, by_origin=by_origin, unchanged=unchanged)
            lines = [b"HTTP/1.1 304 Not Modified" if unchanged else b"HTTP/1.1 200 OK"]
            lines += [b"%b: %b" % pair for pair in headers]
            head = self._heads[by_origin, unchanged] = b"\r\n".join(lines) + b"\r\n"
        return head


class ReadyAnswerStore:
    """Answers by key. Beyond `most_bytes`, those that were used longest ago make room for others."""

    def __init__(self, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._most_bytes = most_bytes
        self._bytes = 0
        self._sweep_beyond = most_bytes // _SWEEPS
        self._answers: OrderedDict[Key, ReadyAnswer] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: Key) -> ReadyAnswer | None:
        """Return the answer; None if there is none that is still true."""
        found = self._answers.get(key)
        if found is None:
            return None
        if not found.validity.holds(self._clock()):
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return found

    def keep(self, key: Key, answer: ReadyAnswer) -> None:
        """Keep an answer in place of an earlier one, if it is true now."""
        if not answer.validity.holds(self._clock()):
            return
        self._drop(key)
        self._answers[key] = answer
        self._bytes += len(answer.body) + _OVERHEAD
        if self._bytes > self._sweep_beyond:
            self._drop_outdated()
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._answers)))

    def _drop_outdated(self) -> None:
        """Drop the answers that are no longer true. A look-up drops one as well, but nobody may ask for it again."""
        now = self._clock()
        for key in [key for key, answer in self._answers.items() if not answer.validity.holds(now)]:
            self._drop(key)
        self._sweep_beyond = self._bytes + self._most_bytes // _SWEEPS

    def _drop(self, key: Key) -> None:
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self._bytes -= len(dropped.body) + _OVERHEAD
