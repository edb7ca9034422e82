"""`/account/second-factor`: the second factors of an account; add and remove them."""

import io
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.messages.texts import MessageKind
from gateway.oidc.dependencies import NO_STORE, EarlyResponseError, ProviderDependencies
from gateway.oidc.grants.service import refuse
from gateway.oidc.interaction.attempts import render_attempt
from gateway.oidc.interaction.forms import PageRequest, read_page_form, read_page_request, render_page, require_session
from gateway.oidc.interaction.redirects import page_address, redirect_to_page, refusal_response
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.oidc.sessions.login_sessions import ProvenSignIn, SignedInSession, raised_by_code, raised_by_passkey
from gateway.policy.principal import is_staff

FACTORS_PATH = SignInStep.ENROL.value
APP_PATH = f"{FACTORS_PATH}/app"
PICTURE_PATH = f"{FACTORS_PATH}/app.svg"
NEW_PASSKEY_PATH = f"{FACTORS_PATH}/passkey"
REMOVE_PATH = f"{FACTORS_PATH}/remove"
CODES_PATH = f"{FACTORS_PATH}/recovery-codes"
LATER_PATH = f"{FACTORS_PATH}/later"


async def factors(deps: ProviderDependencies, request: Request) -> Response:
    """Show the account's factors, and those that can be added."""
    page = await read_page_request(deps, request, home=FACTORS_PATH)
    return await _factors_page(deps, page, await _enrolling(deps, page))


async def app(deps: ProviderDependencies, request: Request) -> Response:
    """Show the secret of the app that is being set up."""
    page = await read_page_request(deps, request)
    return await _app_page(deps, page, await _enrolling(deps, page))


async def set_up_app(deps: ProviderDependencies, request: Request) -> Response:
    """Begin the setup of an app; with a code from it, confirm the app."""
    page = await read_page_form(deps, request, {"code"})
    signed_in = await _enrolling(deps, page)
    if "code" not in page.fields:
        await deps.accounts.factors.totp.begin(signed_in.sign_in.account_id)
        return redirect_to_page(APP_PATH, page.sealed, page.fields.get("lang"))
    had_one = (await deps.accounts.factors.held(signed_in.sign_in.account_id)).any
    if not await deps.accounts.factors.totp.confirm(signed_in.sign_in.account_id, page.fields["code"]):
        return await _app_page(deps, page, signed_in, "code_wrong")
    return await _enrolled(deps, page, signed_in, raised_by_code(signed_in), had_one=had_one)


async def picture(deps: ProviderDependencies, request: Request) -> Response:
    """Return the QR code of the app that is being set up, as an SVG of our own origin."""
    import segno

    page = await read_page_request(deps, request, home=FACTORS_PATH)
    signed_in = await _enrolling(deps, page)
    pending = await deps.accounts.factors.totp.pending(signed_in.sign_in.account_id)
    if pending is None:
        return Response(status_code=404, headers=NO_STORE)
    image = io.BytesIO()
    code = segno.make(pending.address(await deps.username(signed_in.sign_in.account_id)), error="m", micro=False)
    code.save(image, kind="svg", scale=4, border=3, light="#ffffff")
    return Response(image.getvalue(), media_type="image/svg+xml", headers=NO_STORE)


async def add_passkey(deps: ProviderDependencies, request: Request) -> Response:
    """Store the passkey that the browser has created."""
    page = await read_page_form(deps, request, {"credential", "label"})
    signed_in = await _enrolling(deps, page)
    account_id = signed_in.sign_in.account_id
    had_one = (await deps.accounts.factors.held(account_id)).any
    answer, label = page.fields.get("credential", ""), page.fields.get("label", "")
    if not await deps.accounts.factors.passkeys.register(account_id, page.browser, answer, label):
        return await _factors_page(deps, page, signed_in, "passkey_wrong")
    return await _enrolled(deps, page, signed_in, raised_by_passkey(signed_in), had_one=had_one)


