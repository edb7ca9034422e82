"""`/oauth2/broker`: the step at which people sign in elsewhere, and come back with proof of it."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.provider.authorize import page_address, refused
from gateway.provider.elsewhere import away, broker_of, party_of, send_to, title_of
from gateway.provider.flow import refuse
from gateway.provider.forms import Asked, asked_page, onward, sheet
from gateway.provider.guard import ParametersRefusedError, read_parameters
from gateway.provider.linking import LINKING, finish_link, take_nik
from gateway.provider.parts import AnsweredError, Parts
from gateway.provider.sessions import Elsewhere, Proven
from gateway.provider.steps import needed_level
from gateway.provider.tickets import TicketError
from gateway.sso.asking import SignInRefusedError
from gateway.sso.discovery import IssuerUnfitError
from gateway.sso.external import BROKER_PATH
from gateway.sso.fetching import IssuerAwayError
from gateway.sso.identity import Identity
from gateway.sso.relying_party import RelyingParty, Wishes
from gateway.sso.subjects import IdentityConflictError

log = logging.getLogger(__name__)

_ANSWER: Final = frozenset({"code", "state", "iss", "error"})


async def choose(parts: Parts, request: Request) -> Response:
    """Where to sign in: straight on when there is one place."""
    broker = broker_of(parts)
    asked = await asked_page(parts, request, {"other"})
    if len(broker.parties) == 1:
        return await _begin(parts, asked, next(iter(broker.parties)))
    places = [
        {"title": title_of(party, asked.language), "address": _place(asked, name)}
        for name, party in broker.parties.items()
    ]
    return await sheet(parts, asked, "broker", {"places": places})


async def begin(parts: Parts, request: Request) -> Response:
    """Send the browser to one provider."""
    asked = await asked_page(parts, request, {"other"})
    party_of(parts, request)
    return await _begin(parts, asked, request.path_params["name"])


async def come_back(parts: Parts, request: Request) -> Response:
    """What the browser brings back from the provider."""
    party = party_of(parts, request)
    try:
        answer = read_parameters(request.scope["query_string"], _ANSWER)
    except ParametersRefusedError:
        return parts.pages.error("broker")
    asked, kept = await _begun(parts, request, answer.get("state"))
    identity = await _identity(parts, party, asked, kept, answer)
    if identity.level < int(kept["level"]):
        return parts.pages.error("weak", 403)
    try:
        if kept["for"] == LINKING:
            return await finish_link(parts, asked, kept, identity)
        return await _sign_in(parts, asked, identity)
    except IdentityConflictError as conflict:
        return parts.pages.error(conflict.conflict.value, 403)


async def _begun(parts: Parts, request: Request, state: str | None) -> tuple[Asked, Mapping[str, str]]:
    """What this browser has begun with this state, which is good once."""
    browser = parts.browsers.read(request)
    kept = await broker_of(parts).take(request.path_params["name"], browser, state)
    if kept is None or browser is None:
        raise AnsweredError(parts.pages.error("state", 403))
    try:
        ticket = parts.tickets.open(kept["ticket"])
    except TicketError:
        raise AnsweredError(parts.pages.error("ticket")) from None
    fields = {"lang": kept["lang"]} if kept["lang"] else {}
    return Asked(request, fields, kept["ticket"], ticket, browser), kept


async def _begin(parts: Parts, asked: Asked, name: str) -> Response:
    ticket = asked.ticket
    signed_in = await parts.sessions.find(parts.browsers.read(asked.request))
    wishes = Wishes(
        max_age=int(ticket.parameters["max_age"]) if "max_age" in ticket.parameters else None,
        anew="other" in asked.fields or bool(ticket.prompts & {"login", "select_account"}),
        level=needed_level(parts, signed_in, ticket),
        language=asked.language,
    )
    return await send_to(parts, asked, name, wishes, {"for": "sign-in"})


async def _identity(
    parts: Parts, party: RelyingParty, asked: Asked, kept: Mapping[str, str], answer: Mapping[str, str]
) -> Identity:
    try:
        return await party.finish(kept, answer)
    except SignInRefusedError as refusal:
        name = asked.request.path_params["name"]
        log.warning(
            "sign-in elsewhere refused", extra={"system": name, "cause": refusal.reason, "reason": refusal.detail}
        )
        raise AnsweredError(await _refused(parts, asked, refusal)) from None
    except (IssuerAwayError, IssuerUnfitError) as error:
        raise AnsweredError(away(parts, asked.request.path_params["name"], error)) from None


async def _refused(parts: Parts, asked: Asked, refusal: SignInRefusedError) -> Response:
    if refusal.reason != "denied":
        return parts.pages.error("broker", 403)
    if asked.ticket.page is not None:
        return parts.pages.error("denied")
    return refused(parts, await parts.grants.run(refuse, asked.ticket.parameters, "access_denied"))


async def _sign_in(parts: Parts, asked: Asked, identity: Identity) -> Response:
    broker = broker_of(parts)
    account_id = await broker.subjects.account_of(identity)
    await take_nik(parts, account_id, identity)
    # The provider has just asked who it is: a clock of its own that is a little behind must not make us ask again.
    earliest = asked.ticket.earliest_sign_in or identity.auth_time
    origin = Elsewhere(identity.issuer, max(identity.auth_time, earliest), broker.mark_of(identity))
    proven = Proven(identity.level, identity.methods, origin)
    agent = asked.request.headers.get("user-agent", "")
    response = onward(asked)
    parts.browsers.write(response, await parts.sessions.begin(account_id, proven, asked.browser, agent))
    return response


def _place(asked: Asked, name: str) -> str:
    address = page_address(f"{BROKER_PATH}/{name}", asked.sealed, asked.language)
    return f"{address}&other=1" if "other" in asked.fields else address
