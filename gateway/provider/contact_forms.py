"""The two forms by which a contact is proven: which one, and the code that was sent to it."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from gateway.accounts.contacts import Address, read_address
from gateway.provider.forms import Asked, sheet
from gateway.provider.login import wait_text
from gateway.provider.parts import Parts
from gateway.provider.texts import TEXTS


def offered_address(parts: Parts, asked: Asked) -> Address | None:
    """The contact that was typed, if messages can go to one of its kind."""
    address = read_address(asked.fields.get("contact", ""))
    return address if address and address.kind in parts.accounts.courier.carries else None


async def contact_page(
    parts: Parts, asked: Asked, name: str, path: str, *, wrong: str = "", wait: float | None = None
) -> Response:
    """Ask for a contact; `name` is the page's: register, recover, contact."""
    alert = TEXTS[asked.language][wrong] if wrong else ""
    values = {
        "alert": alert if wait is None else wait_text(asked.language, wait),
        "action": path,
        "contact": asked.fields.get("contact", "")[:254],
        "given_name": asked.fields.get("name", "")[:120],
        "carries": sorted(parts.accounts.courier.carries),
        "page": name,
    }
    response = await sheet(
        parts, asked, name, values, status=429 if wait is not None else 400 if wrong else 200, path=path
    )
    if wait is not None:
        response.headers["Retry-After"] = str(int(wait) + 1)
    return response


async def code_page(
    parts: Parts, asked: Asked, action: str, flow: str, shown: str, *, wrong: str = "", wait: float | None = None
) -> Response:
    """Ask for the code that was sent; `shown` is the contact, shortened."""
    alert = TEXTS[asked.language][wrong] if wrong else ""
    values = {
        "alert": alert if wait is None else wait_text(asked.language, wait),
        "action": action,
        "flow": flow,
        "shown": shown,
        "again": action.removesuffix("/code"),
    }
    status = 429 if wait is not None else 400 if wrong else 200
    return await sheet(parts, asked, "code", values, status=status, path=action.removesuffix("/code"))


async def judged_code(
    parts: Parts, asked: Asked, action: str, prove: Callable[[str, str], Awaitable[str | None]]
) -> str | Response:
    """What the code that was typed proves; or the page again."""
    flow, shown = asked.fields.get("flow", ""), asked.fields.get("shown", "")[:80]
    wait = await parts.accounts.codes.may_try(flow)
    if wait is not None:
        return await code_page(parts, asked, action, flow, shown, wait=wait)
    proven = await prove(flow, asked.fields.get("code", ""))
    if proven is None:
        return await code_page(parts, asked, action, flow, shown, wrong="code_wrong")
    return proven
