"""Records of what a simulator received: the ledger of writes, and the last requests."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulators.clock import Clock


class Ledger:
    """Every stored write, in order, in a file of JSON lines that survives a restart."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self._writes: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def add(self, write: Mapping[str, Any], *, code: str | None = None) -> None:
        """Append a stored write; `code` is the receipt code found in it, if any."""
        entry = {**write, "code": code, "at": self._clock.now().isoformat()}
        self._writes.append(entry)
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")

    @property
    def writes(self) -> tuple[Mapping[str, Any], ...]:
        """All writes, the oldest first."""
        return tuple(self._writes)


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as received; the body is decoded as latin1, byte for byte."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(slots=True)
class ReceivedRequests:
    """The last 500 requests, so that a test can search them for leaks."""

    _requests: deque[ReceivedRequest] = field(default_factory=lambda: deque(maxlen=500))

    def add(self, request: ReceivedRequest) -> None:
        """Append a request."""
        self._requests.append(request)

    def clear(self) -> None:
        """Delete all."""
        self._requests.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """Return all stored requests, the oldest first."""
        return [asdict(request) for request in self._requests]
