"""`/oauth2/authorize` and `/oauth2/consent`: from a client's request to its answer at the redirect."""

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.provider.flow import Refusal, Review, allow, refuse, review
from gateway.provider.guard import AUTHORIZE_PARAMETERS, ParametersRefusedError, read_fields, read_form, read_parameters
from gateway.provider.pages import form_target, page_headers, page_language
from gateway.provider.parts import Parts
from gateway.provider.pushed import read_pushed
from gateway.provider.sessions import SignedIn
from gateway.provider.steps import Step, sign_in_step, standing
from gateway.provider.tickets import Ticket, TicketError
from gateway.sso.scopes import SCOPES

CONSENT_PATH = "/oauth2/consent"
CONSENT_FIELDS = frozenset({"ticket", "form_token", "lang", "decision"})

_MAX_REQUEST = 8192
_DOOR_REASONS = {"invalid_client": "client"}


async def authorize(parts: Parts, request: Request) -> Response:
    """Where clients send the browser: judge the request before anything is asked of the person."""
    try:
        encoded = await read_form(request) if request.method == "POST" else request.scope["query_string"]
        parameters = read_parameters(encoded, AUTHORIZE_PARAMETERS, _MAX_REQUEST)
    except ParametersRefusedError:
        return parts.pages.error("request")
    if "request_uri" in parameters:
        pushed = await parts.grants.run(read_pushed, parameters)
        if pushed is None:
            return parts.pages.error("request")
        parameters = pushed
    judged = await parts.grants.run(review, parameters, None)
    if isinstance(judged, Refusal):
        return refused(parts, judged)
    return to_page(CONSENT_PATH, parts.tickets.seal(parameters), None)


async def consent(parts: Parts, request: Request) -> Response:
    """Go on with a request: to the login, to the consent page, or straight back to the client."""
    try:
        fields = read_fields(request.scope["query_string"], CONSENT_FIELDS)
        ticket = parts.tickets.open(fields.get("ticket", ""))
    except (ParametersRefusedError, TicketError):
        return parts.pages.error("ticket")
    signed_in, step = await standing(parts, request, ticket)
    if signed_in is None or step is not Step.NONE:
        if "none" in ticket.prompts:
            error = "interaction_required" if signed_in else "login_required"
            return refused(parts, await parts.grants.run(refuse, ticket.parameters, error))
        return to_page(step, fields["ticket"], fields.get("lang"))
    return await _go_on(parts, request, fields, ticket, signed_in)


async def _go_on(
    parts: Parts, request: Request, fields: dict[str, str], ticket: Ticket, signed_in: SignedIn
) -> Response:
    judged = await parts.grants.run(review, ticket.parameters, signed_in.sign_in)
    if isinstance(judged, Refusal):
        return refused(parts, judged)
    if not _must_ask(judged, ticket, signed_in.sign_in.auth_time):
        return to_client(parts, await parts.grants.run(allow, ticket.parameters, signed_in.sign_in))
    if "none" in ticket.prompts:
        return refused(parts, await parts.grants.run(refuse, ticket.parameters, "consent_required"))
    return _consent_page(parts, request, fields, ticket, judged, signed_in)


async def decide(parts: Parts, request: Request) -> Response:
    """The consent form, as it came back."""
    try:
        fields = read_fields(await read_form(request), CONSENT_FIELDS)
        ticket = parts.tickets.open(fields.get("ticket", ""))
    except (ParametersRefusedError, TicketError):
        return parts.pages.error("ticket")
    browser = parts.browsers.read(request)
    owned = parts.browsers.owns_form(browser, fields["ticket"], fields.get("form_token", ""))
    if not owned or not parts.posted_from_our_page(request):
        return parts.pages.error("form", 403)
    signed_in, step = await standing(parts, request, ticket)
    if signed_in is None or step is not Step.NONE:
        return to_page(step, fields["ticket"], fields.get("lang"))
    if fields.get("decision") != "allow":
        return refused(parts, await parts.grants.run(refuse, ticket.parameters, "access_denied"))
    return to_client(parts, await parts.grants.run(allow, ticket.parameters, signed_in.sign_in))


def refused(parts: Parts, refusal: Refusal) -> Response:
    """Tell the client at its redirect, or else the person on a page: never a redirect to an address not registered."""
    if refusal.location is not None:
        return see_other(refusal.location)
    return parts.pages.error(_DOOR_REASONS.get(refusal.error, "request"))


def to_client(parts: Parts, outcome: str | Refusal) -> Response:
    """Send the browser back to the client."""
    return refused(parts, outcome) if isinstance(outcome, Refusal) else see_other(outcome)


def to_page(path: str, ticket: str, language: str | None) -> Response:
    """Send the browser to a page of ours, with its ticket."""
    return see_other(page_address(path, ticket, language))


def page_address(path: str, ticket: str, language: str | None = None) -> str:
    """The address of a page of ours."""
    query = {"ticket": ticket, **({"lang": language} if language else {})}
    return f"{path}?{urlencode(query)}"


def see_other(location: str) -> Response:
    """Send the browser on."""
    return RedirectResponse(location, 303, page_headers())


def _must_ask(judged: Review, ticket: Ticket, auth_time: datetime) -> bool:
    # Any program can pretend to be a public client, so its requests are never answered unseen (RFC 8252, 8.6);
    # a sign-in for this very request was seen.
    unseen = judged.public and auth_time < ticket.issued_at
    return bool(judged.missing) or "consent" in ticket.prompts or unseen


def _other_account(parts: Parts, ticket: str, language: str) -> str:
    step = sign_in_step(parts)
    # Elsewhere they are signed in already: without a word, they would come straight back.
    return page_address(step, ticket, language) + ("&other=1" if step is Step.ELSEWHERE else "")


def _consent_page(
    parts: Parts, request: Request, fields: dict[str, str], ticket: Ticket, judged: Review, signed_in: SignedIn
) -> Response:
    language = page_language(request, fields.get("lang"), ticket.parameters.get("ui_locales", ""))
    redirect = urlsplit(ticket.parameters["redirect_uri"])
    values = {
        "client": judged.titles[language],
        "scopes": [SCOPES[scope].text(language) for scope in judged.scopes],
        "legal_basis": judged.legal_basis,
        "again": not judged.missing,
        "name": signed_in.display_name,
        "target": f"{redirect.scheme}://{redirect.netloc}",
        "action": CONSENT_PATH,
        "other_account": _other_account(parts, fields["ticket"], language),
        "ticket": fields["ticket"],
        "form_token": parts.browsers.form_token(parts.browsers.read(request) or "", fields["ticket"]),
    }
    return parts.pages.render(
        "consent",
        language,
        values,
        switch=page_address(CONSENT_PATH, fields["ticket"]),
        status=200,
        target=form_target(ticket.parameters["redirect_uri"]),
    )
