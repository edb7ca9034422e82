"""`/account`: overview of a person's account, sessions and consents, and the forms to end them.

Served for every signed-in person, whatever their way of sign-in.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.dependencies import Handler, ProviderDependencies
from gateway.oidc.interaction.forms import (
    ACCOUNT_PATH,
    PageRequest,
    read_page_form,
    read_page_request,
    render_page,
    require_session,
)
from gateway.oidc.interaction.redirects import see_other
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.policy.principal import Role
from gateway.policy.scopes import SCOPES
from gateway.storage.tables.accounts import AccountRow

END_PATH = f"{ACCOUNT_PATH}/sessions/end"
WITHDRAW_PATH = f"{ACCOUNT_PATH}/consents/withdraw"
SIGN_OUT_PATH = f"{ACCOUNT_PATH}/sign-out"
VERIFICATION_PATH = f"{ACCOUNT_PATH}/verification-code"


async def account(deps: ProviderDependencies, request: Request) -> Response:
    """Show the account overview."""
    page = await read_page_request(deps, request, home=ACCOUNT_PATH)
    signed_in = await require_session(deps, page)
    account_id = signed_in.sign_in.account_id
    async with deps.database.session() as session:
        row = await session.get_one(AccountRow, account_id)
    held = await deps.accounts.factors.held(account_id)
    values = {
        "name": row.display_name,
        "username": row.username,
        "roles": row.roles,
        "resident": Role.RESIDENT in signed_in.sign_in.roles,
        "officer": Role.OFFICER in signed_in.sign_in.roles and row.region is not None,
        "nik_verified": row.nik_fingerprint is not None,
        "nik_verified_at": row.nik_verified_at,
        "contacts": [one.masked for one in await deps.accounts.contact_change.held(account_id)],
        "held": held,
        "sessions": await deps.accounts.sessions.of(account_id, signed_in.id_hash),
        "consents": await _consents(deps, page, account_id),
        "paths": {
            "end": END_PATH,
            "withdraw": WITHDRAW_PATH,
            "sign_out": SIGN_OUT_PATH,
            "verification": VERIFICATION_PATH,
        },
        "embedded": deps.embedded,
    }
    return await render_page(deps, page, "account", values, path=ACCOUNT_PATH)


async def end_session(deps: ProviderDependencies, request: Request) -> Response:
    """End one of the account's sessions."""
    page, signed_in = await _form(deps, request, {"session"})
    await deps.accounts.sessions.end(signed_in.sign_in.account_id, page.fields.get("session", ""))
    return _back(page)


async def withdraw(deps: ProviderDependencies, request: Request) -> Response:
    """Withdraw the consent to an app."""
    page, signed_in = await _form(deps, request, {"client"})
    await deps.accounts.consents.withdraw(signed_in.sign_in.account_id, page.fields.get("client", ""))
    return _back(page)


async def sign_out(deps: ProviderDependencies, request: Request) -> Response:
    """End the sign-in of this browser, and with it every app that was signed in to by it."""
    page = await read_page_form(deps, request)
    signed_in = await deps.sessions.find(page.browser)
    await deps.sessions.end_by_browser(page.browser)
    if signed_in is not None:
        deps.logout_notifier.wake()
    return await render_page(deps, replace(page, browser=new_browser()), "signed_out", {}, path=ACCOUNT_PATH)


async def verification_code(deps: ProviderDependencies, request: Request) -> Response:
    """Show a code that the resident presents to an officer, with their KTP."""
    page, signed_in = await _form(deps, request, set())
    account_id = signed_in.sign_in.account_id
    if Role.RESIDENT not in signed_in.sign_in.roles or await deps.accounts.nik.is_verified(account_id):
        return _back(page)
    code = await deps.accounts.nik.issue_code(account_id)
    values = {"code": f"{code[:4]} {code[4:]}", "name": signed_in.display_name}
    return await render_page(deps, page, "verification_code", values, path=ACCOUNT_PATH)


async def _form(deps: ProviderDependencies, request: Request, fields: set[str]) -> tuple[PageRequest, SignedInSession]:
    page = await read_page_form(deps, request, fields)
    return page, await require_session(deps, page)


def _back(page: PageRequest) -> Response:
    return see_other(f"{ACCOUNT_PATH}?lang={page.language}")


async def _consents(deps: ProviderDependencies, page: PageRequest, account_id: str) -> list[dict[str, object]]:
    language = page.language
    return [
        {
            "client": one.client_id,
            "title": one.titles[language],
            "scopes": [SCOPES[scope].text(language) for scope in one.scopes if scope in SCOPES],
            "given_at": one.given_at,
        }
        for one in await deps.accounts.consents.of(account_id)
    ]


ACCOUNT_PAGES: Final[Sequence[tuple[str, str, Handler]]] = (
    ("GET", ACCOUNT_PATH, account),
    ("POST", END_PATH, end_session),
    ("POST", WITHDRAW_PATH, withdraw),
    ("POST", SIGN_OUT_PATH, sign_out),
    ("POST", VERIFICATION_PATH, verification_code),
)
"""Method, path and handler of each page."""
