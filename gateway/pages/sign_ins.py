"""`/account/sign-ins`: the external providers linked to an account; links another one after a recent sign-in.

A link needs two sign-ins of the last five minutes: to the account, and at the provider. It begins with a GET and not
with a form, since the pages' CSP forbids forms whose redirects lead to another origin. A form token in the address
shows that the person saw our page.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.asserted_identity import AssertedIdentity
from gateway.identity.nik_verification import NikOutcome
from gateway.identity.subjects import IdentityConflict, IdentityConflictError
from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies
from gateway.oidc.external.relying_party import SignInRequest
from gateway.oidc.html.pages import NextLink
from gateway.oidc.interaction.external_redirect import (
    provider_title,
    redirect_to_provider,
    requested_party,
    require_broker,
)
from gateway.oidc.interaction.forms import PageRequest, read_page_request, render_page, require_session
from gateway.oidc.interaction.redirects import redirect_to_page, see_other
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.policy.access_log.actions import own_action_entry

SIGN_INS_PATH: Final = "/account/sign-ins"
TO_SIGN_INS: Final = NextLink(SIGN_INS_PATH, "error_to_sign_ins")
LINKING: Final = "link"
WITHIN: Final = timedelta(minutes=5)


async def sign_ins(deps: ProviderDependencies, request: Request) -> Response:
    """Show the providers: linked ones, and those that can be linked."""
    page = await read_page_request(deps, request, home=SIGN_INS_PATH)
    signed_in = await require_session(deps, page)
    linked = await linked_issuers(deps, signed_in.sign_in.account_id)
    providers = [
        {
            "title": provider_title(party, page.language),
            "since": linked.get(party.settings.issuer),
            "address": _address(deps, page, name),
            "unlink": f"{SIGN_INS_PATH}/{name}/unlink?lang={page.language}" if len(linked) > 1 else None,
        }
        for name, party in require_broker(deps).parties.items()
    ]
    return await render_page(deps, page, "sign_ins", {"places": providers, "only": len(linked) == 1})


async def link(deps: ProviderDependencies, request: Request) -> Response:
    """Begin a link: a new sign-in at the provider; before it, a new sign-in here if the last one is too old."""
    page = await read_page_request(deps, request, {"form_token"})
    requested_party(deps, request)
    signed_in = await require_session(deps, page)
    if not deps.browsers.owns_form(page.browser, page.sealed, page.fields.get("form_token", "")):
        raise EarlyResponseError(deps.pages.error("form", 403, TO_SIGN_INS))
    if not is_recent(deps, signed_in.sign_in.auth_time):
        return redirect_to_page(
            SignInStep.EXTERNAL, deps.tickets.seal_page(SIGN_INS_PATH, reauthenticate=True), page.fields.get("lang")
        )
    requirements = SignInRequest(max_age=0, reauthenticate=True, language=page.language)
    content = {"for": LINKING, "account": signed_in.sign_in.account_id}
    return await redirect_to_provider(deps, page, request.path_params["name"], requirements, content, TO_SIGN_INS)


async def finish_link(
    deps: ProviderDependencies, page: PageRequest, stored: Mapping[str, str], identity: AssertedIdentity
) -> Response:
    """Store the link, if both sign-ins are recent and the account is the one that began it."""
    signed_in = await deps.sessions.find(page.browser)
    if signed_in is None or signed_in.sign_in.account_id != stored["account"]:
        return deps.pages.error("late", 403, TO_SIGN_INS)
    if not all(is_recent(deps, moment) for moment in (signed_in.sign_in.auth_time, identity.auth_time)):
        return deps.pages.error("late", 403, TO_SIGN_INS)
    entry = own_action_entry(signed_in.actor, signed_in.sign_in.roles, "linkMyIdentity", "account", deps.clock())
    await require_broker(deps).subjects.link(identity, stored["account"], entry)
    await store_asserted_nik(deps, stored["account"], identity)
    return see_other(f"{SIGN_INS_PATH}?lang={page.language}")


async def store_asserted_nik(deps: ProviderDependencies, account_id: str, identity: AssertedIdentity) -> None:
    """Store the NIK that a trusted provider asserts, if the account has none; or raise `IdentityConflictError`."""
    nik = deps.accounts.nik
    if identity.nik is None or await nik.is_verified(account_id):
        return
    outcome = await nik.verify_by_issuer(account_id, identity.nik, identity.issuer)
    if outcome is not NikOutcome.VERIFIED:
        raise IdentityConflictError(IdentityConflict.TAKEN if outcome is NikOutcome.TAKEN else IdentityConflict.NIK)


def is_recent(deps: ProviderDependencies, moment: datetime) -> bool:
    """Whether a sign-in at this moment is recent enough as proof."""
    return deps.clock() - moment <= WITHIN


def _address(deps: ProviderDependencies, page: PageRequest, name: str) -> str:
    token = deps.browsers.form_token(page.browser, page.sealed)
    return f"{SIGN_INS_PATH}/{name}?{urlencode({'ticket': page.sealed, 'form_token': token, 'lang': page.language})}"


def sign_in_issuers(deps: ProviderDependencies) -> frozenset[str]:
    """Return the issuers at which people sign in."""
    return frozenset(party.settings.issuer for party in require_broker(deps).parties.values())


async def linked_issuers(deps: ProviderDependencies, account_id: str) -> dict[str, datetime]:
    """Return the issuers linked to the account, and since when."""
    found = await deps.accounts.identities.of(account_id, sign_in_issuers(deps))
    return {one.issuer: one.linked_at for one in found}
