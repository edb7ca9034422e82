"""`/oauth2/login`: the page that asks who somebody is, and its form."""

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from gateway.accounts.administering import ONE_TIME_PASSWORD_LIFE, USERNAME
from gateway.accounts.guesses import sign_in_counts
from gateway.provider.authorize import CONSENT_PATH, LOGIN_PATH, page_address, refused, to_page
from gateway.provider.flow import Refusal, review
from gateway.provider.guard import ParametersRefusedError, read_fields, read_form
from gateway.provider.pages import form_target, page_language
from gateway.provider.parts import Parts
from gateway.provider.sessions import BY_PASSWORD, new_browser
from gateway.provider.texts import TEXTS
from gateway.provider.tickets import Ticket, TicketError
from gateway.storage.tables.identity import Account

FIELDS = frozenset({"ticket", "form_token", "lang", "username", "password"})


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
    account = await _account(parts, username)
    address = request.client.host if request.client else ""
    counts = sign_in_counts(
        username or "", address, parts.known_browsers.read(request, account.id if account else None)
    )
    wait = await parts.guesses.attempt(counts)
    if wait is not None:
        return await _page(parts, request, fields, ticket, wait=wait)
    usable = account.password_hash if account and not _ran_out(parts, account) else None
    fits = await parts.passwords.check(usable, fields.get("password", ""))
    if account is None or not fits:
        return await _page(parts, request, fields, ticket, wrong=True)
    await parts.guesses.succeeded(counts)
    response = to_page(CONSENT_PATH, fields["ticket"], fields.get("lang"))
    agent = request.headers.get("user-agent", "")
    parts.browsers.write(response, await parts.sessions.begin(account.id, BY_PASSWORD, browser, agent))
    parts.known_browsers.write(response, account.id)
    return response


def _ran_out(parts: Parts, account: Account) -> bool:
    """Whether the password was good for one use, and that not for ever."""
    given = account.password_set_at
    return account.password_expires and (given is None or given + ONE_TIME_PASSWORD_LIFE <= parts.clock())


def _username(typed: str) -> str | None:
    name = typed.strip().lower()
    return name if USERNAME.fullmatch(name) else None


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
