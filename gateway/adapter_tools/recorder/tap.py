"""A tap on an upstream: passes every call on, and keeps whole answers for the fixtures of a row's client."""

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
    """The system's answers as bytes, in the order of the calls."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def tapped(self, call: Call[Any, Any]) -> Call[Any, Any]:
        """The same call with a tapped upstream."""
        return replace(call, up=_Tapped(call.up, self))

    def keep(self, answer: bytes) -> None:
        """Keep an answer, unless enough with the same beginning are kept: the pages of a list are alike."""
        if sum(kept[:2] == answer[:2] for kept in self.answers) < _MOST_OF_A_KIND:
            self.answers.append(answer)


class _Tapped:
    """Implements every upstream at once: a row calls only the methods of its transport."""

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
            self._tap.keep(_to_xml(answer).encode())
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
        # A recording reads only, and moves nothing.
        return False


def _to_xml(element: SoapElement) -> str:
    """The element as XML, by local names."""
    inner = "".join(map(_to_xml, element.children)) or escape(element.text or "")
    return f"<{element.name}>{inner}</{element.name}>"
