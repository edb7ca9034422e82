"""`/oauth2/device`: a person types the code of a device, on another device, and allows or denies its request.

An attacker can persuade a person to type the attacker's code (RFC 8628, section 5.4). So the page warns first, and
shows the requested access. Every look-up of a code counts as a guess, right or wrong, so that an attacker's own valid
codes give no further guesses.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.ground.client_address import client_network
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.grants.device_codes import (
    DEVICE_PATH,
    PendingDevice,
    allow_device,
    deny_device,
    find_pending_device,
    normalise_user_code,
)
from gateway.oidc.html.texts import TEXTS
from gateway.oidc.interaction.attempts import render_attempt
from gateway.oidc.interaction.forms import PageRequest, read_page_form, read_page_request, render_page, require_session
from gateway.oidc.interaction.redirects import see_other
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.policy.scopes import RELEASE_SCOPE, SCOPES, allowed_to

DECISION_PATH = "/oauth2/device/decision"
FIELDS = frozenset({"user_code", "decision"})

_PER_ACCOUNT, _PER_ADDRESS = 10, 60
"""Look-ups of codes in a quarter of an hour."""


async def device(deps: ProviderDependencies, request: Request) -> Response:
    """Show the form for the code; if a link contained the code, the person is asked to compare it."""
    page = await read_page_request(deps, request, FIELDS, home=DEVICE_PATH)
    code = normalise_user_code(page.fields.get("user_code") or _code_from_link(page))
    if code and "ticket" not in page.fields:
        # The ticket keeps the code through a sign-in.
        goal = f"{DEVICE_PATH}?{urlencode({'user_code': code})}"
        language = {"lang": page.fields["lang"]} if "lang" in page.fields else {}
        query = {"ticket": deps.tickets.seal_page(goal), "user_code": code, **language}
        return see_other(f"{DEVICE_PATH}?{urlencode(query)}")
    return await _page(deps, page, await require_session(deps, page), code=code)


def _code_from_link(page: PageRequest) -> str:
    """Return the code of the link, which the ticket contains."""
    return parse_qs(urlsplit(page.ticket.page or "").query).get("user_code", [""])[0]


async def look_up_device(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the typed code: show the device's request."""
    page = await read_page_form(deps, request, FIELDS)
    signed_in = await require_session(deps, page)
    pending = await _pending(deps, page, signed_in)
    return pending if isinstance(pending, Response) else await _confirm(deps, page, signed_in, pending)


async def decide_device(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the decision."""
    page = await read_page_form(deps, request, FIELDS)
    signed_in = await require_session(deps, page)
    pending = await _pending(deps, page, signed_in)
    if isinstance(pending, Response):
        return pending
    allowed = page.fields.get("decision") == "allow"
    if allowed:
        done = await deps.grants.run(allow_device, pending, signed_in.sign_in)
    else:
        done = await deps.grants.run(deny_device, pending)
    if not done:
        return await _page(deps, page, signed_in, wrong="device_wrong")
    return _done(deps, page, "device_done_allowed" if allowed else "device_done_denied")


async def _pending(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession
) -> PendingDevice | Response:
    """Return the pending request of the typed code; or the page with the reason why there is none."""
    account_id, network = signed_in.sign_in.account_id, client_network(page.address)
    counts = [(f"device code by {account_id}", _PER_ACCOUNT), (f"device code from {network}", _PER_ADDRESS)]
    wait = await deps.accounts.guesses.attempt(counts)
    if wait is not None:
        return await _page(deps, page, signed_in, wait=wait)
    pending = await deps.grants.run(find_pending_device, page.fields.get("user_code", ""))
    if pending is None:
        return await _page(deps, page, signed_in, wrong="device_wrong")
    if not allowed_to(signed_in.sign_in.roles, pending.scopes):
        return _done(deps, page, "device_nothing")
    return pending


async def _page(
    deps: ProviderDependencies,
    page: PageRequest,
    signed_in: SignedInSession,
    *,
    code: str = "",
    wrong: str = "",
    wait: float | None = None,
) -> Response:
    values = {
        "user_code": code or normalise_user_code(page.fields.get("user_code", "")),
        "name": signed_in.display_name,
        "action": DEVICE_PATH,
    }
    return await render_attempt(deps, page, "device", values, path=DEVICE_PATH, trouble=wait or wrong)


async def _confirm(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, pending: PendingDevice
) -> Response:
    language = page.language
    held = allowed_to(signed_in.sign_in.roles, pending.scopes)
    minutes = int((deps.clock() - pending.since).total_seconds() / 60)
    since = TEXTS[language]["device_confirm_since" if minutes else "device_confirm_now"]
    values = {
        "asking": pending.titles[language],
        "scopes": [SCOPES[scope].text(language) for scope in pending.scopes if scope in held],
        "legal_basis": pending.legal_basis if RELEASE_SCOPE in held else None,
        "user_code": normalise_user_code(page.fields["user_code"]),
        "since": since.format(minutes=minutes),
        "name": signed_in.display_name,
        "action": DECISION_PATH,
    }
    return await render_page(deps, page, "device_confirm", values, path=DEVICE_PATH)


def _done(deps: ProviderDependencies, page: PageRequest, text_key: str) -> Response:
    values = {"said": TEXTS[page.language][text_key]}
    return deps.pages.render("device_done", page.language, values, switch=None, status=200, target=None)
