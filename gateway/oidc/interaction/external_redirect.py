"""On the way to an external provider: which ones there are, and sending a browser to one."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.authentication.issuer_discovery import IssuerUnfitError
from gateway.authentication.issuer_fetching import IssuerAwayError
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
    """The broker; its pages are served only where there is one."""
    if parts.broker is None:
        raise AnsweredError(parts.pages.error("request", 404))
    return parts.broker


def party_of(parts: ProviderDependencies, request: Request) -> RelyingParty:
    """We, at the provider that the address names."""
    party = broker_of(parts).parties.get(request.path_params["name"])
    if party is None:
        raise AnsweredError(parts.pages.error("request", 404))
    return party


def title_of(party: RelyingParty, language: str) -> str:
    """What people call a provider."""
    return party.settings.title_en if language == "en" else party.settings.title_id


def again(asked: PageRequest, *, anew: bool = False) -> NextLink:
    """The way from an error back to where people sign in; `anew` where they must not come straight back as they are."""
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
    """Begin a sign-in at one provider, and send the browser there; when it is away a page, with a way `back`."""
    broker = broker_of(parts)
    try:
        begun = await broker.parties[name].begin(wishes)
    except (IssuerAwayError, IssuerUnfitError, SignInRefusedError) as error:
        return away(parts, name, error, back)
    about = {"ticket": asked.sealed, "lang": asked.fields.get("lang", ""), "level": str(wishes.level)}
    await broker.keep(name, asked.browser, begun, {**about, **content})
    response = see_other(begun.address)
    parts.browsers.write(response, asked.browser)
    return response


def away(parts: ProviderDependencies, name: str, error: Exception, back: NextLink) -> Response:
    """A page that says that the provider is away, and when to try again."""
    reason = str(error) if isinstance(error, IssuerUnfitError | SignInRefusedError) else None
    log.warning(
        "sign-in elsewhere not possible", extra={"system": name, "error": type(error).__name__, "reason": reason}
    )
    response = parts.pages.error("away", 503, back)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response
