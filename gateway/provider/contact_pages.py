"""`/account/contact`: another e-mail address or telephone number, by a fresh sign-in and a code sent to it."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.accounts.contacts import Address
from gateway.provider.contact_forms import answered, contact_page, judged_code
from gateway.provider.forms import admitted, asked_form, asked_page, onward
from gateway.provider.parts import Parts

CONTACT_PATH = "/account/contact"
CODE_PATH = f"{CONTACT_PATH}/code"


async def contact(parts: Parts, request: Request) -> Response:
    """Ask for the new contact."""
    asked = await asked_page(parts, request, home=CONTACT_PATH)
    await admitted(parts, asked, fresh=True)
    return await contact_page(parts, asked, "contact", CONTACT_PATH)


async def send_code(parts: Parts, request: Request) -> Response:
    """Send a code to it; the page does not tell whether it is somebody else's."""
    asked = await asked_form(parts, request, {"contact"})
    account_id = (await admitted(parts, asked, fresh=True)).sign_in.account_id

    async def ask(address: Address) -> str:
        return await parts.accounts.contact_change.ask(account_id, address, asked.language)

    return await answered(parts, asked, "contact", CONTACT_PATH, ask)


async def check_code(parts: Parts, request: Request) -> Response:
    """Take the contact into use."""
    asked = await asked_form(parts, request, {"code", "flow", "shown"})
    account_id = (await admitted(parts, asked, fresh=True)).sign_in.account_id

    async def finish(flow: str, code: str) -> str | None:
        return account_id if await parts.accounts.contact_change.finish(account_id, flow, code) else None

    judged = await judged_code(parts, asked, CODE_PATH, finish)
    return judged if isinstance(judged, Response) else onward(asked)
