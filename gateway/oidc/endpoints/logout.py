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
from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies
from gateway.oidc.grants.parameters import ParametersRefusedError, read_form, read_parameters
from gateway.oidc.interaction.forms import PageRequest, read_page_form, read_page_request, render_page
from gateway.oidc.interaction.hints import read_hint
from gateway.oidc.interaction.redirects import redirect_to_page, see_other
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.tokens.pairwise_subjects import pairwise_session_id
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.sessions import LoginSessionRow

LOGOUT_PATH = "/oauth2/logout"
SESSION_PATH = "/oauth2/logout/session"
LOGOUT_PARAMETERS = frozenset(
    {"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
)

_MAX_REQUEST = 16384
_ENDS_NAMED = "ends_named"


async def logout(deps: ProviderDependencies, request: Request) -> Response:
    """Validate the request, and redirect to the page that can read the browser's session cookie."""
    try:
        encoded = await read_form(request) if request.method == "POST" else request.scope["query_string"]
        parameters = read_parameters(encoded, LOGOUT_PARAMETERS, _MAX_REQUEST)
    except ParametersRefusedError:
        return deps.pages.error("request")
    goal = {name: parameters[name] for name in ("ui_locales",) if name in parameters}
    hint = await read_hint(deps, parameters.get("id_token_hint", ""), parameters.get("client_id"))
    if hint is not None:
        goal |= {"client_id": hint.client.id, "account": hint.account_id, "session": hint.session or ""}
        goal |= _return_address(hint.client, parameters)
    return redirect_to_page(SESSION_PATH, deps.tickets.seal_page_parameters(SESSION_PATH, goal), None)


async def end_session(deps: ProviderDependencies, request: Request) -> Response:
    """End the hint's sign-in if it began in this browser; else show the confirmation page."""
    page = _check_ticket(deps, await read_page_request(deps, request))
    signed_in, named = await deps.sessions.find(page.browser), await _hinted_sign_ins(deps, page.ticket.parameters)
    if await deps.sessions.find_sign_in(page.browser) in named:
        return await _end(deps, page, named)
    if signed_in is not None:
        return await _ask(deps, page, {"name": signed_in.display_name})
    return await _ask_for_named(deps, page) if named else await _signed_out(deps, page)


async def confirm_logout(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the submitted confirmation."""
    page = _check_ticket(deps, await read_page_form(deps, request))
    if _ENDS_NAMED in page.ticket.parameters:
        return await _end(deps, page, await _hinted_sign_ins(deps, page.ticket.parameters))
    signed_in = await deps.sessions.find(page.browser)
    own = await deps.sessions.find_sign_in(page.browser) if signed_in is not None else None
    return await _end(deps, page, {own} if own is not None else set())


def _return_address(client: ClientRow, parameters: dict[str, str]) -> dict[str, str]:
    """Return the address to go back to, if it is registered."""
    address = parameters.get("post_logout_redirect_uri", "")
    if not is_registered(address, client.post_logout_redirect_uris, native=client.native):
        return {}
    state = {"state": parameters["state"]} if "state" in parameters else {}
    separator = "&" if "?" in address else "?"
    return {"back": address + (separator + urlencode(state) if state else "")}


def _check_ticket(deps: ProviderDependencies, page: PageRequest) -> PageRequest:
    if page.ticket.page != SESSION_PATH:
        raise EarlyResponseError(deps.pages.error("ticket"))
    return page


async def _hinted_sign_ins(deps: ProviderDependencies, goal: dict[str, str]) -> set[str]:
    """Return the sign-ins that the hint names: active ones, and those whose grant to its client is not revoked."""
    if not goal.get("session"):
        return set()
    active = select(LoginSessionRow.session_id).where(
        LoginSessionRow.account_id == goal["account"], LoginSessionRow.ended_at.is_(None)
    )
    given = select(GrantRow.session_id).where(
        GrantRow.account_id == goal["account"], GrantRow.client_id == goal["client_id"], GrantRow.revoked_at.is_(None)
    )
    async with deps.database.session() as session:
        client = await session.get_one(ClientRow, goal["client_id"])
        found = (await session.scalars(active.union(given))).all()
    return {name for name in found if name and pairwise_session_id(deps.sealer, client, name) == goal["session"]}


async def _ask(deps: ProviderDependencies, page: PageRequest, values: dict[str, object]) -> Response:
    return await render_page(deps, page, "logout", {"name": None, "action": SESSION_PATH, **values})


async def _ask_for_named(deps: ProviderDependencies, page: PageRequest) -> Response:
    """Ask whether to end the sign-in that the hint names; only the confirmation of this page ends it."""
    goal = {**page.ticket.parameters, _ENDS_NAMED: "yes"}
    async with deps.database.session() as session:
        client = await session.get_one(ClientRow, goal["client_id"])
    title = client.title_en if page.language == "en" else client.title_id
    sealed = deps.tickets.seal_page_parameters(SESSION_PATH, goal)
    return await _ask(deps, replace(page, sealed=sealed, ticket=deps.tickets.open(sealed)), {"client": title})


async def _end(deps: ProviderDependencies, page: PageRequest, sign_ins: Collection[str]) -> Response:
    for session_id in sign_ins:
        await deps.sessions.end(session_id)
    if sign_ins:
        deps.logout_notifier.wake()
    return await _signed_out(deps, page)


async def _signed_out(deps: ProviderDependencies, page: PageRequest) -> Response:
    back = page.ticket.parameters.get("back")
    if back is None:
        return await render_page(deps, replace(page, browser=new_browser()), "signed_out", {}, path=SESSION_PATH)
    response = see_other(back)
    deps.browsers.clear(response)
    return response
