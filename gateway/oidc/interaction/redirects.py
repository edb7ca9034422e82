"""Redirects: to a page of ours with its ticket, or back to the client with a response."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.grants.service import GrantRefusal
from gateway.oidc.html.pages import page_headers

CONSENT_PATH: Final = "/oauth2/consent"
"""Where a client's request continues once every step of the sign-in is done."""

_ERROR_PAGES: Final = {"invalid_client": "client"}


def refusal_response(deps: ProviderDependencies, refusal: GrantRefusal) -> Response:
    """Send the error to the client's redirect address; show a page if that address is not registered."""
    if refusal.location is not None:
        return see_other(refusal.location)
    return deps.pages.error(_ERROR_PAGES.get(refusal.error, "request"))


def redirect_to_client(deps: ProviderDependencies, outcome: str | GrantRefusal) -> Response:
    """Redirect the browser back to the client."""
    return refusal_response(deps, outcome) if isinstance(outcome, GrantRefusal) else see_other(outcome)


def redirect_to_page(path: str, ticket: str, language: str | None) -> Response:
    """Redirect the browser to a page of ours, with its ticket."""
    return see_other(page_address(path, ticket, language))


def page_address(path: str, ticket: str, language: str | None = None) -> str:
    """Return the address of a page of ours."""
    query = {"ticket": ticket, **({"lang": language} if language else {})}
    return f"{path}?{urlencode(query)}"


def see_other(location: str) -> Response:
    """Redirect the browser (303)."""
    return RedirectResponse(location, 303, page_headers())
