"""`/oauth2/logout`: a client asks to sign somebody out (OpenID Connect RP-Initiated Logout 1.0), or they come alone.

Only an ID token of ours says who asks: with it the browser goes back to an address that is registered, and the sign-in
that it names ends without a question. Anybody else is asked, and stays with us.
"""

from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.clients.registered_client import is_registered
from gateway.oidc.dependencies import AnsweredError, ProviderDependencies
from gateway.oidc.grants.parameters import ParametersRefusedError, read_form, read_parameters
from gateway.oidc.interaction.forms import PageRequest, asked_form, asked_page, sheet
from gateway.oidc.interaction.redirects import see_other, to_page
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.oidc.tokens.hints import read_hint
from gateway.oidc.tokens.pairwise_subjects import session_of
from gateway.storage.tables.identity import ClientRow, GrantRow, LoginSessionRow

LOGOUT_PATH = "/oauth2/logout"
SESSION_PATH = "/oauth2/logout/session"
LOGOUT_PARAMETERS = frozenset(
    {"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
)

_MAX_REQUEST = 16384


async def logout(parts: ProviderDependencies, request: Request) -> Response:
    """Judge who asks, and go on to the page that knows the browser's session."""
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
    """Sign out whom the hint names; ask everybody else."""
    asked = _asked(parts, await asked_page(parts, request))
    wish, signed_in = asked.ticket.parameters, await parts.sessions.find(asked.browser)
    named = await _named(parts, wish)
    if signed_in is not None and signed_in.sign_in.session_id not in named:
        return await _ask(parts, asked, signed_in)
    for session_id in named:
        await parts.sessions.end(session_id)
        parts.notices.wake()
    return await _gone(parts, asked)


async def confirm_logout(parts: ProviderDependencies, request: Request) -> Response:
    """The confirmation, as it came back."""
    asked = _asked(parts, await asked_form(parts, request))
    signed_in = await parts.sessions.find(asked.browser)
    if signed_in is not None:
        await parts.sessions.end_of_browser(asked.browser)
        parts.notices.wake()
    return await _gone(parts, asked)


def _back(client: ClientRow, parameters: dict[str, str]) -> dict[str, str]:
    """Where the browser goes afterwards, when that is registered."""
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
    """The sign-ins that the hint names: living ones, and such as have still given something to its client."""
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


async def _ask(parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession) -> Response:
    return await sheet(parts, asked, "logout", {"name": signed_in.display_name, "action": SESSION_PATH})


async def _gone(parts: ProviderDependencies, asked: PageRequest) -> Response:
    back = asked.ticket.parameters.get("back")
    if back is None:
        return await sheet(parts, replace(asked, browser=new_browser()), "signed_out", {}, path=SESSION_PATH)
    response = see_other(back)
    parts.browsers.forget(response)
    return response
