"""`/oauth2/second-step`: after the password, a code of the authenticator app, a passkey, or a recovery code."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.factors.second_factors import FactorVerdict, HeldFactors
from gateway.identity.messages.texts import MessageKind
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.attempts import render_attempt
from gateway.oidc.interaction.forms import (
    PageRequest,
    read_page_form,
    read_page_request,
    redirect_to_goal,
    require_session,
)
from gateway.oidc.interaction.sign_in_steps import STRONG, SignInStep
from gateway.oidc.sessions.login_sessions import SignedInSession, raised_by_code, raised_by_passkey

FIELDS = frozenset({"code", "credential", "with"})


async def second_step(deps: ProviderDependencies, request: Request) -> Response:
    """Show the form for the second factor."""
    page = await read_page_request(deps, request, FIELDS)
    signed_in = await require_session(deps, page, allowed_step=SignInStep.SECOND)
    if signed_in.sign_in.acr >= STRONG:
        return redirect_to_goal(page)
    return await _page(deps, page, signed_in)


async def check_second_step(deps: ProviderDependencies, request: Request) -> Response:
    """Check the second factor; on success raise the session, under a new id."""
    page = await read_page_form(deps, request, FIELDS)
    signed_in = await require_session(deps, page, allowed_step=SignInStep.SECOND)
    by_passkey = "credential" in page.fields
    verdict = await _check_factor(deps, page, signed_in)
    if not verdict.right:
        return await _page(deps, page, signed_in, verdict)
    proven = raised_by_passkey(signed_in) if by_passkey else raised_by_code(signed_in)
    if page.fields.get("with") == "recovery":
        await deps.accounts.notifier.notify_now(signed_in.sign_in.account_id, MessageKind.RECOVERY_CODE_USED)
    renewed = await deps.sessions.renew(page.browser, proven)
    response = redirect_to_goal(page)
    if renewed is not None:
        deps.browsers.write(response, renewed)
    return response


async def _check_factor(deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession) -> FactorVerdict:
    account_id = signed_in.sign_in.account_id
    if "credential" in page.fields:
        recognised = await deps.accounts.factors.passkeys.authenticate(page.browser, page.fields["credential"])
        return FactorVerdict(right=recognised is not None and recognised.account_id == account_id)
    recovery = page.fields.get("with") == "recovery"
    return await deps.accounts.factors.check(account_id, page.fields.get("code", ""), recovery=recovery)


async def _page(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, verdict: FactorVerdict | None = None
) -> Response:
    held = await deps.accounts.factors.held(signed_in.sign_in.account_id)
    values = {
        "name": signed_in.display_name,
        "way": _code_kind(page, held),
        "recovery": held.recovery_codes > 0,
        "passkey": await _passkey_options(deps, page, signed_in, held),
    }
    trouble = (verdict.wait or "code_wrong") if verdict is not None else ""
    allow = ["script"] if held.passkeys else []
    return await render_attempt(deps, page, "second_step", values, path=SignInStep.SECOND, trouble=trouble, allow=allow)


def _code_kind(page: PageRequest, held: HeldFactors) -> str:
    """Return the kind of code to ask for: app, recovery, or none if there are only passkeys."""
    if page.fields.get("with") == "recovery":
        return "recovery"
    return "app" if held.totp else ""


async def _passkey_options(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, held: HeldFactors
) -> str | None:
    passkeys = deps.accounts.factors.passkeys
    if not held.passkeys or not passkeys.offered:
        return None
    return await passkeys.authentication_options(page.browser, signed_in.sign_in.account_id)
