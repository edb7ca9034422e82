"""`/oauth2/logout`: sign-out, requested by a client (OpenID Connect RP-Initiated Logout 1.0) or by the person.

The hint is an ID token of ours. It identifies the client, and lets the browser return to a registered address. ID
tokens are no secrets and end up in logs, so whether a sign-in ends without a question depends on the browser:

* The hint names the sign-in of this browser, which may have expired: it ends at once.
* Another person is signed in here: the page asks, and only that person's sign-in ends.
* No person is signed in here (the cookie was deleted, or never existed, as in an app's private window): the page asks,
  without showing whose sign-in it is. After the confirmation the sign-in of the hint ends. Otherwise an app that has
  dropped its cookie would stay signed in for weeks after its owner signed out.
"""

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.clients.registered_client import is_registered
from gateway.oidc.dependencies import AnsweredError, ProviderDependencies
from gateway.oidc.grants.parameters import ParametersRefusedError, read_form, read_parameters
from gateway.oidc.interaction.forms import PageRequest, asked_form, asked_page, sheet
from gateway.oidc.interaction.hints import read_hint
from gateway.oidc.interaction.redirects import see_other, to_page
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.tokens.pairwise_subjects import session_of
from gateway.storage.tables.identity import ClientRow, GrantRow, LoginSessionRow

LOGOUT_PATH = "/oauth2/logout"
SESSION_PATH = "/oauth2/logout/session"
LOGOUT_PARAMETERS = frozenset(
    {"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
)

_MAX_REQUEST = 16384
_ENDS_NAMED = "ends_named"


async def logout(parts: ProviderDependencies, request: Request) -> Response:
    """Validate the request, and redirect to the page that can read the browser's session cookie."""
    try:
        encoded = await read_form(request) if request.method == "POST" else request.scope["query_string"]
        parameters = read_parameters(encoded, LOGOUT_PARAMETERS, _MAX_REQUEST)
    except ParametersRefusedError:
        return parts.pages.error("request")
    wish = {name: parameters[name] for name in ("ui_locales",) if name in parameters}
    hint = await read_hint(parts, parameters.get("id_token_hint", ""), parameters.get("client_id"))
    if hint is not None:
        wish |= {"client_id": hint.client.id, "account": hint.account_id, "session": hint.session or ""}
        wish |= _back(hint.client, parameters)
    return to_page(SESSION_PATH, parts.tickets.seal_wish(SESSION_PATH, wish), None)


async def end_session(parts: ProviderDependencies, request: Request) -> Response:
    """End the hint's sign-in if it began in this browser; else show the confirmation page."""
    asked = _asked(parts, await asked_page(parts, request))
    signed_in, named = await parts.sessions.find(asked.browser), await _named(parts, asked.ticket.parameters)
    if await parts.sessions.sign_in_of(asked.browser) in named:
        return await _end(parts, asked, named)
    if signed_in is not None:
        return await _ask(parts, asked, {"name": signed_in.display_name})
    return await _ask_for_named(parts, asked) if named else await _gone(parts, asked)


async def confirm_logout(parts: ProviderDependencies, request: Request) -> Response:
    """Handle the submitted confirmation."""
    asked = _asked(parts, await asked_form(parts, request))
    if _ENDS_NAMED in asked.ticket.parameters:
        return await _end(parts, asked, await _named(parts, asked.ticket.parameters))
    signed_in = await parts.sessions.find(asked.browser)
    own = await parts.sessions.sign_in_of(asked.browser) if signed_in is not None else None
    return await _end(parts, asked, {own} if own is not None else set())


def _back(client: ClientRow, parameters: dict[str, str]) -> dict[str, str]:
    """Return the address to go back to, if it is registered."""
    address = parameters.get("post_logout_redirect_uri", "")
    if not is_registered(address, client.post_logout_redirect_uris, native=client.native):
        return {}
    state = {"state": parameters["state"]} if "state" in parameters else {}
    joint = "&" if "?" in address else "?"
    return {"back": address + (joint + urlencode(state) if state else "")}


def _asked(parts: ProviderDependencies, asked: PageRequest) -> PageRequest:
    if asked.ticket.page != SESSION_PATH:
        raise AnsweredError(parts.pages.error("ticket"))
    return asked


async def _named(parts: ProviderDependencies, wish: dict[str, str]) -> set[str]:
    """Return the sign-ins that the hint names: active ones, and those whose grant to its client is not revoked."""
    if not wish.get("session"):
        return set()
    living = select(LoginSessionRow.session_id).where(
        LoginSessionRow.account_id == wish["account"], LoginSessionRow.ended_at.is_(None)
    )
    given = select(GrantRow.session_id).where(
        GrantRow.account_id == wish["account"], GrantRow.client_id == wish["client_id"], GrantRow.revoked_at.is_(None)
    )
    async with parts.database.session() as session:
        client = await session.get_one(ClientRow, wish["client_id"])
        found = (await session.scalars(living.union(given))).all()
    return {name for name in found if name and session_of(parts.sealer, client, name) == wish["session"]}


async def _ask(parts: ProviderDependencies, asked: PageRequest, values: dict[str, object]) -> Response:
    return await sheet(parts, asked, "logout", {"name": None, "action": SESSION_PATH, **values})


async def _ask_for_named(parts: ProviderDependencies, asked: PageRequest) -> Response:
    """Ask whether to end the sign-in that the hint names; only the confirmation of this page ends it."""
    wish = {**asked.ticket.parameters, _ENDS_NAMED: "yes"}
    async with parts.database.session() as session:
        client = await session.get_one(ClientRow, wish["client_id"])
    title = client.title_en if asked.language == "en" else client.title_id
    sealed = parts.tickets.seal_wish(SESSION_PATH, wish)
    return await _ask(parts, replace(asked, sealed=sealed, ticket=parts.tickets.open(sealed)), {"client": title})


async def _end(parts: ProviderDependencies, asked: PageRequest, sign_ins: Collection[str]) -> Response:
    for session_id in sign_ins:
        await parts.sessions.end(session_id)
    if sign_ins:
        parts.notices.wake()
    return await _gone(parts, asked)


async def _gone(parts: ProviderDependencies, asked: PageRequest) -> Response:
    back = asked.ticket.parameters.get("back")
    if back is None:
        return await sheet(parts, replace(asked, browser=new_browser()), "signed_out", {}, path=SESSION_PATH)
    response = see_other(back)
    parts.browsers.forget(response)
    return response
