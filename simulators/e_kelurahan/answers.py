"""Requests and answers as the old application reads and writes them: windows-1252, redirects, AJAX or page."""

import json
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from simulators.e_kelurahan.store import Row

_HTML: Final = "text/html; charset=ISO-8859-1"


def html(text: str, status: int = 200) -> Response:
    """A page. Its bytes are windows-1252, whatever the header says (Q31)."""
    return Response(text.encode("cp1252", "xmlcharrefreplace"), status, media_type=_HTML)


def redirect(path: str) -> Response:
    """See elsewhere on this host."""
    body = f'<html><body>Dialihkan ke <a href="{path}">halaman ini</a>.</body></html>\n'
    return Response(body, 303, {"location": path}, media_type=_HTML)


def rows(found: Sequence[Row], total: int) -> Response:
    """A stretch of a list, for the table widget of the pages: every number is a text."""
    answer = {"draw": "1", "recordsTotal": str(total), "recordsFiltered": str(total), "data": found}
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("cp1252", "replace"), media_type="application/json; charset=ISO-8859-1")


def is_ajax(request: Request) -> bool:
    """Whether the page's script asks, not a browser on its own (Q03)."""
    return request.headers.get("x-requested-with", "").lower() == "xmlhttprequest"


def number(text: str | None, default: int, most: int) -> int:
    """A number of the query, as PHP would take it: what is none is the default."""
    return min(int(text), most) if text and text.isdecimal() and len(text) < 9 else default


async def form(request: Request) -> dict[str, str]:
    """The fields of a posted form."""
    body = (await request.body()).decode("latin1")
    return dict(parse_qsl(body, keep_blank_values=True, encoding="cp1252", errors="replace"))
