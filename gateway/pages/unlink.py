"""`/account/sign-ins/…/unlink`: unlink an external provider from an account, if another one remains linked.

It needs a sign-in of the last five minutes, with a second factor if a linked provider can give one. The form comes
after that sign-in, never before: the pages' CSP forbids forms whose redirects lead to another origin.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.identity.own.identities import UnlinkOutcome
from gateway.oidc.dependencies import AnsweredError, ProviderDependencies
from gateway.oidc.external.relying_party import RelyingParty
from gateway.oidc.interaction.external_redirect import broker_of, party_of, title_of
from gateway.oidc.interaction.forms import PageRequest, admitted, asked_form, asked_page, sheet
from gateway.oidc.interaction.redirects import see_other, to_page
from gateway.oidc.interaction.sign_in_steps import STRONG, SignInStep
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.pages.sign_ins import SIGN_INS_PATH, TO_SIGN_INS, is_just_now, linked_at, ways_of

UNLINK_PATH: Final = f"{SIGN_INS_PATH}/{{name}}/unlink"

_STATUS: Final[Mapping[UnlinkOutcome, tuple[str, int]]] = {
    UnlinkOutcome.ABSENT: ("request", 404),
    UnlinkOutcome.LAST: ("last", 409),
}


async def ask_to_unlink(parts: ProviderDependencies, request: Request) -> Response:
    """Show the effects of unlinking, with the form; before it, a new sign-in if the last one is too old or weak."""
    party = party_of(parts, request)
    asked = await asked_page(parts, request, home=SIGN_INS_PATH)
    signed_in = await admitted(parts, asked)
    linked = await _ways_in(parts, signed_in)
    _judged(parts, party, linked)
    if not _is_proof(parts, signed_in, linked):
        wish = {"prompt": "login", "acr_values": str(_level(linked))}
        return to_page(SignInStep.ELSEWHERE, parts.tickets.seal_wish(asked.path, wish), asked.fields.get("lang"))
    language = asked.language
    values = {
        "place": title_of(party, language),
        "others": [title_of(other, language) for other in linked if other is not party],
        "here": signed_in.issuer == party.settings.issuer,
        "action": asked.path,
        "back": f"{SIGN_INS_PATH}?lang={language}",
    }
    return await sheet(parts, asked, "unlink", values, path=asked.path)


async def unlink(parts: ProviderDependencies, request: Request) -> Response:
    """Unlink the provider, if the sign-in is still recent."""
    party = party_of(parts, request)
    asked = await asked_form(parts, request)
    signed_in = await admitted(parts, asked)
    linked = await _ways_in(parts, signed_in)
    _judged(parts, party, linked)
    if not _is_proof(parts, signed_in, linked):
        return parts.pages.error("late", 403, TO_SIGN_INS)
    sign_in, issuer = signed_in.sign_in, party.settings.issuer
    outcome = await parts.accounts.identities.unlink(signed_in.actor, sign_in.roles, issuer, ways_of(parts))
    if outcome is not UnlinkOutcome.DONE:
        return parts.pages.error(*_STATUS[outcome], TO_SIGN_INS)
    parts.notices.wake()
    if await parts.sessions.find(asked.browser) is None:
        return await _signed_out(parts, asked)
    return see_other(f"{SIGN_INS_PATH}?lang={asked.language}")


async def _signed_out(parts: ProviderDependencies, asked: PageRequest) -> Response:
    """Show the end of this browser's sign-in. No redirect to a provider: the CSP forbids it after a form."""
    return await sheet(parts, asked, "signed_out", {}, path=SIGN_INS_PATH)


async def _ways_in(parts: ProviderDependencies, signed_in: SignedInSession) -> list[RelyingParty]:
    """Return the providers that are linked to the account."""
    linked = await linked_at(parts, signed_in.sign_in.account_id)
    return [party for party in broker_of(parts).parties.values() if party.settings.issuer in linked]


def _judged(parts: ProviderDependencies, party: RelyingParty, linked: list[RelyingParty]) -> None:
    if party not in linked:
        raise AnsweredError(parts.pages.error(*_STATUS[UnlinkOutcome.ABSENT], TO_SIGN_INS))
    if len(linked) == 1:
        raise AnsweredError(parts.pages.error(*_STATUS[UnlinkOutcome.LAST], TO_SIGN_INS))


def _level(linked: list[RelyingParty]) -> int:
    """Return the level that unlinking needs: a second factor if a linked provider can give one."""
    reached = max((level for party in linked for level in party.settings.acr.values()), default=1)
    return min(STRONG, reached)


def _is_proof(parts: ProviderDependencies, signed_in: SignedInSession, linked: list[RelyingParty]) -> bool:
    sign_in = signed_in.sign_in
    return is_just_now(parts, sign_in.auth_time) and sign_in.acr >= _level(linked)
