"""`/account`: overview of a person's account, sessions and consents, and the forms to end them.

Served for every signed-in person, whatever their way of sign-in.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.dependencies import Handler, ProviderDependencies
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, admitted, asked_form, asked_page, sheet
from gateway.oidc.interaction.redirects import see_other
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.policy.principal import Role
from gateway.policy.scopes import SCOPES
from gateway.storage.tables.identity import AccountRow

END_PATH = f"{ACCOUNT_PATH}/sessions/end"
WITHDRAW_PATH = f"{ACCOUNT_PATH}/consents/withdraw"
SIGN_OUT_PATH = f"{ACCOUNT_PATH}/sign-out"
VERIFICATION_PATH = f"{ACCOUNT_PATH}/verification-code"


async def account(parts: ProviderDependencies, request: Request) -> Response:
    """Show the account overview."""
    asked = await asked_page(parts, request, home=ACCOUNT_PATH)
    signed_in = await admitted(parts, asked)
    account_id = signed_in.sign_in.account_id
    async with parts.database.session() as session:
        row = await session.get_one(AccountRow, account_id)
    held = await parts.accounts.factors.held(account_id)
    values = {
        "name": row.display_name,
        "username": row.username,
        "roles": row.roles,
        "resident": Role.RESIDENT in signed_in.sign_in.roles,
        "officer": Role.OFFICER in signed_in.sign_in.roles and row.region is not None,
        "nik_verified": row.nik_fingerprint is not None,
        "nik_verified_at": row.nik_verified_at,
        "contacts": [one.masked for one in await parts.accounts.contact_change.held(account_id)],
        "held": held,
        "sessions": await parts.accounts.sessions.of(account_id, signed_in.id_hash),
        "consents": await _consents(parts, asked, account_id),
        "paths": {
            "end": END_PATH,
            "withdraw": WITHDRAW_PATH,
            "sign_out": SIGN_OUT_PATH,
            "verification": VERIFICATION_PATH,
        },
        "embedded": parts.embedded,
    }
    return await sheet(parts, asked, "account", values, path=ACCOUNT_PATH)


async def end_session(parts: ProviderDependencies, request: Request) -> Response:
    """End one of the account's sessions."""
    asked, signed_in = await _form(parts, request, {"session"})
    await parts.accounts.sessions.end(signed_in.sign_in.account_id, asked.fields.get("session", ""))
    return _back(asked)


async def withdraw(parts: ProviderDependencies, request: Request) -> Response:
    """Withdraw the consent to an app."""
    asked, signed_in = await _form(parts, request, {"client"})
    await parts.accounts.consents.withdraw(signed_in.sign_in.account_id, asked.fields.get("client", ""))
    return _back(asked)


async def sign_out(parts: ProviderDependencies, request: Request) -> Response:
    """End the sign-in of this browser, and with it every app that was signed in to by it."""
    asked = await asked_form(parts, request)
    signed_in = await parts.sessions.find(asked.browser)
    await parts.sessions.end_of_browser(asked.browser)
    if signed_in is not None:
        parts.notices.wake()
    return await sheet(parts, replace(asked, browser=new_browser()), "signed_out", {}, path=ACCOUNT_PATH)


async def verification_code(parts: ProviderDependencies, request: Request) -> Response:
    """Show a code that the resident presents to an officer, with their KTP."""
    asked, signed_in = await _form(parts, request, set())
    account_id = signed_in.sign_in.account_id
    if Role.RESIDENT not in signed_in.sign_in.roles or await parts.accounts.nik.is_verified(account_id):
        return _back(asked)
    code = await parts.accounts.nik.show_code(account_id)
    values = {"code": f"{code[:4]} {code[4:]}", "name": signed_in.display_name}
    return await sheet(parts, asked, "verification_code", values, path=ACCOUNT_PATH)


async def _form(parts: ProviderDependencies, request: Request, fields: set[str]) -> tuple[PageRequest, SignedInSession]:
    asked = await asked_form(parts, request, fields)
    return asked, await admitted(parts, asked)


def _back(asked: PageRequest) -> Response:
    return see_other(f"{ACCOUNT_PATH}?lang={asked.language}")


async def _consents(parts: ProviderDependencies, asked: PageRequest, account_id: str) -> list[dict[str, object]]:
    language = asked.language
    return [
        {
            "client": one.client_id,
            "title": one.titles[language],
            "scopes": [SCOPES[scope].text(language) for scope in one.scopes if scope in SCOPES],
            "given_at": one.given_at,
        }
        for one in await parts.accounts.consents.of(account_id)
    ]


ACCOUNT_PAGES: Final[Sequence[tuple[str, str, Handler]]] = (
    ("GET", ACCOUNT_PATH, account),
    ("POST", END_PATH, end_session),
    ("POST", WITHDRAW_PATH, withdraw),
    ("POST", SIGN_OUT_PATH, sign_out),
    ("POST", VERIFICATION_PATH, verification_code),
)
"""Method, path and handler of each page."""
