"""`/account/register`: registration by contact, code and password. The responses do not reveal who has an account."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.asserted_identity import read_name
from gateway.identity.contacts import ContactAddress
from gateway.identity.password_rules import find_weakness
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.forms import (
    ACCOUNT_PATH,
    PageRequest,
    read_page_form,
    read_page_request,
    redirect_to_goal,
)
from gateway.oidc.interaction.redirects import redirect_to_page
from gateway.oidc.sessions.login_sessions import BY_PASSWORD
from gateway.pages.contact_forms import contact_page, handle_contact_form, verify_code
from gateway.pages.password import contact_password_page

REGISTER_PATH = "/account/register"
CODE_PATH = f"{REGISTER_PATH}/code"
PASSWORD_PATH = f"{REGISTER_PATH}/password"


async def register(deps: ProviderDependencies, request: Request) -> Response:
    """Show the form for a name and a contact."""
    return await contact_page(
        deps, await read_page_request(deps, request, home=ACCOUNT_PATH), "register", REGISTER_PATH
    )


async def send_code(deps: ProviderDependencies, request: Request) -> Response:
    """Send a code, or a notice to the contact's owner that they have an account; the page is the same."""
    page = await read_page_form(deps, request, {"contact", "name"})
    name = read_name(page.fields.get("name"))
    if name is None:
        return await contact_page(deps, page, "register", REGISTER_PATH, wrong="name_wrong")

    async def send(address: ContactAddress) -> str:
        return await deps.accounts.registration.send_code(address, name, page.language)

    return await handle_contact_form(deps, page, "register", REGISTER_PATH, send)


async def check_code(deps: ProviderDependencies, request: Request) -> Response:
    """Check the code; if it is right, show the form for a password."""
    page = await read_page_form(deps, request, {"code", "flow", "shown"})
    proven = await verify_code(deps, page, CODE_PATH, deps.accounts.registration.prove)
    return proven if isinstance(proven, Response) else await _password_page(deps, page, proven)


async def choose_password(deps: ProviderDependencies, request: Request) -> Response:
    """Open the account and sign its owner in."""
    page = await read_page_form(deps, request, {"proven", "password", "again"})
    proven, password = page.fields.get("proven", ""), page.fields.get("password", "")
    applicant = deps.accounts.registration.open_evidence(proven)
    if applicant is None:
        return deps.pages.error("ticket")
    wrong = "" if password == page.fields.get("again", "") else "password_differs"
    names = (applicant.name, applicant.address.value.partition("@")[0])
    wrong = wrong or await find_weakness(password, names, staff=False) or ""
    if wrong:
        return await _password_page(deps, page, proven, wrong)
    account_id = await deps.accounts.registration.open(applicant, password, page.language)
    if account_id is None:
        return redirect_to_page(REGISTER_PATH, page.sealed, page.fields.get("lang"))
    response = redirect_to_goal(page)
    agent = page.request.headers.get("user-agent", "")
    deps.browsers.write(response, await deps.sessions.begin(account_id, BY_PASSWORD, page.browser, agent))
    deps.known_browsers.write(response, account_id)
    return response


async def _password_page(deps: ProviderDependencies, page: PageRequest, proven: str, wrong: str = "") -> Response:
    return await contact_password_page(deps, page, proven, lead="password_lead_first", home=REGISTER_PATH, wrong=wrong)
