"""Requests for pages and forms: validated with their ticket and browser, rendered in the reader's language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies
from gateway.oidc.grants.parameters import ParametersRefusedError, read_fields, read_form
from gateway.oidc.grants.service import GrantRefusal, review
from gateway.oidc.html.pages import NextLink, form_target, page_language
from gateway.oidc.html.texts import TEXTS
from gateway.oidc.interaction.redirects import CONSENT_PATH, page_address, redirect_to_page, refusal_response, see_other
from gateway.oidc.interaction.sign_in_steps import FRESH, SignInStep, session_and_step, sign_in_step
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.oidc.sessions.tickets import SignInTicket, TicketError

ACCOUNT_PATH: Final = "/account"

_COMMON_FIELDS = frozenset({"ticket", "form_token", "lang"})


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page of ours, with the ticket that contains the goal of the sign-in."""

    request: Request
    fields: Mapping[str, str]
    sealed: str
    ticket: SignInTicket
    browser: str

    @property
    def language(self) -> str:
        """Language of the response."""
        return page_language(self.request, self.fields.get("lang"), self.ticket.parameters.get("ui_locales", ""))

    @property
    def path(self) -> str:
        """Path of the page."""
        return str(self.request.scope["path"])

    @property
    def address(self) -> str:
        """Network address of the client."""
        return self.request.client.host if self.request.client else ""


async def read_page_request(
    deps: ProviderDependencies, request: Request, fields: Collection[str] = (), *, home: str = ""
) -> PageRequest:
    """Read a page request. A page with a `home` needs no ticket: it gets one that leads back to `home`."""
    try:
        given = read_fields(request.scope["query_string"], _COMMON_FIELDS.union(fields))
        sealed = given.get("ticket") or (deps.tickets.seal_page(home) if home else "")
        ticket = deps.tickets.open(sealed)
    except (ParametersRefusedError, TicketError):
        raise EarlyResponseError(deps.pages.error("ticket", link=NextLink(home) if home else None)) from None
    return PageRequest(request, given, sealed, ticket, deps.browsers.read(request) or new_browser())


async def read_page_form(deps: ProviderDependencies, request: Request, fields: Collection[str] = ()) -> PageRequest:
    """Read a submitted form, which must have been made for this browser; else respond with an error page."""
    try:
        given = read_fields(await read_form(request), _COMMON_FIELDS.union(fields))
        ticket = deps.tickets.open(given.get("ticket", ""))
    except (ParametersRefusedError, TicketError):
        raise EarlyResponseError(deps.pages.error("ticket")) from None
    browser = deps.browsers.read(request)
    owned = deps.browsers.owns_form(browser, given["ticket"], given.get("form_token", ""))
    if browser is None or not owned or not deps.posted_from_our_page(request):
        raise EarlyResponseError(deps.pages.error("form", 403))
    return PageRequest(request, given, given["ticket"], ticket, browser)


async def require_session(
    deps: ProviderDependencies, page: PageRequest, *, allowed_step: SignInStep = SignInStep.NONE, fresh: bool = False
) -> SignedInSession:
    """Return the signed-in session, if every step but `allowed_step` is done; else redirect to the open step.

    With `fresh` the sign-in must be recent, so that a stranger at an unlocked browser cannot change the account.
    """
    signed_in, step = await session_and_step(deps, page.request, page.ticket)
    if signed_in is None or step not in {SignInStep.NONE, allowed_step}:
        raise EarlyResponseError(redirect_to_page(step, page.sealed, page.fields.get("lang")))
    if fresh and signed_in.sign_in.auth_time + FRESH <= deps.clock():
        goal = page.ticket.page
        sealed = page.sealed if goal is None else deps.tickets.seal_page(goal, reauthenticate=True)
        raise EarlyResponseError(redirect_to_page(sign_in_step(deps), sealed, page.fields.get("lang")))
    return signed_in


def redirect_to_goal(page: PageRequest) -> Response:
    """Redirect to the goal of the sign-in."""
    return see_other(goal_address(page))


def goal_address(page: PageRequest) -> str:
    """Return the address of the goal: the client's request, or a page of ours, but never this same page again."""
    goal, language = page.ticket.page, page.fields.get("lang")
    if goal is None:
        return page_address(CONSENT_PATH, page.sealed, language)
    address = ACCOUNT_PATH if f"{page.path}/".startswith(f"{goal}/") else goal
    # Keep the language that the person chose.
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'lang': language})}" if language else address


async def render_page(
    deps: ProviderDependencies,
    page: PageRequest,
    name: str,
    values: Mapping[str, object],
    *,
    status: int = 200,
    allow: Collection[str] = (),
    path: str | None = None,
) -> Response:
    """Render the page `name`. `allow`: resources of ours that it may load (`script`, `img`); `path`: another path."""
    titles, target = await _client_title_and_target(deps, page.ticket)
    language = page.language
    response = deps.pages.render(
        name,
        language,
        {
            "client": titles[language] if titles else TEXTS[language]["own_account"],
            "alert": "",
            "ticket": page.sealed,
            "form_token": deps.browsers.form_token(page.browser, page.sealed),
            "goal": goal_address(page),
            **values,
        },
        switch=page_address(path or page.path, page.sealed),
        status=status,
        target=target,
        allow=allow,
    )
    deps.browsers.write(response, page.browser)
    return response


async def _client_title_and_target(
    deps: ProviderDependencies, ticket: SignInTicket
) -> tuple[dict[str, str] | None, str | None]:
    """Return the client's title and its redirect target; None for a page of ours without a target."""
    if ticket.page is not None:
        back = ticket.parameters.get("back")
        return None, form_target(back) if back else None
    reviewed = await deps.grants.run(review, ticket.parameters, None)
    if isinstance(reviewed, GrantRefusal):
        raise EarlyResponseError(refusal_response(deps, reviewed))
    return reviewed.titles, form_target(ticket.parameters["redirect_uri"])
