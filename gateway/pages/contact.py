"""`/account/contact`: change an e-mail address or telephone number (recent sign-in, code to it), or remove one."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.contact_change import ContactRemoval
from gateway.identity.contacts import ContactAddress, ContactKind
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.forms import (
    ACCOUNT_PATH,
    PageRequest,
    read_page_form,
    read_page_request,
    redirect_to_goal,
    require_session,
)
from gateway.oidc.interaction.redirects import see_other
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.pages.contact_forms import contact_page, handle_contact_form, verify_code

CONTACT_PATH = "/account/contact"
CODE_PATH = f"{CONTACT_PATH}/code"
REMOVE_PATH = f"{CONTACT_PATH}/remove"


async def contact(deps: ProviderDependencies, request: Request) -> Response:
    """Show the form for the new contact."""
    page = await read_page_request(deps, request, home=CONTACT_PATH)
    return await _page(deps, page, await require_session(deps, page, fresh=True))


async def send_code(deps: ProviderDependencies, request: Request) -> Response:
    """Send a code to the new contact; the page does not show whether another account has it."""
    page = await read_page_form(deps, request, {"contact"})
    account_id = (await require_session(deps, page, fresh=True)).sign_in.account_id

    async def send(address: ContactAddress) -> str:
        return await deps.accounts.contact_change.send_code(account_id, address, page.language)

    return await handle_contact_form(deps, page, "contact", CONTACT_PATH, send, {"held": await _held(deps, account_id)})


async def check_code(deps: ProviderDependencies, request: Request) -> Response:
    """Check the code and store the contact."""
    page = await read_page_form(deps, request, {"code", "flow", "shown"})
    signed_in = await require_session(deps, page, fresh=True)
    actor, roles = signed_in.actor, signed_in.sign_in.roles

    async def finish(flow: str, code: str) -> str | None:
        return actor.principal if await deps.accounts.contact_change.finish(actor, roles, flow, code) else None

    verified = await verify_code(deps, page, CODE_PATH, finish)
    return verified if isinstance(verified, Response) else redirect_to_goal(page)


async def remove(deps: ProviderDependencies, request: Request) -> Response:
    """Remove a contact, if another one remains."""
    page = await read_page_form(deps, request, {"kind"})
    signed_in = await require_session(deps, page, fresh=True)
    try:
        kind = ContactKind(page.fields.get("kind", ""))
    except ValueError:
        return deps.pages.error("form", 400)
    removed = await deps.accounts.contact_change.remove(signed_in.actor, signed_in.sign_in.roles, kind)
    wrong = "contact_last" if removed is ContactRemoval.LAST else ""
    return await _page(deps, page, signed_in, wrong) if wrong else see_other(_address(page))


async def _page(deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, wrong: str = "") -> Response:
    held = await _held(deps, signed_in.sign_in.account_id)
    return await contact_page(deps, page, "contact", CONTACT_PATH, wrong=wrong, more={"held": held})


async def _held(deps: ProviderDependencies, account_id: str) -> list[dict[str, str]]:
    """Return the contacts in the form that the page shows."""
    held = await deps.accounts.contact_change.held(account_id)
    return [{"kind": one.kind.value, "shown": one.masked} for one in held]


def _address(page: PageRequest) -> str:
    return f"{ACCOUNT_PATH}?lang={page.language}"
