"""Sign-in at an external provider: its start, the choice of a provider, and its callback."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.authentication.issuer_discovery import IssuerMetadataError
from gateway.authentication.issuer_fetching import IssuerUnavailableError
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.identity.subjects import IdentityConflictError
from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.external.provider_calls import SignInRefusedError
from gateway.oidc.external.relying_party import RelyingParty, SignInRequest
from gateway.oidc.grants.parameters import ParametersRefusedError, read_parameters
from gateway.oidc.grants.service import refuse
from gateway.oidc.html.pages import NextLink
from gateway.oidc.interaction.external_redirect import (
    provider_title,
    redirect_to_provider,
    requested_party,
    require_broker,
    retry_link,
    unavailable_page,
)
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, read_page_request, redirect_to_goal, render_page
from gateway.oidc.interaction.redirects import page_address, refusal_response
from gateway.oidc.interaction.sign_in_steps import required_level
from gateway.oidc.sessions.login_sessions import ExternalSession, ProvenSignIn
from gateway.oidc.sessions.tickets import TicketError
from gateway.pages.sign_ins import LINKING, TO_SIGN_INS, finish_link, store_asserted_nik

log = logging.getLogger(__name__)

_ANSWER: Final = frozenset({"code", "state", "iss", "error"})
_TO_ACCOUNT: Final = NextLink(ACCOUNT_PATH, "error_to_account")
"""Link for a callback that no browser session has begun: the goal of the sign-in is unknown."""


async def choose(deps: ProviderDependencies, request: Request) -> Response:
    """Show the providers; with only one, redirect to it."""
    broker = require_broker(deps)
    page = await read_page_request(deps, request, {"other"})
    if len(broker.parties) == 1:
        return await _begin(deps, page, next(iter(broker.parties)))
    providers = [
        {"title": provider_title(party, page.language), "address": _provider_address(page, name)}
        for name, party in broker.parties.items()
    ]
    return await render_page(deps, page, "broker", {"places": providers})


async def begin(deps: ProviderDependencies, request: Request) -> Response:
    """Redirect the browser to one provider."""
    page = await read_page_request(deps, request, {"other"})
    requested_party(deps, request)
    return await _begin(deps, page, request.path_params["name"])


async def callback(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the callback from the provider."""
    party = requested_party(deps, request)
    try:
        answer = read_parameters(request.scope["query_string"], _ANSWER)
    except ParametersRefusedError:
        return deps.pages.error("broker", link=_TO_ACCOUNT)
    page, stored = await _consume_state(deps, request, answer.get("state"))
    identity = await _identity(deps, party, page, stored, answer)
    if identity.level < int(stored["level"]):
        return deps.pages.error("weak", 403, _back(page, stored, reauthenticate=True))
    try:
        if stored["for"] == LINKING:
            return await finish_link(deps, page, stored, identity)
        return await _sign_in(deps, page, identity)
    except IdentityConflictError as conflict:
        return deps.pages.error(conflict.conflict.value, 403, _back(page, stored, reauthenticate=True))


async def _consume_state(
    deps: ProviderDependencies, request: Request, state: str | None
) -> tuple[PageRequest, Mapping[str, str]]:
    """Return the sign-in that this browser has begun with this state, and consume it."""
    browser = deps.browsers.read(request)
    stored = await require_broker(deps).consume(request.path_params["name"], browser, state)
    if stored is None or browser is None:
        raise EarlyResponseError(deps.pages.error("state", 403, _TO_ACCOUNT))
    try:
        ticket = deps.tickets.open(stored["ticket"])
    except TicketError:
        raise EarlyResponseError(deps.pages.error("ticket", link=_TO_ACCOUNT)) from None
    fields = {"lang": stored["lang"]} if stored["lang"] else {}
    return PageRequest(request, fields, stored["ticket"], ticket, browser), stored


async def _begin(deps: ProviderDependencies, page: PageRequest, name: str) -> Response:
    ticket = page.ticket
    signed_in = await deps.sessions.find(deps.browsers.read(page.request))
    requirements = SignInRequest(
        max_age=int(ticket.parameters["max_age"]) if "max_age" in ticket.parameters else None,
        reauthenticate="other" in page.fields or bool(ticket.prompts & {"login", "select_account"}),
        level=required_level(deps, signed_in, ticket),
        language=page.language,
    )
    return await redirect_to_provider(deps, page, name, requirements, {"for": "sign-in"}, retry_link(page))


async def _identity(
    deps: ProviderDependencies,
    party: RelyingParty,
    page: PageRequest,
    stored: Mapping[str, str],
    answer: Mapping[str, str],
) -> AssertedIdentity:
    try:
        return await party.finish(stored, answer)
    except SignInRefusedError as refusal:
        name = page.request.path_params["name"]
        log.warning(
            "external sign-in refused", extra={"system": name, "cause": refusal.reason, "reason": refusal.detail}
        )
        raise EarlyResponseError(await _refused(deps, page, stored, refusal)) from None
    except (IssuerUnavailableError, IssuerMetadataError) as error:
        name = page.request.path_params["name"]
        raise EarlyResponseError(unavailable_page(deps, name, error, _back(page, stored))) from None


async def _refused(
    deps: ProviderDependencies, page: PageRequest, stored: Mapping[str, str], refusal: SignInRefusedError
) -> Response:
    if refusal.reason != "denied":
        return deps.pages.error("broker", 403, _back(page, stored, reauthenticate=True))
    if page.ticket.page is not None:
        return deps.pages.error("denied", link=_back(page, stored, reauthenticate=True))
    return refusal_response(deps, await deps.grants.run(refuse, page.ticket.parameters, "access_denied"))


async def _sign_in(deps: ProviderDependencies, page: PageRequest, identity: AssertedIdentity) -> Response:
    broker = require_broker(deps)
    account_id = await broker.subjects.account_of(identity)
    await store_asserted_nik(deps, account_id, identity)
    # The person has just signed in at the provider: if its clock is slightly behind, do not ask again.
    earliest = page.ticket.earliest_sign_in or identity.auth_time
    origin = ExternalSession(identity.issuer, max(identity.auth_time, earliest), broker.identity_fingerprint(identity))
    proven = ProvenSignIn(identity.level, identity.methods, origin)
    agent = page.request.headers.get("user-agent", "")
    response = redirect_to_goal(page)
    deps.browsers.write(response, await deps.sessions.begin(account_id, proven, page.browser, agent))
    return response


def _back(page: PageRequest, stored: Mapping[str, str], *, reauthenticate: bool = False) -> NextLink:
    """Return the link from an error back to the page where this was begun."""
    return TO_SIGN_INS if stored["for"] == LINKING else retry_link(page, reauthenticate=reauthenticate)


def _provider_address(page: PageRequest, name: str) -> str:
    address = page_address(f"{BROKER_PATH}/{name}", page.sealed, page.language)
    return f"{address}&other=1" if "other" in page.fields else address
