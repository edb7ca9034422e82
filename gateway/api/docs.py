"""The OpenAPI document, and interactive documentation at `/docs`. All files come from the gateway, not another host.

Swagger UI comes from the package fastapi-swagger, of which only the files are used. Users sign in with the web session
of this origin (`/auth/login`). Requests from the page are sent with its cookie.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic_core import to_json

from gateway.api.problems.errors import ProblemError

router = APIRouter(prefix="/docs", include_in_schema=False)

_HERE: Final = Path(__file__).parent
_ASSETS: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_STARTS: Final = {"start.js": "text/javascript", "start.css": "text/css"}
_PAGE: Final = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>Gerbang API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/assets/favicon-32x32.png"><link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/start.css"></head>
<body><p class="home"><a href="/">Gerbang</a></p><div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
# Swagger UI sets inline styles by script; scripts are loaded from this origin only.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=3600"}


@router.get("")
async def page() -> Response:
    """Return the page."""
    return Response(_PAGE, media_type="text/html", headers=_HEADERS)


@router.get("/{name}")
async def start(name: str) -> Response:
    """Return the start script or the style sheet. They are separate files, since the policy forbids inline scripts."""
    if name not in _STARTS:
        raise ProblemError("not-found")
    content = (_HERE / f"docs_{name}").read_bytes()
    return Response(content, media_type=_STARTS[name], headers=_HEADERS)


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """Return a file of Swagger UI."""
    if name not in _ASSETS:
        raise ProblemError("not-found")
    content = files("fastapi_swagger.resources").joinpath(name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers=_HEADERS)


def serve_openapi_document(app: FastAPI, issuer: str) -> None:
    """Serve the OpenAPI document of `app` at `/openapi.json`. It is made and written at its first request."""

    @cache
    def document() -> bytes:
        # Loaded with the models and examples of answers when the document is first requested.
        from gateway.api.openapi.document import describe

        return to_json(describe(app, issuer=issuer))

    app.state.openapi_document = document
    app.add_api_route("/openapi.json", get_openapi_document, include_in_schema=False)


async def get_openapi_document(request: Request) -> Response:
    """Return the OpenAPI document of the app that serves this request, at `/openapi.json`."""
    return Response(request.app.state.openapi_document(), media_type="application/json")
