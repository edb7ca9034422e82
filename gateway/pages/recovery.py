"""`/account/recover`: password recovery. The responses do not reveal whether an account exists."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.contacts import ContactAddress
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, read_page_form, read_page_request
from gateway.oidc.interaction.redirects import redirect_to_page
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.pages.contact_forms import contact_page, handle_contact_form, verify_code
from gateway.pages.password import contact_password_page, password_error

RECOVER_PATH = "/account/recover"
CODE_PATH = f"{RECOVER_PATH}/code"
PASSWORD_PATH = f"{RECOVER_PATH}/password"


async def recover(deps: ProviderDependencies, request: Request) -> Response:
    """Show the form for a contact of the account."""
    return await contact_page(deps, await read_page_request(deps, request, home=ACCOUNT_PATH), "recover", RECOVER_PATH)


async def send_code(deps: ProviderDependencies, request: Request) -> Response:
    """Send a code if there is an account; page and duration are the same if not."""
    page = await read_page_form(deps, request, {"contact"})

    async def send(address: ContactAddress) -> str:
        return await deps.accounts.recovery.send_code(address, page.language)

    return await handle_contact_form(deps, page, "recover", RECOVER_PATH, send)


async def check_code(deps: ProviderDependencies, request: Request) -> Response:
    """Check the code; if it is right, show the form for a new password."""
    page = await read_page_form(deps, request, {"code", "flow", "shown"})
    proven = await verify_code(deps, page, CODE_PATH, deps.accounts.recovery.prove)
    return proven if isinstance(proven, Response) else await _password_page(deps, page, proven)


async def choose_password(deps: ProviderDependencies, request: Request) -> Response:
    """Store the new password; the person then signs in with it, and with their second factor if they have one."""
    page = await read_page_form(deps, request, {"proven", "password", "again"})
    proven = page.fields.get("proven", "")
    recovery = deps.accounts.recovery.open_evidence(proven)
    if recovery is None:
        return deps.pages.error("ticket")
    wrong = await password_error(deps, recovery.account_id, page)
    if wrong:
        return await _password_page(deps, page, proven, wrong)
    if not await deps.accounts.recovery.finish(recovery, page.fields["password"]):
        return deps.pages.error("ticket")
    return redirect_to_page(SignInStep.SIGN_IN, page.sealed, page.fields.get("lang"))


async def _password_page(deps: ProviderDependencies, page: PageRequest, proven: str, wrong: str = "") -> Response:
    return await contact_password_page(deps, page, proven, lead="password_lead", home=RECOVER_PATH, wrong=wrong)
