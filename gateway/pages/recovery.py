"""`/account/recover`: password recovery. The responses do not reveal whether an account exists."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.contacts import ContactAddress
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, asked_form, asked_page
from gateway.oidc.interaction.redirects import to_page
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.pages.contact_forms import answered, contact_page, judged_code
from gateway.pages.password import proven_page, refusal_of

RECOVER_PATH = "/account/recover"
CODE_PATH = f"{RECOVER_PATH}/code"
PASSWORD_PATH = f"{RECOVER_PATH}/password"


async def recover(parts: ProviderDependencies, request: Request) -> Response:
    """Show the form for a contact of the account."""
    return await contact_page(parts, await asked_page(parts, request, home=ACCOUNT_PATH), "recover", RECOVER_PATH)


async def send_code(parts: ProviderDependencies, request: Request) -> Response:
    """Send a code if there is an account; page and duration are the same if not."""
    asked = await asked_form(parts, request, {"contact"})

    async def ask(address: ContactAddress) -> str:
        return await parts.accounts.recovery.ask(address, asked.language)

    return await answered(parts, asked, "recover", RECOVER_PATH, ask)


async def check_code(parts: ProviderDependencies, request: Request) -> Response:
    """Check the code; if it is right, show the form for a new password."""
    asked = await asked_form(parts, request, {"code", "flow", "shown"})
    proven = await judged_code(parts, asked, CODE_PATH, parts.accounts.recovery.prove)
    return proven if isinstance(proven, Response) else await _password_page(parts, asked, proven)


async def choose_password(parts: ProviderDependencies, request: Request) -> Response:
    """Store the new password; the person then signs in with it, and with their second factor if they have one."""
    asked = await asked_form(parts, request, {"proven", "password", "again"})
    proven = asked.fields.get("proven", "")
    recovering = parts.accounts.recovery.recovering(proven)
    if recovering is None:
        return parts.pages.error("ticket")
    wrong = await refusal_of(parts, recovering.account_id, asked)
    if wrong:
        return await _password_page(parts, asked, proven, wrong)
    if not await parts.accounts.recovery.finish(recovering, asked.fields["password"]):
        return parts.pages.error("ticket")
    return to_page(SignInStep.SIGN_IN, asked.sealed, asked.fields.get("lang"))


async def _password_page(parts: ProviderDependencies, asked: PageRequest, proven: str, wrong: str = "") -> Response:
    return await proven_page(parts, asked, proven, lead="password_lead", home=RECOVER_PATH, wrong=wrong)
