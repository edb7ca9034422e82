"""Redirect of a browser to an external provider."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.authentication.issuer_discovery import IssuerMetadataError
from gateway.authentication.issuer_fetching import IssuerUnavailableError
from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies
from gateway.oidc.external.broker import Broker
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.external.provider_calls import SignInRefusedError
from gateway.oidc.external.relying_party import RelyingParty, SignInRequest
from gateway.oidc.html.pages import NextLink
from gateway.oidc.interaction.forms import PageRequest
from gateway.oidc.interaction.redirects import page_address, see_other

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "30"


def require_broker(deps: ProviderDependencies) -> Broker:
    """Return the broker; respond 404 if none is configured."""
    if deps.broker is None:
        raise EarlyResponseError(deps.pages.error("request", 404))
    return deps.broker


def requested_party(deps: ProviderDependencies, request: Request) -> RelyingParty:
    """Return the relying party for the provider in the address; respond 404 if there is none."""
    party = require_broker(deps).parties.get(request.path_params["name"])
    if party is None:
        raise EarlyResponseError(deps.pages.error("request", 404))
    return party


def provider_title(party: RelyingParty, language: str) -> str:
    """Return the display name of a provider."""
    return party.settings.title_en if language == "en" else party.settings.title_id


def retry_link(page: PageRequest, *, reauthenticate: bool = False) -> NextLink:
    """Return the link from an error page back to the sign-in; with `reauthenticate`, a new sign-in is requested."""
    address = page_address(BROKER_PATH, page.sealed)
    return NextLink(f"{address}&other=1" if reauthenticate else address)


async def redirect_to_provider(
    deps: ProviderDependencies,
    page: PageRequest,
    name: str,
    requirements: SignInRequest,
    content: Mapping[str, str],
    back: NextLink,
) -> Response:
    """Begin a sign-in at one provider and redirect the browser; if it is unavailable, a page with a `back` link."""
    broker = require_broker(deps)
    try:
        pending = await broker.parties[name].begin(requirements)
    except (IssuerUnavailableError, IssuerMetadataError, SignInRefusedError) as error:
        return unavailable_page(deps, name, error, back)
    context = {"ticket": page.sealed, "lang": page.fields.get("lang", ""), "level": str(requirements.level)}
    await broker.store(name, page.browser, pending, {**context, **content})
    response = see_other(pending.address)
    deps.browsers.write(response, page.browser)
    return response


def unavailable_page(deps: ProviderDependencies, name: str, error: Exception, back: NextLink) -> Response:
    """Render the page for an unavailable provider, with `Retry-After`."""
    reason = str(error) if isinstance(error, IssuerMetadataError | SignInRefusedError) else None
    log.warning(
        "sign-in at external provider not possible",
        extra={"system": name, "error": type(error).__name__, "reason": reason},
    )
    response = deps.pages.error("away", 503, back)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response
