"""A tap on the way to a system: passes everything on, and keeps whole answers, for the fixtures of a row's client."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from xml.sax.saxutils import escape

from adapters.contract import Call
from adapters.upstream import (
    FileEntry,
    FileUpstream,
    HttpAnswer,
    HttpRequest,
    HttpUpstream,
    SoapElement,
    SoapFault,
    SoapRequest,
    SoapUpstream,
    SqlUpstream,
    SqlValue,
)

_MOST_OF_A_KIND: Final = 3


class Tap:
    """What the system answered, as bytes, in the order in which it was asked."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def on(self, call: Call[Any, Any]) -> Call[Any, Any]:
        """The same call, listened to."""
        return replace(call, up=_Tapped(call.up, self))

    def keep(self, answer: bytes) -> None:
        """Keep an answer, unless there are enough that begin like it: one page of a list is like the others."""
        if sum(kept[:2] == answer[:2] for kept in self.answers) < _MOST_OF_A_KIND:
            self.answers.append(answer)


class _Tapped:
    """Every upstream at once: a row calls those methods only that its transport has."""

    def __init__(self, up: Any, tap: Tap) -> None:  # noqa: ANN401 - the upstream of any transport
        self._up = up
        self._tap = tap

    async def send(self, request: HttpRequest) -> HttpAnswer:
        up: HttpUpstream = self._up
        answer = await up.send(request)
        self._tap.keep(answer.content)
        return answer

    async def call(self, request: SoapRequest) -> SoapElement | SoapFault:
        up: SoapUpstream = self._up
        answer = await up.call(request)
        if isinstance(answer, SoapElement):
            self._tap.keep(_written(answer).encode())
        return answer

    async def rows(
        self, statement: str, parameters: Mapping[str, SqlValue], limit: int
    ) -> tuple[Mapping[str, object], ...]:
        up: SqlUpstream = self._up
        found = await up.rows(statement, parameters, limit)
        self._tap.keep(json.dumps([dict(row) for row in found], default=str, ensure_ascii=False).encode())
        return found

    async def list(self) -> tuple[FileEntry, ...]:
        up: FileUpstream = self._up
        return await up.list()

    async def read(self, entry: FileEntry) -> bytes:
        up: FileUpstream = self._up
        content = await up.read(entry)
        self._tap.keep(content)
        return content

    async def set_aside(self, _entry: FileEntry) -> bool:
        # Whoever records looks, and moves nothing.
        return False


def _written(element: SoapElement) -> str:
    """The element as XML again, by local names."""
    inner = "".join(map(_written, element.children)) or escape(element.text or "")
    return f"<{element.name}>{inner}</{element.name}>"
