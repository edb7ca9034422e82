"""`/oauth2/second-step`: after the password, a code of the authenticator app, a passkey, or a recovery code."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.factors.second_factors import FactorVerdict, HeldFactors
from gateway.identity.messages.texts import MessageKind
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.attempts import tried
from gateway.oidc.interaction.forms import PageRequest, admitted, asked_form, asked_page, onward
from gateway.oidc.interaction.sign_in_steps import STRONG, SignInStep
from gateway.oidc.sessions.login_sessions import SignedInSession, with_code, with_passkey

FIELDS = frozenset({"code", "credential", "with"})


async def second_step(parts: ProviderDependencies, request: Request) -> Response:
    """Show the form for the second factor."""
    asked = await asked_page(parts, request, FIELDS)
    signed_in = await admitted(parts, asked, does=SignInStep.SECOND)
    if signed_in.sign_in.acr >= STRONG:
        return onward(asked)
    return await _page(parts, asked, signed_in)


async def take_second_step(parts: ProviderDependencies, request: Request) -> Response:
    """Check the second factor; on success raise the session, under a new id."""
    asked = await asked_form(parts, request, FIELDS)
    signed_in = await admitted(parts, asked, does=SignInStep.SECOND)
    by_passkey = "credential" in asked.fields
    verdict = await _judged(parts, asked, signed_in)
    if not verdict.right:
        return await _page(parts, asked, signed_in, verdict)
    proven = with_passkey(signed_in) if by_passkey else with_code(signed_in)
    if asked.fields.get("with") == "recovery":
        await parts.accounts.telling.tell_now(signed_in.sign_in.account_id, MessageKind.RECOVERY_CODE_USED)
    renewed = await parts.sessions.renew(asked.browser, proven)
    response = onward(asked)
    if renewed is not None:
        parts.browsers.write(response, renewed)
    return response


async def _judged(parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession) -> FactorVerdict:
    account_id = signed_in.sign_in.account_id
    if "credential" in asked.fields:
        recognised = await parts.accounts.factors.passkeys.recognise(asked.browser, asked.fields["credential"])
        return FactorVerdict(right=recognised is not None and recognised.account_id == account_id)
    recovery = asked.fields.get("with") == "recovery"
    return await parts.accounts.factors.check(account_id, asked.fields.get("code", ""), recovery=recovery)


async def _page(
    parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession, verdict: FactorVerdict | None = None
) -> Response:
    held = await parts.accounts.factors.held(signed_in.sign_in.account_id)
    values = {
        "name": signed_in.display_name,
        "way": _way(asked, held),
        "recovery": held.recovery_codes > 0,
        "passkey": await _question(parts, asked, signed_in, held),
    }
    trouble = (verdict.wait or "code_wrong") if verdict is not None else ""
    allow = ["script"] if held.passkeys else []
    return await tried(parts, asked, "second_step", values, path=SignInStep.SECOND, trouble=trouble, allow=allow)


def _way(asked: PageRequest, held: HeldFactors) -> str:
    """Return the kind of code to ask for: app, recovery, or none if there are only passkeys."""
    if asked.fields.get("with") == "recovery":
        return "recovery"
    return "app" if held.totp else ""


async def _question(
    parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession, held: HeldFactors
) -> str | None:
    passkeys = parts.accounts.factors.passkeys
    if not held.passkeys or not passkeys.offered:
        return None
    return await passkeys.to_recognise(asked.browser, signed_in.sign_in.account_id)
