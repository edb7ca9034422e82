"""`/account/password`: change of the password, on request or after a one-time password."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.messages.texts import MessageKind
from gateway.identity.password_rules import SHORTEST, SHORTEST_OF_STAFF
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.attempts import render_attempt
from gateway.oidc.interaction.forms import (
    PageRequest,
    read_page_form,
    read_page_request,
    redirect_to_goal,
    require_session,
)
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.policy.principal import is_staff

FIELDS = frozenset({"password", "again"})


async def new_password(deps: ProviderDependencies, request: Request) -> Response:
    """Show the form for a new password."""
    page = await read_page_request(deps, request, home=SignInStep.PASSWORD)
    return await _page(deps, page, await require_session(deps, page, allowed_step=SignInStep.PASSWORD, fresh=True))


async def change_password(deps: ProviderDependencies, request: Request) -> Response:
    """Check and store the new password. This browser stays signed in, under a new id; every other session ends."""
    page = await read_page_form(deps, request, FIELDS)
    signed_in = await require_session(deps, page, allowed_step=SignInStep.PASSWORD, fresh=True)
    account_id, password = signed_in.sign_in.account_id, page.fields.get("password", "")
    wrong = await password_error(deps, account_id, page)
    if wrong:
        return await _page(deps, page, signed_in, wrong)
    hashed = await deps.accounts.password.hash(password)
    async with deps.database.session() as session:
        await deps.accounts.password.store(session, account_id, hashed, but=signed_in.id_hash)
        await deps.accounts.notifier.notify(session, account_id, MessageKind.PASSWORD_CHANGED)
    response = redirect_to_goal(page)
    renewed = await deps.sessions.renew(page.browser)
    if renewed is not None:
        deps.browsers.write(response, renewed)
    return response


async def password_error(deps: ProviderDependencies, account_id: str, page: PageRequest) -> str:
    """Return the text key of the reason to refuse the typed passwords; empty if they are acceptable."""
    password = page.fields.get("password", "")
    if password != page.fields.get("again", ""):
        return "password_differs"
    return await deps.accounts.password.find_weakness(account_id, password) or ""


async def _page(deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, wrong: str = "") -> Response:
    values: dict[str, object] = {
        "lead": "password_lead_forced" if signed_in.password_expires else "password_lead",
        "shortest": SHORTEST_OF_STAFF if is_staff(signed_in.sign_in.roles) else SHORTEST,
        "action": SignInStep.PASSWORD.value,
        "extra": {},
    }
    return await render_attempt(deps, page, "password", values, path=SignInStep.PASSWORD, trouble=wrong)


async def contact_password_page(
    deps: ProviderDependencies, page: PageRequest, proven: str, *, lead: str, home: str, wrong: str = ""
) -> Response:
    """Show the form to a person who has proven a contact instead of signing in; it posts to `home` + `/password`."""
    values: dict[str, object] = {
        "lead": lead,
        "shortest": SHORTEST,
        "action": f"{home}/password",
        "extra": {"proven": proven},
    }
    return await render_attempt(deps, page, "password", values, path=home, trouble=wrong)
