"""Rendering of the provider's pages: templates, languages, and security headers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.oidc.html.display import browser, day, moment
from gateway.oidc.html.texts import LANGUAGES, TEXTS, choose_language

if TYPE_CHECKING:
    from jinja2 import Environment

STYLESHEET_PATH = "/oauth2/static/provider.css"
SCRIPT_PATH = "/oauth2/static/passkeys.js"

_HERE = Path(__file__).parent
_HEADERS = {
    "Cache-Control": "no-store",
    # Not no-referrer: with it, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}
_FILE = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class NextLink:
    """The link on an error page: an address of ours without a language, and the link's text."""

    address: str
    text: str = "error_again"


def page_language(request: Request, requested: str | None, ui_locales: str) -> str:
    """Choose the language of a page."""
    return choose_language(requested, ui_locales, request.headers.get("accept-language", ""))


def page_headers(form_target: str | None = None, allow: Collection[str] = ()) -> dict[str, str]:
    """Return the headers of a page: no frames, no other hosts; forms may post to us and redirect to `form_target`.

    Scripts and images are forbidden too, but for our own files if `allow` names `script` or `img`.
    """
    target = f" {form_target}" if form_target else ""
    policy = (
        f"default-src 'none'; style-src 'self'; form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'"
    )
    policy += "".join(f"; {kind}-src 'self'" for kind in sorted(allow))
    return {**_HEADERS, "Content-Security-Policy": policy}


def form_target(redirect_uri: str) -> str:
    """Return the CSP source that lets a submitted form redirect to the client.

    CSP cannot express an IPv6 address or the host of a private scheme: the scheme stands for both.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"} and "[" not in parts.netloc:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"


@cache
def _templates() -> "Environment":
    """Return the templates of the pages, compiled once for each process."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters.update(day=day, moment=moment, browser=browser)
    return templates


class PageRenderer:
    """Renders the pages. Every value is escaped; a missing one is an error."""

    def __init__(self) -> None:
        self._stylesheet = (_HERE / "static" / "provider.css").read_bytes()
        self._script = (_HERE / "static" / "passkeys.js").read_bytes()

    def render(
        self,
        name: str,
        language: str,
        values: Mapping[str, object],
        *,
        switch: str | None,
        status: int,
        target: str | None,
        allow: Collection[str] = (),
    ) -> HTMLResponse:
        """Render the page `name` in `language`; `switch` is the address of the same page without its language."""
        other = next(code for code in LANGUAGES if code != language)
        content = (
            _templates()
            .get_template(f"{name}.html")
            .render(
                {
                    **values,
                    "language": language,
                    "other": other,
                    "t": TEXTS[language],
                    "title": TEXTS[language][f"{name}_title"],
                    "stylesheet": STYLESHEET_PATH,
                    "script": SCRIPT_PATH,
                    "switch": switch and f"{switch}{'&' if '?' in switch else '?'}{urlencode({'lang': other})}",
                }
            )
        )
        headers = {**page_headers(target, allow), "Content-Language": language}
        return HTMLResponse(content, status, headers)

    def error(self, reason: str, status: int = 400, link: NextLink | None = None) -> HTMLResponse:
        """Render an error page in both languages (text `error_` + `reason`), with a link if `link` is given."""
        both = [(code, TEXTS[code]) for code in LANGUAGES]
        values = {"reason": reason, "both": both, "link": link}
        return self.render("error", LANGUAGES[0], values, switch=None, status=status, target=None)

    async def stylesheet(self, _request: Request) -> Response:
        """Serve the style sheet of the pages."""
        return Response(self._stylesheet, media_type="text/css", headers=_FILE)

    async def script(self, _request: Request) -> Response:
        """Serve the one script, which requests a passkey from the browser."""
        return Response(self._script, media_type="text/javascript", headers=_FILE)
