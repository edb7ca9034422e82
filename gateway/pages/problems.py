"""Pages of the problem types: the documents at their type addresses, in both languages."""

from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.api.problems.definition import ProblemType
from gateway.api.problems.errors import ProblemError
from gateway.api.problems.problem_types import PROBLEMS

router = APIRouter(prefix="/problems", include_in_schema=False)

_STYLESHEET = "/oauth2/static/provider.css"
"""The style sheet of our pages."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}


@router.get("")
async def list_problems() -> HTMLResponse:
    """List every problem type."""
    rows = "".join(
        f'<li><a href="/problems/{kind.slug}">{escape(kind.title.id)} · {escape(kind.title.en or "")}</a> '
        f"({kind.status})</li>"
        for kind in PROBLEMS.values()
    )
    return _page("Masalah · Problems", f"<ul>{rows}</ul>")


@router.get("/{slug}")
async def show_problem(slug: str) -> HTMLResponse:
    """Show one problem type."""
    kind = PROBLEMS.get(slug)
    if kind is None:
        raise ProblemError("not-found")
    return _page(f"{kind.title.id} · {kind.title.en}", _body(kind))


def _body(kind: ProblemType) -> str:
    return (
        f'<p lang="id">{escape(kind.detail.id)}</p><p lang="en">{escape(kind.detail.en or "")}</p>'
        f"<p><code>{kind.slug}</code> · HTTP {kind.status}</p>"
        '<p><a href="/problems">Semua masalah · All problems</a></p>'
    )


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="id"><head><meta charset="utf-8"><title>{escape(title)} · Gerbang</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{_STYLESHEET}"></head><body class="wide">'
        '<header class="top"><p class="mark"><span class="gate" aria-hidden="true"></span>'
        '<a href="/"><strong>Gerbang</strong></a></p></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>",
        headers=_HEADERS,
    )
