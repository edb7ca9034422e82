"""The interactive documentation at `/docs`. Every byte comes from us: no outside host is asked for anything.

The Swagger UI that is shown is the one packaged by fastapi-offline; only its files are used.
"""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response

from gateway.api.problems.errors import ProblemError

router = APIRouter(prefix="/docs", include_in_schema=False)

_ASSETS: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon.png": "image/png",
}
_PAGE: Final = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>Gerbang API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/assets/favicon.png"><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
});
"""
# Swagger UI sets styles of elements by script; scripts themselves come from files of ours only.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=3600"}


@router.get("")
async def page() -> Response:
    """The page."""
    return Response(_PAGE, media_type="text/html", headers=_HEADERS)


@router.get("/start.js")
async def start() -> Response:
    """What starts the interface; a file of its own, since no inline script may run."""
    return Response(_START, media_type="text/javascript", headers=_HEADERS)


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """One of the interface's files."""
    if name not in _ASSETS:
        raise ProblemError("not-found")
    content = files("fastapi_offline").joinpath("static", name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers=_HEADERS)
