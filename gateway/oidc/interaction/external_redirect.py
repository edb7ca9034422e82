"""Redirect of a browser to an external provider."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.authentication.issuer_discovery import IssuerMetadataError
from gateway.authentication.issuer_fetching import IssuerUnavailableError
from gateway.oidc.dependencies import AnsweredError, ProviderDependencies
from gateway.oidc.external.broker import Broker
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.external.provider_calls import SignInRefusedError
from gateway.oidc.external.relying_party import RelyingParty, SignInRequest
from gateway.oidc.html.pages import NextLink
from gateway.oidc.interaction.forms import PageRequest
from gateway.oidc.interaction.redirects import page_address, see_other

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "30"


def broker_of(parts: ProviderDependencies) -> Broker:
    """Return the broker; respond 404 if none is configured."""
    if parts.broker is None:
        raise AnsweredError(parts.pages.error("request", 404))
    return parts.broker


def party_of(parts: ProviderDependencies, request: Request) -> RelyingParty:
    """Return the relying party for the provider in the address; respond 404 if there is none."""
    party = broker_of(parts).parties.get(request.path_params["name"])
    if party is None:
        raise AnsweredError(parts.pages.error("request", 404))
    return party


def title_of(party: RelyingParty, language: str) -> str:
    """Return the display name of a provider."""
    return party.settings.title_en if language == "en" else party.settings.title_id


def again(asked: PageRequest, *, anew: bool = False) -> NextLink:
    """Return the link from an error page back to the sign-in; with `anew`, the person can choose another account."""
    address = page_address(BROKER_PATH, asked.sealed)
    return NextLink(f"{address}&other=1" if anew else address)


async def send_to(
    parts: ProviderDependencies,
    asked: PageRequest,
    name: str,
    wishes: SignInRequest,
    content: Mapping[str, str],
    back: NextLink,
) -> Response:
    """Begin a sign-in at one provider and redirect the browser; if it is unavailable, a page with a `back` link."""
    broker = broker_of(parts)
    try:
        begun = await broker.parties[name].begin(wishes)
    except (IssuerUnavailableError, IssuerMetadataError, SignInRefusedError) as error:
        return away(parts, name, error, back)
    about = {"ticket": asked.sealed, "lang": asked.fields.get("lang", ""), "level": str(wishes.level)}
    await broker.keep(name, asked.browser, begun, {**about, **content})
    response = see_other(begun.address)
    parts.browsers.write(response, asked.browser)
    return response


def away(parts: ProviderDependencies, name: str, error: Exception, back: NextLink) -> Response:
    """Render the page for an unavailable provider, with `Retry-After`."""
    reason = str(error) if isinstance(error, IssuerMetadataError | SignInRefusedError) else None
    log.warning(
        "sign-in at external provider not possible",
        extra={"system": name, "error": type(error).__name__, "reason": reason},
    )
    response = parts.pages.error("away", 503, back)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response
