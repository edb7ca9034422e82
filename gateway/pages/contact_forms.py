"""The two forms that prove a contact: the contact itself, and the code that was sent to it."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from gateway.identity.contacts import ContactAddress, read_address
from gateway.identity.guess_limits import message_counts
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.attempts import render_attempt
from gateway.oidc.interaction.forms import PageRequest


async def handle_contact_form(
    deps: ProviderDependencies,
    page: PageRequest,
    name: str,
    path: str,
    ask: Callable[[ContactAddress], Awaitable[str]],
    more: Mapping[str, object] | None = None,
) -> Response:
    """Handle the submitted contact form: `ask` sends a code and returns the flow id. The page reveals nothing else.

    `more` are further values of the form, if it is shown again.
    """
    address = read_address(page.fields.get("contact", ""))
    if address is None or address.kind not in deps.accounts.outbox_worker.supported_kinds:
        return await contact_page(deps, page, name, path, wrong="contact_wrong", more=more)
    wait = await deps.accounts.guesses.attempt(message_counts(name, address.value, page.address))
    if wait is not None:
        return await contact_page(deps, page, name, path, wait=wait, more=more)
    return await code_page(deps, page, f"{path}/code", await ask(address), address.masked)


async def contact_page(
    deps: ProviderDependencies,
    page: PageRequest,
    name: str,
    path: str,
    *,
    wrong: str = "",
    wait: float | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """Show the contact form; `name` is the page: register, recover or contact."""
    values = {
        "action": path,
        "contact": page.fields.get("contact", "")[:254],
        "given_name": page.fields.get("name", "")[:120],
        "carries": sorted(deps.accounts.outbox_worker.supported_kinds),
        "page": name,
        **(more or {}),
    }
    return await render_attempt(deps, page, name, values, path=path, trouble=wait or wrong)


async def code_page(
    deps: ProviderDependencies,
    page: PageRequest,
    action: str,
    flow: str,
    shown: str,
    *,
    wrong: str = "",
    wait: float | None = None,
) -> Response:
    """Show the form for the code; `shown` is the contact, shortened."""
    home = action.removesuffix("/code")
    values = {"action": action, "flow": flow, "shown": shown, "again": home}
    return await render_attempt(deps, page, "code", values, path=home, trouble=wait or wrong)


async def verify_code(
    deps: ProviderDependencies, page: PageRequest, action: str, prove: Callable[[str, str], Awaitable[str | None]]
) -> str | Response:
    """Check the typed code and return its result; or show the page again."""
    flow, shown = page.fields.get("flow", ""), page.fields.get("shown", "")[:80]
    wait = await deps.accounts.codes.check_limit(flow)
    if wait is not None:
        return await code_page(deps, page, action, flow, shown, wait=wait)
    proven = await prove(flow, page.fields.get("code", ""))
    if proven is None:
        return await code_page(deps, page, action, flow, shown, wrong="code_wrong")
    return proven