async def remove(deps: ProviderDependencies, request: Request) -> Response:
    """Remove the app or a passkey; officers and operators must keep one."""
    page = await read_page_form(deps, request, {"factor"})
    signed_in = await _enrolling(deps, page)
    account_id, factor = signed_in.sign_in.account_id, page.fields.get("factor", "")
    held = await deps.accounts.factors.held(account_id)
    if is_staff(signed_in.sign_in.roles) and held.count <= 1:
        return await _factors_page(deps, page, signed_in, "factor_last")
    factors = deps.accounts.factors
    removed = factors.remove_app(account_id) if factor == "app" else factors.remove_passkey(account_id, factor)
    if await removed:
        await deps.accounts.notifier.notify_now(account_id, MessageKind.FACTOR_CHANGED)
    return redirect_to_page(FACTORS_PATH, page.sealed, page.fields.get("lang"))


async def new_codes(deps: ProviderDependencies, request: Request) -> Response:
    """Replace the recovery codes and show them once; the owner is notified as of a new factor."""
    page = await read_page_form(deps, request)
    signed_in = await _enrolling(deps, page)
    if not (await deps.accounts.factors.held(signed_in.sign_in.account_id)).any:
        return redirect_to_page(FACTORS_PATH, page.sealed, page.fields.get("lang"))
    await deps.accounts.notifier.notify_now(signed_in.sign_in.account_id, MessageKind.FACTOR_CHANGED)
    return await _codes_page(deps, page, signed_in)


async def later(deps: ProviderDependencies, request: Request) -> Response:
    """Handle a refusal to set up a second factor: the client that demands one gets an error."""
    page = await read_page_form(deps, request)
    if page.ticket.page is not None:
        return await _factors_page(deps, page, await _enrolling(deps, page))
    refusal = await deps.grants.run(refuse, page.ticket.parameters, "unmet_authentication_requirements")
    return refusal_response(deps, refusal)


async def _enrolling(deps: ProviderDependencies, page: PageRequest) -> SignedInSession:
    return await require_session(deps, page, allowed_step=SignInStep.ENROL, fresh=True)


async def _enrolled(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, proven: ProvenSignIn, *, had_one: bool
) -> Response:
    """Raise the session, under a new id. After the first factor, show recovery codes."""
    renewed = await deps.sessions.renew(page.browser, proven)
    if renewed is None:
        raise EarlyResponseError(redirect_to_page(SignInStep.SIGN_IN, page.sealed, page.fields.get("lang")))
    await deps.accounts.notifier.notify_now(signed_in.sign_in.account_id, MessageKind.FACTOR_CHANGED)
    if not had_one:
        return await _codes_page(deps, replace(page, browser=renewed), signed_in)
    response = redirect_to_page(FACTORS_PATH, page.sealed, page.fields.get("lang"))
    deps.browsers.write(response, renewed)
    return response


async def _codes_page(deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession) -> Response:
    codes = await deps.accounts.factors.recovery_codes.renew(signed_in.sign_in.account_id)
    return await render_page(deps, page, "recovery_codes", {"codes": codes}, path=FACTORS_PATH)


async def _app_page(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, wrong: str = ""
) -> Response:
    pending = await deps.accounts.factors.totp.pending(signed_in.sign_in.account_id)
    if pending is None:
        return redirect_to_page(FACTORS_PATH, page.sealed, page.fields.get("lang"))
    values = {
        "action": APP_PATH,
        "picture": page_address(PICTURE_PATH, page.sealed),
        "secret": " ".join(pending.secret[at : at + 4] for at in range(0, len(pending.secret), 4)),
        "address": pending.address(await deps.username(signed_in.sign_in.account_id)),
    }
    return await render_attempt(deps, page, "app", values, path=APP_PATH, trouble=wrong, allow=["img"])


async def _factors_page(
    deps: ProviderDependencies, page: PageRequest, signed_in: SignedInSession, wrong: str = ""
) -> Response:
    account_id, staff = signed_in.sign_in.account_id, is_staff(signed_in.sign_in.roles)
    held, passkeys = await deps.accounts.factors.held(account_id), deps.accounts.factors.passkeys
    name = await deps.username(account_id)
    values = {
        "held": held,
        "staff": staff,
        "may_wait": page.ticket.page is None and not staff and not held.any,
        "paths": {"app": APP_PATH, "passkey": NEW_PASSKEY_PATH, "remove": REMOVE_PATH, "codes": CODES_PATH}
        | {"later": LATER_PATH},
        "passkey": await passkeys.registration_options(account_id, name, page.browser) if passkeys.offered else None,
    }
    allow = ["script"] if passkeys.offered else []
    return await render_attempt(deps, page, "factors", values, path=FACTORS_PATH, trouble=wrong, allow=allow)
