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
from gateway.oidc.interaction.forms import PageRequest, read_page_form, read_page_request
from gateway.oidc.interaction.hints import read_hint
from gateway.oidc.interaction.redirects import (
    CONSENT_PATH,
    page_address,
    redirect_to_client,
    redirect_to_page,
    refusal_response,
)
from gateway.oidc.interaction.sign_in_steps import SignInStep, session_and_step, sign_in_step
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.oidc.sessions.tickets import HINTED_ACCOUNT, SignInTicket
from gateway.policy.scopes import SCOPES

_FIELDS = frozenset({"decision"})
_MAX_REQUEST = 8192


async def authorize(deps: ProviderDependencies, request: Request) -> Response:
    """Start an authorization request: validate it before the person sees a page."""
    try:
        encoded = await read_form(request) if request.method == "POST" else request.scope["query_string"]
        parameters = read_parameters(encoded, AUTHORIZE_PARAMETERS, _MAX_REQUEST)
    except ParametersRefusedError:
        return deps.pages.error("request")
    if "request_uri" in parameters:
        pushed = await deps.grants.run(read_pushed, parameters)
        if pushed is None:
            return deps.pages.error("request")
        parameters = pushed
    reviewed = await deps.grants.run(review, parameters, None)
    if isinstance(reviewed, GrantRefusal):
        return refusal_response(deps, reviewed)
    if "id_token_hint" in parameters:
        return await _with_hint(deps, parameters)
    return redirect_to_page(CONSENT_PATH, deps.tickets.seal(parameters), None)


async def _with_hint(deps: ProviderDependencies, parameters: dict[str, str]) -> Response:
    """Replace the hint by its account, and continue.

    The hint may be unusable without a mistake of the client's: an old ID token whose key has retired. A silent request
    (`prompt=none`) then gets `login_required`, as for a person who is not signed in; any other request gets
    `invalid_request`.
    """
    hint = await read_hint(deps, parameters["id_token_hint"], parameters["client_id"])
    if hint is None:
        error = "login_required" if "none" in parameters.get("prompt", "").split() else "invalid_request"
        return refusal_response(deps, await deps.grants.run(refuse, parameters, error))
    remaining = {name: value for name, value in parameters.items() if name != "id_token_hint"}
    return redirect_to_page(CONSENT_PATH, deps.tickets.seal({**remaining, HINTED_ACCOUNT: hint.account_id}), None)


async def consent(deps: ProviderDependencies, request: Request) -> Response:
    """Continue a request: to the sign-in, to the consent page, or back to the client."""
    page = await read_page_request(deps, request, _FIELDS)
    signed_in, step = await session_and_step(deps, request, page.ticket)
    if signed_in is not None and not page.ticket.allows_account(signed_in.sign_in.account_id):
        return await _handle_other_account(deps, page, signed_in)
    if signed_in is None or step is not SignInStep.NONE:
        if "none" in page.ticket.prompts:
            error = "interaction_required" if signed_in else "login_required"
            return refusal_response(deps, await deps.grants.run(refuse, page.ticket.parameters, error))
        return redirect_to_page(step, page.sealed, page.fields.get("lang"))
    return await _continue(deps, page, signed_in)


async def _handle_other_account(deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession) -> Response:
    """Handle a hint of another account than the one that is signed in.

    The client gets `login_required` if it asked silently, or if the person has just signed in for this request.
    Otherwise the person is sent to the sign-in.
    """
    ticket = page.ticket
    signed_in_for_it = "login" in ticket.prompts or signed_in.sign_in.auth_time >= ticket.issued_at
    if "none" in ticket.prompts or signed_in_for_it:
        return refusal_response(deps, await deps.grants.run(refuse, ticket.parameters, "login_required"))
    with_login = {**ticket.parameters, "prompt": " ".join(sorted({*ticket.prompts, "login"}))}
    return redirect_to_page(sign_in_step(deps), deps.tickets.seal(with_login), page.fields.get("lang"))


async def _continue(deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession) -> Response:
    ticket = page.ticket
    reviewed = await deps.grants.run(review, ticket.parameters, signed_in.sign_in)
    if isinstance(reviewed, GrantRefusal):
        return refusal_response(deps, reviewed)
    if not _needs_consent_page(reviewed, ticket, signed_in.sign_in.auth_time):
        return redirect_to_client(deps, await deps.grants.run(allow, ticket.parameters, signed_in.sign_in))
    if "none" in ticket.prompts:
        return refusal_response(deps, await deps.grants.run(refuse, ticket.parameters, "consent_required"))
    return _consent_page(deps, page, reviewed, signed_in)


async def decide(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the submitted consent form."""
    page = await read_page_form(deps, request, _FIELDS)
    signed_in, step = await session_and_step(deps, request, page.ticket)
    if signed_in is not None and not page.ticket.allows_account(signed_in.sign_in.account_id):
        return await _handle_other_account(deps, page, signed_in)
    if signed_in is None or step is not SignInStep.NONE:
        return redirect_to_page(step, page.sealed, page.fields.get("lang"))
    parameters = page.ticket.parameters
    if page.fields.get("decision") != "allow":
        return refusal_response(deps, await deps.grants.run(refuse, parameters, "access_denied"))
    return redirect_to_client(deps, await deps.grants.run(allow, parameters, signed_in.sign_in))


def _needs_consent_page(reviewed: AuthorizationReview, ticket: SignInTicket, auth_time: datetime) -> bool:
    # Any program can pretend to be a public client, so its requests always need a visible step (RFC 8252, 8.6). A
    # sign-in for this very request counts as one.
    unseen = reviewed.public and auth_time < ticket.issued_at
    return bool(reviewed.missing) or "consent" in ticket.prompts or unseen


def _other_account_address(deps: ProviderDependencies, ticket: str, language: str) -> str:
    step = sign_in_step(deps)
    # The session at the external provider would otherwise sign the same person in again at once.
    return page_address(step, ticket, language) + ("&other=1" if step is SignInStep.EXTERNAL else "")


def _consent_page(
    deps: ProviderDependencies, page: PageRequest, reviewed: AuthorizationReview, signed_in: SignedInSession
) -> Response:
    language, redirect_uri = page.language, page.ticket.parameters["redirect_uri"]
    redirect = urlsplit(redirect_uri)
    values = {
        "client": reviewed.titles[language],
        "scopes": [SCOPES[scope].text(language) for scope in reviewed.scopes],
        "legal_basis": reviewed.legal_basis,
        "again": not reviewed.missing,
        "name": signed_in.display_name,
        "target": f"{redirect.scheme}://{redirect.netloc}",
        "action": CONSENT_PATH,
        "other_account": _other_account_address(deps, page.sealed, language),
        "ticket": page.sealed,
        "form_token": deps.browsers.form_token(page.browser, page.sealed),
    }
    return deps.pages.render(
        "consent",
        language,
        values,
        switch=page_address(CONSENT_PATH, page.sealed),
        status=200,
        target=form_target(redirect_uri),
    )
