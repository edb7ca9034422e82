"""Requests and answers in the old application's formats: windows-1252, redirects, AJAX or page."""

import json
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from simulators.e_kelurahan.store import Row

_HTML: Final = "text/html; charset=ISO-8859-1"


def html(text: str, status: int = 200) -> Response:
    """Return a page in windows-1252, although the header states another charset (Q31)."""
    return Response(text.encode("cp1252", "xmlcharrefreplace"), status, media_type=_HTML)


def redirect(path: str) -> Response:
    """Redirect to another path of this host (303)."""
    body = f'<html><body>Dialihkan ke <a href="{path}">halaman ini</a>.</body></html>\n'
    return Response(body, 303, {"location": path}, media_type=_HTML)


def rows(page: Sequence[Row], total: int) -> Response:
    """Return a range of a list as JSON, for the table widget of the pages; every number is a text."""
    answer = {"draw": "1", "recordsTotal": str(total), "recordsFiltered": str(total), "data": page}
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("cp1252", "replace"), media_type="application/json; charset=ISO-8859-1")


def is_ajax(request: Request) -> bool:
    """Whether the request comes from the page's script rather than from browser navigation (Q03)."""
    return request.headers.get("x-requested-with", "").lower() == "xmlhttprequest"


def number(text: str | None, default: int, maximum: int) -> int:
    """Return a number of the query as PHP converts it: the default for an invalid one."""
    return min(int(text), maximum) if text and text.isdecimal() and len(text) < 9 else default


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a posted form."""
    body = (await request.body()).decode("latin1")
    return dict(parse_qsl(body, keep_blank_values=True, encoding="cp1252", errors="replace"))
