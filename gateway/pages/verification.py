"""`/account/verification`: an officer of a kelurahan verifies the NIK of a resident who stands before them.

The page knows no register and decides nothing: a desk that it is given does, by the rules of the API's own operation.
A NIK travels in the body of a form and never back: no page shows one, not even the one that was just typed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.authentication.principals import PrincipalResolver
from gateway.authentication.same_origin import PAGES_CLIENT
from gateway.identity.verification import (
    VerificationDocument,
    VerificationOutcome,
    VerificationRequest,
    VerificationService,
)
from gateway.oidc.dependencies import AnsweredError, ProviderDependencies, page_endpoint
from gateway.oidc.html.pages import NextLink
from gateway.oidc.html.texts import TEXTS
from gateway.oidc.interaction.forms import ACCOUNT_PATH, PageRequest, admitted, asked_form, asked_page, sheet
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import OFFICER_PURPOSES, PURPOSE_TEXTS
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
    """The page, before a desk."""

    desk: VerificationService
    people: PrincipalResolver

    def routes(self, parts: ProviderDependencies) -> list[Route]:
        """Its endpoints."""
        return [
            Route(VERIFICATION_PATH, page_endpoint(parts, self.ask), methods=["GET"]),
            Route(VERIFICATION_PATH, page_endpoint(parts, self.take), methods=["POST"]),
        ]

    async def ask(self, parts: ProviderDependencies, request: Request) -> Response:
        """Ask for the document, the NIK, the code and the purpose."""
        asked = await asked_page(parts, request, home=VERIFICATION_PATH)
        _officer(parts, await admitted(parts, asked))
        return await _page(parts, asked)

    async def take(self, parts: ProviderDependencies, request: Request) -> Response:
        """Have it judged, and say what came of it."""
        asked = await asked_form(parts, request, _FIELDS)
        signed_in = _officer(parts, await admitted(parts, asked))
        visit = _read(asked.fields)
        if visit is None:
            return await _page(parts, asked, wrong="verification_incomplete", status=400)
        outcome = await self.desk.judge(request, await self._principal(parts, signed_in), visit)
        if outcome is not VerificationOutcome.VERIFIED:
            return await _page(parts, asked, wrong=f"verification_{outcome.name.lower()}", status=_STATUS[outcome])
        return await sheet(parts, asked, "verification_done", {"again": _address(asked)}, path=VERIFICATION_PATH)

    async def _principal(self, parts: ProviderDependencies, signed_in: SignedInSession) -> Principal:
        sign_in = signed_in.sign_in
        principal = await self.people.of_page(
            sign_in.account_id,
            client_id=PAGES_CLIENT,
            scopes=_SCOPES,
            acr=sign_in.acr,
            auth_time=sign_in.auth_time,
            number=signed_in.id_hash[:32],
        )
        if principal is None:
            raise AnsweredError(parts.pages.error("officer", 403, _TO_ACCOUNT))
        return principal


def _officer(parts: ProviderDependencies, signed_in: SignedInSession) -> SignedInSession:
    """Whoever has signed in, if they are an officer. That they used a second factor is seen to wherever staff goes."""
    if Role.OFFICER not in signed_in.sign_in.roles:
        raise AnsweredError(parts.pages.error("officer", 403, _TO_ACCOUNT))
    return signed_in


def _read(fields: Mapping[str, str]) -> VerificationRequest | None:
    """What was typed, without the spaces by which people group digits; None when something is missing or wrong."""
    nik, code = ("".join(fields.get(name, "").split()) for name in ("nik", "code"))
    purpose, document = fields.get("purpose", ""), fields.get("document", "")
    readable = _NIK.fullmatch(nik) and _CODE.fullmatch(code)
    if not readable or purpose not in OFFICER_PURPOSES or document not in set(VerificationDocument):
        return None
    return VerificationRequest(nik, code, purpose, VerificationDocument(document))


async def _page(parts: ProviderDependencies, asked: PageRequest, *, wrong: str = "", status: int = 200) -> Response:
    """The form; what was typed stands in it again, but for the NIK."""
    language = asked.language
    values = {
        "alert": TEXTS[language][wrong] if wrong else "",
        "action": VERIFICATION_PATH,
        "documents": [(one.value, TEXTS[language][f"verification_{one.name.lower()}"]) for one in VerificationDocument],
        "document": asked.fields.get("document", ""),
        "purposes": [(one.value, PURPOSE_TEXTS[one].in_language(Language(language))) for one in OFFICER_PURPOSES],
        "purpose": asked.fields.get("purpose", ""),
        "code": asked.fields.get("code", "")[:12],
    }
    return await sheet(parts, asked, "verification", values, status=status, path=VERIFICATION_PATH)


def _address(asked: PageRequest) -> str:
    return f"{VERIFICATION_PATH}?lang={asked.language}"
