"""`/oauth2/login`: the sign-in page and its forms: by password, or by passkey alone."""

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.admin import ONE_TIME_PASSWORD_LIFE, USERNAME
from gateway.identity.contacts import read_address
from gateway.identity.guess_limits import PER_BROWSER, address_counts, sign_in_counts
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.interaction.attempts import render_attempt
from gateway.oidc.interaction.forms import PageRequest, read_page_form, read_page_request, redirect_to_goal
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.oidc.sessions.login_sessions import BY_PASSKEY, BY_PASSWORD, ProvenSignIn
from gateway.storage.tables.accounts import AccountRow

PASSKEY_PATH = "/oauth2/passkey"


async def login(deps: ProviderDependencies, request: Request) -> Response:
    """Show the sign-in page."""
    page = await read_page_request(deps, request)
    return await _page(deps, page, username=account_name(page.ticket.parameters.get("login_hint", "")) or "")


async def sign_in(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the submitted sign-in form."""
    page = await read_page_form(deps, request, {"username", "password"})
    typed = page.fields.get("username", "")[:254]
    account = await _account(deps, typed)
    known = deps.known_browsers.read(request, account.id if account else None)
    counts = sign_in_counts(_counting_key(typed), page.address, known)
    wait = await deps.accounts.guesses.attempt(counts)
    if wait is not None:
        return await _page(deps, page, username=typed, wait=wait)
    usable = account.password_hash if account and not _is_expired(deps, account) else None
    fits = await deps.accounts.passwords.check(usable, page.fields.get("password", ""))
    if account is None or not fits:
        return await _page(deps, page, username=typed, wrong="login_wrong")
    await deps.accounts.guesses.record_success(counts)
    return await _signed_in(deps, page, account.id, BY_PASSWORD)


async def sign_in_by_passkey(deps: ProviderDependencies, request: Request) -> Response:
    """Handle the browser's passkey response: a passkey that verifies its user counts as two factors."""
    page = await read_page_form(deps, request, {"credential"})
    counts = [(f"passkey at {page.browser}", PER_BROWSER), *address_counts("passkey", page.address)]
    wait = await deps.accounts.guesses.attempt(counts)
    if wait is not None:
        return await _page(deps, page, wait=wait)
    recognised = await deps.accounts.factors.passkeys.authenticate(page.browser, page.fields.get("credential", ""))
    if recognised is None or not recognised.verified or not await _is_active(deps, recognised.account_id):
        return await _page(deps, page, wrong="passkey_wrong")
    # Otherwise people who share one address, as in an office, would lock each other out by signing in.
    await deps.accounts.guesses.record_success(counts)
    return await _signed_in(deps, page, recognised.account_id, BY_PASSKEY)


def account_name(typed: str) -> str | None:
    """Return the typed account name, if it is a valid one."""
    name = typed.strip().lower()
    return name if USERNAME.fullmatch(name) else None


async def _signed_in(deps: ProviderDependencies, page: PageRequest, account_id: str, proven: ProvenSignIn) -> Response:
    response = redirect_to_goal(page)
    agent = page.request.headers.get("user-agent", "")
    deps.browsers.write(response, await deps.sessions.begin(account_id, proven, page.browser, agent))
    deps.known_browsers.write(response, account_id)
    return response


def _is_expired(deps: ProviderDependencies, account: AccountRow) -> bool:
    """Whether the password was a one-time password and has expired."""
    given = account.password_set_at
    return account.password_expires and (given is None or given + ONE_TIME_PASSWORD_LIFE <= deps.clock())


async def _account(deps: ProviderDependencies, typed: str) -> AccountRow | None:
    """Return the account with this name or contact."""
    address = read_address(typed)
    async with deps.database.session() as session:
        owner = await deps.accounts.contacts.owner(session, address) if address else None
        whose = AccountRow.id == owner if owner else AccountRow.username == (account_name(typed) or "")
        return await session.scalar(select(AccountRow).where(whose, AccountRow.withdrawn_at.is_(None)))


def _counting_key(typed: str) -> str:
    """Return the normalised name or contact under which attempts are counted."""
    address = read_address(typed)
    return address.value if address else account_name(typed) or ""


async def _is_active(deps: ProviderDependencies, account_id: str) -> bool:
    async with deps.database.session() as session:
        account = await session.get(AccountRow, account_id)
        return account is not None and account.withdrawn_at is None


async def _page(
    deps: ProviderDependencies, page: PageRequest, *, username: str = "", wrong: str = "", wait: float | None = None
) -> Response:
    passkeys = deps.accounts.factors.passkeys
    passkey = await passkeys.authentication_options(page.browser) if passkeys.offered else None
    allow = ["script"] if passkeys.offered else []
    values = {"username": username, "passkey": passkey}
    return await render_attempt(
        deps, page, "login", values, path=SignInStep.SIGN_IN, trouble=wait or wrong, allow=allow
    )
