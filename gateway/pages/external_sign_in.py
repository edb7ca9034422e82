"""`/oauth2/broker`: sign-in at an external provider, and its callback."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.authentication.issuer_discovery import IssuerMetadataError
from gateway.authentication.issuer_fetching import IssuerUnavailableError
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.identity.subjects import IdentityConflictError
from gateway.oidc.dependencies import AnsweredError, ProviderDependencies
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.external.provider_calls import SignInRefusedError
from gateway.oidc.external.relying_party import RelyingParty, SignInRequest
from gateway.oidc.grants.parameters import ParametersRefusedError, read_parameters
from gateway.oidc.grants.service import refuse
from gateway.oidc.html.pages import NextLink
from gateway.oidc.interaction.external_redirect import again, away, broker_of, party_of, send_to, title_of
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, asked_page, onward, sheet
from gateway.oidc.interaction.redirects import page_address, refused
from gateway.oidc.interaction.sign_in_steps import needed_level
from gateway.oidc.sessions.login_sessions import ExternalSession, ProvenSignIn
from gateway.oidc.sessions.tickets import TicketError
from gateway.pages.sign_ins import LINKING, TO_SIGN_INS, finish_link, take_nik

log = logging.getLogger(__name__)

_ANSWER: Final = frozenset({"code", "state", "iss", "error"})
_TO_ACCOUNT: Final = NextLink(ACCOUNT_PATH, "error_to_account")
"""Link for a callback that no browser session has begun: the goal of the sign-in is unknown."""


async def choose(parts: ProviderDependencies, request: Request) -> Response:
    """Show the providers; with only one, redirect to it."""
    broker = broker_of(parts)
    asked = await asked_page(parts, request, {"other"})
    if len(broker.parties) == 1:
        return await _begin(parts, asked, next(iter(broker.parties)))
    places = [
        {"title": title_of(party, asked.language), "address": _place(asked, name)}
        for name, party in broker.parties.items()
    ]
    return await sheet(parts, asked, "broker", {"places": places})


async def begin(parts: ProviderDependencies, request: Request) -> Response:
    """Redirect the browser to one provider."""
    asked = await asked_page(parts, request, {"other"})
    party_of(parts, request)
    return await _begin(parts, asked, request.path_params["name"])


async def come_back(parts: ProviderDependencies, request: Request) -> Response:
    """Handle the callback from the provider."""
    party = party_of(parts, request)
    try:
        answer = read_parameters(request.scope["query_string"], _ANSWER)
    except ParametersRefusedError:
        return parts.pages.error("broker", onward=_TO_ACCOUNT)
    asked, kept = await _begun(parts, request, answer.get("state"))
    identity = await _identity(parts, party, asked, kept, answer)
    if identity.level < int(kept["level"]):
        return parts.pages.error("weak", 403, _back(asked, kept, anew=True))
    try:
        if kept["for"] == LINKING:
            return await finish_link(parts, asked, kept, identity)
        return await _sign_in(parts, asked, identity)
    except IdentityConflictError as conflict:
        return parts.pages.error(conflict.conflict.value, 403, _back(asked, kept, anew=True))


async def _begun(
    parts: ProviderDependencies, request: Request, state: str | None
) -> tuple[PageRequest, Mapping[str, str]]:
    """Return the sign-in that this browser has begun with this state, and consume it."""
    browser = parts.browsers.read(request)
    kept = await broker_of(parts).take(request.path_params["name"], browser, state)
    if kept is None or browser is None:
        raise AnsweredError(parts.pages.error("state", 403, _TO_ACCOUNT))
    try:
        ticket = parts.tickets.open(kept["ticket"])
    except TicketError:
        raise AnsweredError(parts.pages.error("ticket", onward=_TO_ACCOUNT)) from None
    fields = {"lang": kept["lang"]} if kept["lang"] else {}
    return PageRequest(request, fields, kept["ticket"], ticket, browser), kept


async def _begin(parts: ProviderDependencies, asked: PageRequest, name: str) -> Response:
    ticket = asked.ticket
    signed_in = await parts.sessions.find(parts.browsers.read(asked.request))
    wishes = SignInRequest(
        max_age=int(ticket.parameters["max_age"]) if "max_age" in ticket.parameters else None,
        anew="other" in asked.fields or bool(ticket.prompts & {"login", "select_account"}),
        level=needed_level(parts, signed_in, ticket),
        language=asked.language,
    )
    return await send_to(parts, asked, name, wishes, {"for": "sign-in"}, again(asked))


async def _identity(
    parts: ProviderDependencies,
    party: RelyingParty,
    asked: PageRequest,
    kept: Mapping[str, str],
    answer: Mapping[str, str],
) -> AssertedIdentity:
    try:
        return await party.finish(kept, answer)
    except SignInRefusedError as refusal:
        name = asked.request.path_params["name"]
        log.warning(
            "external sign-in refused", extra={"system": name, "cause": refusal.reason, "reason": refusal.detail}
        )
        raise AnsweredError(await _refused(parts, asked, kept, refusal)) from None
    except (IssuerUnavailableError, IssuerMetadataError) as error:
        name = asked.request.path_params["name"]
        raise AnsweredError(away(parts, name, error, _back(asked, kept))) from None


async def _refused(
    parts: ProviderDependencies, asked: PageRequest, kept: Mapping[str, str], refusal: SignInRefusedError
) -> Response:
    if refusal.reason != "denied":
        return parts.pages.error("broker", 403, _back(asked, kept, anew=True))
    if asked.ticket.page is not None:
        return parts.pages.error("denied", onward=_back(asked, kept, anew=True))
    return refused(parts, await parts.grants.run(refuse, asked.ticket.parameters, "access_denied"))


async def _sign_in(parts: ProviderDependencies, asked: PageRequest, identity: AssertedIdentity) -> Response:
    broker = broker_of(parts)
    account_id = await broker.subjects.account_of(identity)
    await take_nik(parts, account_id, identity)
    # The person has just signed in at the provider: if its clock is slightly behind, do not ask again.
    earliest = asked.ticket.earliest_sign_in or identity.auth_time
    origin = ExternalSession(identity.issuer, max(identity.auth_time, earliest), broker.mark_of(identity))
    proven = ProvenSignIn(identity.level, identity.methods, origin)
    agent = asked.request.headers.get("user-agent", "")
    response = onward(asked)
    parts.browsers.write(response, await parts.sessions.begin(account_id, proven, asked.browser, agent))
    return response


def _back(asked: PageRequest, kept: Mapping[str, str], *, anew: bool = False) -> NextLink:
    """Return the link from an error back to the page where this was begun."""
    return TO_SIGN_INS if kept["for"] == LINKING else again(asked, anew=anew)


def _place(asked: PageRequest, name: str) -> str:
    address = page_address(f"{BROKER_PATH}/{name}", asked.sealed, asked.language)
    return f"{address}&other=1" if "other" in asked.fields else address
