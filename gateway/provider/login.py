"""`/oauth2/login`: the page that asks who somebody is, and its form."""

import re

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from gateway.provider.authorize import CONSENT_PATH, LOGIN_PATH, page_address, refused, to_page
from gateway.provider.flow import Refusal, review
from gateway.provider.guard import ParametersRefusedError, read_fields, read_form
from gateway.provider.pages import form_target, page_language
from gateway.provider.parts import Parts
from gateway.provider.sessions import new_browser
from gateway.provider.texts import TEXTS
from gateway.provider.tickets import Ticket, TicketError
from gateway.storage.tables.identity import Account

FIELDS = frozenset({"ticket", "form_token", "lang", "username", "password"})
PASSWORD_ACR = 1

_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)


async def login(parts: Parts, request: Request) -> Response:
    """Show the login page."""
    try:
        fields = read_fields(request.scope["query_string"], FIELDS)
        ticket = parts.tickets.open(fields.get("ticket", ""))
    except (ParametersRefusedError, TicketError):
        return parts.pages.error("ticket")
    fields["username"] = _username(ticket.parameters.get("login_hint", "")) or ""
    return await _page(parts, request, fields, ticket)


async def sign_in(parts: Parts, request: Request) -> Response:
    """The login form, as it came back."""
    try:
        fields = read_fields(await read_form(request), FIELDS)
        ticket = parts.tickets.open(fields.get("ticket", ""))
    except (ParametersRefusedError, TicketError):
        return parts.pages.error("ticket")
    browser = parts.browsers.read(request)
    owned = parts.browsers.owns_form(browser, fields["ticket"], fields.get("form_token", ""))
    if not owned or not parts.posted_from_our_page(request):
        return parts.pages.error("form", 403)
    username = _username(fields.get("username", ""))
    address = request.client.host if request.client else ""
    wait = parts.guesses.attempt(username or "", address)
    if wait is not None:
        return await _page(parts, request, fields, ticket, wait=wait)
    account = await _account(parts, username)
    fits = await parts.passwords.check(account.password_hash if account else None, fields.get("password", ""))
    if account is None or not fits:
        return await _page(parts, request, fields, ticket, wrong=True)
    parts.guesses.succeeded(account.username, address)
    response = to_page(CONSENT_PATH, fields["ticket"], fields.get("lang"))
    parts.browsers.write(response, await parts.sessions.begin(account.id, PASSWORD_ACR, browser))
    return response


def _username(typed: str) -> str | None:
    name = typed.strip().lower()
    return name if _USERNAME.fullmatch(name) else None


async def _account(parts: Parts, username: str | None) -> Account | None:
    async with parts.database.session() as session:
        return await session.scalar(
            select(Account).where(Account.username == (username or ""), Account.withdrawn_at.is_(None))
        )


async def _page(
    parts: Parts,
    request: Request,
    fields: dict[str, str],
    ticket: Ticket,
    *,
    wrong: bool = False,
    wait: float | None = None,
) -> Response:
    judged = await parts.grants.run(review, ticket.parameters, None)
    if isinstance(judged, Refusal):
        return refused(parts, judged)
    language = page_language(request, fields.get("lang"), ticket.parameters.get("ui_locales", ""))
    browser = parts.browsers.read(request) or new_browser()
    values = {
        "client": judged.titles[language],
        "alert": _alert(language, wrong=wrong, wait=wait),
        "username": fields.get("username", "")[:64],
        "action": LOGIN_PATH,
        "ticket": fields["ticket"],
        "form_token": parts.browsers.form_token(browser, fields["ticket"]),
    }
    response = parts.pages.render(
        "login",
        language,
        values,
        switch=page_address(LOGIN_PATH, fields["ticket"]),
        status=429 if wait is not None else 400 if wrong else 200,
        target=form_target(ticket.parameters["redirect_uri"]),
    )
    if wait is not None:
        response.headers["Retry-After"] = str(int(wait) + 1)
    parts.browsers.write(response, browser)
    return response


def _alert(language: str, *, wrong: bool, wait: float | None) -> str:
    if wait is not None:
        return TEXTS[language]["login_wait"].format(minutes=int(wait / 60) + 1)
    return TEXTS[language]["login_wrong"] if wrong else ""
