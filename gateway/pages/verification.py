"""`/account/verification`: an officer of a kelurahan verifies the NIK of a resident who is present.

The page calls the verification service that the API's own operation uses. A NIK is sent in the body of a form and never
returned: no page shows one, not even the one that was just typed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.authentication.principals import PrincipalResolver
from gateway.authentication.same_origin import PAGES_CLIENT
from gateway.identity.verification import (
    VerificationDocument,
    VerificationOutcome,
    VerificationRequest,
    VerificationService,
)
from gateway.oidc.dependencies import EarlyResponseError, ProviderDependencies, ProviderRoute, page_endpoint
from gateway.oidc.html.pages import NextLink
from gateway.oidc.html.texts import TEXTS
from gateway.oidc.interaction.forms import (
    ACCOUNT_PATH,
    PageRequest,
    read_page_form,
    read_page_request,
    render_page,
    require_session,
)
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import OFFICER_PURPOSES
from schemas.texts import Language

VERIFICATION_PATH: Final = "/account/verification"

_FIELDS: Final = frozenset({"nik", "code", "purpose", "document"})
_SCOPES: Final = frozenset({"residents.verify"})
_NIK: Final = re.compile(r"[0-9]{16}", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_TO_ACCOUNT: Final = NextLink(ACCOUNT_PATH, "error_to_account")
_STATUS: Final[Mapping[VerificationOutcome, int]] = {
    VerificationOutcome.NO_CODE: 409,
    VerificationOutcome.TAKEN: 409,
    VerificationOutcome.NOT_FOUND: 404,
    VerificationOutcome.WAIT: 429,
    VerificationOutcome.AWAY: 503,
}


@dataclass(frozen=True, slots=True)
class VerificationPages:
    """The page, with its verification service."""

    service: VerificationService
    people: PrincipalResolver

    def routes(self, deps: ProviderDependencies) -> list[ProviderRoute]:
        """Return its endpoints."""
        return [
            ProviderRoute(VERIFICATION_PATH, page_endpoint(deps, self.ask), methods=["GET"]),
            ProviderRoute(VERIFICATION_PATH, page_endpoint(deps, self.submit), methods=["POST"]),
        ]

    async def ask(self, deps: ProviderDependencies, request: Request) -> Response:
        """Show the form for document, NIK, code and purpose."""
        page = await read_page_request(deps, request, home=VERIFICATION_PATH)
        _officer(deps, await require_session(deps, page))
        return await _page(deps, page)

    async def submit(self, deps: ProviderDependencies, request: Request) -> Response:
        """Submit the request to the verification service, and show the outcome."""
        page = await read_page_form(deps, request, _FIELDS)
        signed_in = _officer(deps, await require_session(deps, page))
        visit = _read(page.fields)
        if visit is None:
            return await _page(deps, page, wrong="verification_incomplete", status=400)
        outcome = await self.service.verify(request, await self._principal(deps, signed_in), visit)
        if outcome is not VerificationOutcome.VERIFIED:
            return await _page(deps, page, wrong=f"verification_{outcome.name.lower()}", status=_STATUS[outcome])
        return await render_page(deps, page, "verification_done", {"again": _address(page)}, path=VERIFICATION_PATH)

    async def _principal(self, deps: ProviderDependencies, signed_in: SignedInSession) -> Principal:
        sign_in = signed_in.sign_in
        principal = await self.people.for_page(
            sign_in.account_id,
            client_id=PAGES_CLIENT,
            scopes=_SCOPES,
            acr=sign_in.acr,
            auth_time=sign_in.auth_time,
            number=signed_in.id_hash[:32],
        )
        if principal is None:
            raise EarlyResponseError(deps.pages.error("officer", 403, _TO_ACCOUNT))
        return principal


def _officer(deps: ProviderDependencies, signed_in: SignedInSession) -> SignedInSession:
    """Return the session if it is an officer's. `require_session` enforces the second factor of staff."""
    if Role.OFFICER not in signed_in.sign_in.roles:
        raise EarlyResponseError(deps.pages.error("officer", 403, _TO_ACCOUNT))
    return signed_in


def _read(fields: Mapping[str, str]) -> VerificationRequest | None:
    """Read the form, without the spaces that group digits; None if a field is missing or invalid."""
    nik, code = ("".join(fields.get(name, "").split()) for name in ("nik", "code"))
    purpose, document = fields.get("purpose", ""), fields.get("document", "")
    readable = _NIK.fullmatch(nik) and _CODE.fullmatch(code)
    if not readable or purpose not in OFFICER_PURPOSES or document not in set(VerificationDocument):
        return None
    return VerificationRequest(nik, code, purpose, VerificationDocument(document))


async def _page(deps: ProviderDependencies, page: PageRequest, *, wrong: str = "", status: int = 200) -> Response:
    """Show the form, with the values that were typed except the NIK."""
    language = page.language
    values = {
        "alert": TEXTS[language][wrong] if wrong else "",
        "action": VERIFICATION_PATH,
        "documents": [(one.value, TEXTS[language][f"verification_{one.name.lower()}"]) for one in VerificationDocument],
        "document": page.fields.get("document", ""),
        "purposes": [(one.value, one.text.in_language(Language(language))) for one in OFFICER_PURPOSES],
        "purpose": page.fields.get("purpose", ""),
        "code": page.fields.get("code", "")[:12],
    }
    return await render_page(deps, page, "verification", values, status=status, path=VERIFICATION_PATH)


def _address(page: PageRequest) -> str:
    return f"{VERIFICATION_PATH}?lang={page.language}"
