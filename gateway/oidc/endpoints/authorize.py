"""`/oauth2/authorize` and `/oauth2/consent`: from a client's authorization request to its response."""

from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.grants.parameters import AUTHORIZE_PARAMETERS, ParametersRefusedError, read_form, read_parameters
from gateway.oidc.grants.pushed_requests import read_pushed
from gateway.oidc.grants.service import AuthorizationReview, GrantRefusal, allow, refuse, review
from gateway.oidc.html.pages import form_target
from gateway.oidc.interaction.forms import PageRequest, asked_form, asked_page
from gateway.oidc.interaction.hints import read_hint
from gateway.oidc.interaction.redirects import CONSENT_PATH, page_address, refused, to_client, to_page
from gateway.oidc.interaction.sign_in_steps import SignInStep, sign_in_step, standing
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.oidc.sessions.tickets import HINTED_ACCOUNT, SignInTicket
from gateway.policy.scopes import SCOPES

_FIELDS = frozenset({"decision"})
_MAX_REQUEST = 8192


async def authorize(parts: ProviderDependencies, request: Request) -> Response:
    """Start an authorization request: validate it before the person sees a page."""
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
    if isinstance(judged, GrantRefusal):
        return refused(parts, judged)
    if "id_token_hint" in parameters:
        return await _with_hint(parts, parameters)
    return to_page(CONSENT_PATH, parts.tickets.seal(parameters), None)


async def _with_hint(parts: ProviderDependencies, parameters: dict[str, str]) -> Response:
    """Replace the hint by its account, and continue.

    The hint may be unusable without a mistake of the client's: an old ID token whose key has retired. A silent request
    (`prompt=none`) then gets `login_required`, as for a person who is not signed in; any other request gets
    `invalid_request`.
    """
    hint = await read_hint(parts, parameters["id_token_hint"], parameters["client_id"])
    if hint is None:
        error = "login_required" if "none" in parameters.get("prompt", "").split() else "invalid_request"
        return refused(parts, await parts.grants.run(refuse, parameters, error))
    kept = {name: value for name, value in parameters.items() if name != "id_token_hint"}
    return to_page(CONSENT_PATH, parts.tickets.seal({**kept, HINTED_ACCOUNT: hint.account_id}), None)


async def consent(parts: ProviderDependencies, request: Request) -> Response:
    """Continue a request: to the sign-in, to the consent page, or back to the client."""
    asked = await asked_page(parts, request, _FIELDS)
    signed_in, step = await standing(parts, request, asked.ticket)
    if signed_in is not None and not asked.ticket.means(signed_in.sign_in.account_id):
        return await _somebody_else(parts, asked, signed_in)
    if signed_in is None or step is not SignInStep.NONE:
        if "none" in asked.ticket.prompts:
            error = "interaction_required" if signed_in else "login_required"
            return refused(parts, await parts.grants.run(refuse, asked.ticket.parameters, error))
        return to_page(step, asked.sealed, asked.fields.get("lang"))
    return await _go_on(parts, asked, signed_in)


async def _somebody_else(parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession) -> Response:
    """Handle a hint of another account than the one that is signed in.

    The client gets `login_required` if it asked silently, or if the person has just signed in for this request.
    Otherwise the person is sent to the sign-in.
    """
    ticket = asked.ticket
    signed_in_for_it = "login" in ticket.prompts or signed_in.sign_in.auth_time >= ticket.issued_at
    if "none" in ticket.prompts or signed_in_for_it:
        return refused(parts, await parts.grants.run(refuse, ticket.parameters, "login_required"))
    anew = {**ticket.parameters, "prompt": " ".join(sorted({*ticket.prompts, "login"}))}
    return to_page(sign_in_step(parts), parts.tickets.seal(anew), asked.fields.get("lang"))


async def _go_on(parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession) -> Response:
    ticket = asked.ticket
    judged = await parts.grants.run(review, ticket.parameters, signed_in.sign_in)
    if isinstance(judged, GrantRefusal):
        return refused(parts, judged)
    if not _must_ask(judged, ticket, signed_in.sign_in.auth_time):
        return to_client(parts, await parts.grants.run(allow, ticket.parameters, signed_in.sign_in))
    if "none" in ticket.prompts:
        return refused(parts, await parts.grants.run(refuse, ticket.parameters, "consent_required"))
    return _consent_page(parts, asked, judged, signed_in)


async def decide(parts: ProviderDependencies, request: Request) -> Response:
    """Handle the submitted consent form."""
    asked = await asked_form(parts, request, _FIELDS)
    signed_in, step = await standing(parts, request, asked.ticket)
    if signed_in is not None and not asked.ticket.means(signed_in.sign_in.account_id):
        return await _somebody_else(parts, asked, signed_in)
    if signed_in is None or step is not SignInStep.NONE:
        return to_page(step, asked.sealed, asked.fields.get("lang"))
    parameters = asked.ticket.parameters
    if asked.fields.get("decision") != "allow":
        return refused(parts, await parts.grants.run(refuse, parameters, "access_denied"))
    return to_client(parts, await parts.grants.run(allow, parameters, signed_in.sign_in))


def _must_ask(judged: AuthorizationReview, ticket: SignInTicket, auth_time: datetime) -> bool:
    # Any program can pretend to be a public client, so its requests always need a visible step (RFC 8252, 8.6). A
    # sign-in for this very request counts as one.
    unseen = judged.public and auth_time < ticket.issued_at
    return bool(judged.missing) or "consent" in ticket.prompts or unseen


def _other_account(parts: ProviderDependencies, ticket: str, language: str) -> str:
    step = sign_in_step(parts)
    # The session at the external provider would otherwise sign the same person in again at once.
    return page_address(step, ticket, language) + ("&other=1" if step is SignInStep.ELSEWHERE else "")


def _consent_page(
    parts: ProviderDependencies, asked: PageRequest, judged: AuthorizationReview, signed_in: SignedInSession
) -> Response:
    language, redirect_uri = asked.language, asked.ticket.parameters["redirect_uri"]
    redirect = urlsplit(redirect_uri)
    values = {
        "client": judged.titles[language],
        "scopes": [SCOPES[scope].text(language) for scope in judged.scopes],
        "legal_basis": judged.legal_basis,
        "again": not judged.missing,
        "name": signed_in.display_name,
        "target": f"{redirect.scheme}://{redirect.netloc}",
        "action": CONSENT_PATH,
        "other_account": _other_account(parts, asked.sealed, language),
        "ticket": asked.sealed,
        "form_token": parts.browsers.form_token(asked.browser, asked.sealed),
    }
    return parts.pages.render(
        "consent",
        language,
        values,
        switch=page_address(CONSENT_PATH, asked.sealed),
        status=200,
        target=form_target(redirect_uri),
    )
