"""`/account/sign-ins/…/unlink`: unlink an external provider from an account, if another one remains linked.

It needs a sign-in of the last five minutes, with a second factor if a linked provider can give one. The form comes
after that sign-in, never before: the pages' CSP forbids forms whose redirects lead to another origin.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.self_service.identities import UnlinkOutcome
from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies
from gateway.oidc.external.relying_party import RelyingParty
from gateway.oidc.interaction.external_redirect import provider_title, requested_party, require_broker
from gateway.oidc.interaction.forms import PageRequest, read_page_form, read_page_request, render_page, require_session
from gateway.oidc.interaction.redirects import redirect_to_page, see_other
from gateway.oidc.interaction.sign_in_steps import STRONG, SignInStep
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.pages.sign_ins import SIGN_INS_PATH, TO_SIGN_INS, is_recent, linked_issuers, sign_in_issuers

UNLINK_PATH: Final = f"{SIGN_INS_PATH}/{{name}}/unlink"

_STATUS: Final[Mapping[UnlinkOutcome, tuple[str, int]]] = {
    UnlinkOutcome.ABSENT: ("request", 404),
    UnlinkOutcome.LAST: ("last", 409),
}


async def confirm_unlink(deps: ProviderDependencies, request: Request) -> Response:
    """Show the effects of unlinking, with the form; before it, a new sign-in if the last one is too old or weak."""
    party = requested_party(deps, request)
    page = await read_page_request(deps, request, home=SIGN_INS_PATH)
    signed_in = await require_session(deps, page)
    linked = await _linked_parties(deps, signed_in)
    _require_unlinkable(deps, party, linked)
    if not _is_proof(deps, signed_in, linked):
        goal = {"prompt": "login", "acr_values": str(_level(linked))}
        return redirect_to_page(
            SignInStep.EXTERNAL, deps.tickets.seal_page_parameters(page.path, goal), page.fields.get("lang")
        )
    language = page.language
    values = {
        "place": provider_title(party, language),
        "others": [provider_title(other, language) for other in linked if other is not party],
        "here": signed_in.issuer == party.settings.issuer,
        "action": page.path,
        "back": f"{SIGN_INS_PATH}?lang={language}",
    }
    return await render_page(deps, page, "unlink", values, path=page.path)


async def unlink(deps: ProviderDependencies, request: Request) -> Response:
    """Unlink the provider, if the sign-in is still recent."""
    party = requested_party(deps, request)
    page = await read_page_form(deps, request)
    signed_in = await require_session(deps, page)
    linked = await _linked_parties(deps, signed_in)
    _require_unlinkable(deps, party, linked)
    if not _is_proof(deps, signed_in, linked):
        return deps.pages.error("late", 403, TO_SIGN_INS)
    sign_in, issuer = signed_in.sign_in, party.settings.issuer
    outcome = await deps.accounts.identities.unlink(signed_in.actor, sign_in.roles, issuer, sign_in_issuers(deps))
    if outcome is not UnlinkOutcome.DONE:
        return deps.pages.error(*_STATUS[outcome], TO_SIGN_INS)
    deps.logout_notifier.wake()
    if await deps.sessions.find(page.browser) is None:
        return await _signed_out(deps, page)
    return see_other(f"{SIGN_INS_PATH}?lang={page.language}")


async def _signed_out(deps: ProviderDependencies, page: PageRequest) -> Response:
    """Show the end of this browser's sign-in. No redirect to a provider: the CSP forbids it after a form."""
    return await render_page(deps, page, "signed_out", {}, path=SIGN_INS_PATH)


async def _linked_parties(deps: ProviderDependencies, signed_in: SignedInSession) -> list[RelyingParty]:
    """Return the providers that are linked to the account."""
    linked = await linked_issuers(deps, signed_in.sign_in.account_id)
    return [party for party in require_broker(deps).parties.values() if party.settings.issuer in linked]


def _require_unlinkable(deps: ProviderDependencies, party: RelyingParty, linked: list[RelyingParty]) -> None:
    if party not in linked:
        raise EarlyResponseError(deps.pages.error(*_STATUS[UnlinkOutcome.ABSENT], TO_SIGN_INS))
    if len(linked) == 1:
        raise EarlyResponseError(deps.pages.error(*_STATUS[UnlinkOutcome.LAST], TO_SIGN_INS))


def _level(linked: list[RelyingParty]) -> int:
    """Return the level that unlinking needs: a second factor if a linked provider can give one."""
    reached = max((level for party in linked for level in party.settings.acr.values()), default=1)
    return min(STRONG, reached)


def _is_proof(deps: ProviderDependencies, signed_in: SignedInSession, linked: list[RelyingParty]) -> bool:
    sign_in = signed_in.sign_in
    return is_recent(deps, sign_in.auth_time) and sign_in.acr >= _level(linked)
