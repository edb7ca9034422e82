"""`/account/contact`: change an e-mail address or telephone number (recent sign-in, code to it), or remove one."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.contact_change import ContactRemoval
from gateway.identity.contacts import ContactAddress, ContactKind
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, admitted, asked_form, asked_page, onward
from gateway.oidc.interaction.redirects import see_other
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.pages.contact_forms import answered, contact_page, judged_code

CONTACT_PATH = "/account/contact"
CODE_PATH = f"{CONTACT_PATH}/code"
REMOVE_PATH = f"{CONTACT_PATH}/remove"


async def contact(parts: ProviderDependencies, request: Request) -> Response:
    """Show the form for the new contact."""
    asked = await asked_page(parts, request, home=CONTACT_PATH)
    return await _page(parts, asked, await admitted(parts, asked, fresh=True))


async def send_code(parts: ProviderDependencies, request: Request) -> Response:
    """Send a code to the new contact; the page does not show whether another account has it."""
    asked = await asked_form(parts, request, {"contact"})
    account_id = (await admitted(parts, asked, fresh=True)).sign_in.account_id

    async def ask(address: ContactAddress) -> str:
        return await parts.accounts.contact_change.ask(account_id, address, asked.language)

    return await answered(parts, asked, "contact", CONTACT_PATH, ask, {"held": await _held(parts, account_id)})


async def check_code(parts: ProviderDependencies, request: Request) -> Response:
    """Check the code and store the contact."""
    asked = await asked_form(parts, request, {"code", "flow", "shown"})
    signed_in = await admitted(parts, asked, fresh=True)
    actor, roles = signed_in.actor, signed_in.sign_in.roles

    async def finish(flow: str, code: str) -> str | None:
        return actor.principal if await parts.accounts.contact_change.finish(actor, roles, flow, code) else None

    judged = await judged_code(parts, asked, CODE_PATH, finish)
    return judged if isinstance(judged, Response) else onward(asked)


async def remove(parts: ProviderDependencies, request: Request) -> Response:
    """Remove a contact, if another one remains."""
    asked = await asked_form(parts, request, {"kind"})
    signed_in = await admitted(parts, asked, fresh=True)
    try:
        kind = ContactKind(asked.fields.get("kind", ""))
    except ValueError:
        return parts.pages.error("form", 400)
    removed = await parts.accounts.contact_change.remove(signed_in.actor, signed_in.sign_in.roles, kind)
    wrong = "contact_last" if removed is ContactRemoval.LAST else ""
    return await _page(parts, asked, signed_in, wrong) if wrong else see_other(_address(asked))


async def _page(
    parts: ProviderDependencies, asked: PageRequest, signed_in: SignedInSession, wrong: str = ""
) -> Response:
    held = await _held(parts, signed_in.sign_in.account_id)
    return await contact_page(parts, asked, "contact", CONTACT_PATH, wrong=wrong, more={"held": held})


async def _held(parts: ProviderDependencies, account_id: str) -> list[dict[str, str]]:
    """Return the contacts in the form that the page shows."""
    held = await parts.accounts.contact_change.held(account_id)
    return [{"kind": one.kind.value, "shown": one.masked} for one in held]


def _address(asked: PageRequest) -> str:
    return f"{ACCOUNT_PATH}?lang={asked.language}"
