"""NIK verification at the counter: an officer links a resident's account to the NIK on the resident's KTP.

Officers use the API, or a page of the provider. The provider does not depend on this room, so `gateway.app` passes the
`RegisterVerification` to the page.
"""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import Body, Depends, Request
from pydantic import Field

from gateway.api.answers import Answer, private_answer
from gateway.api.callers import ResidentsVerifier, api_router
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.lists import NO_PARAMETERS, access_context
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, required_sign_in
from gateway.api.problems.errors import ProblemError
from gateway.api.resources.residents import ResidentLookup, require_json
from gateway.api.sources import queried_systems, with_withheld
from gateway.authentication.bearer import require
from gateway.authentication.errors import SignInError
from gateway.federation.combined_answer import NoSourceAnsweredError
from gateway.identity.nik_verification import NikOutcome
from gateway.identity.verification import VerificationOutcome, VerificationRequest
from gateway.policy.access_log.entries import AccessContext, AccessLogUnavailableError
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import RoleRefusedError, narrow_lookup
from gateway.policy.permissions import REGION_RECORD
from gateway.policy.principal import Principal
from gateway.policy.purposes import Purpose
from schemas.classes import Classed, DataClass, general
from schemas.envelope import Cause, OfficeSource, SourceState, is_complete
from schemas.resident import RESIDENT, ResidentQuery

router = api_router(prefix="/v1/residents", tags=["residents"])

MAX_ATTEMPTS: Final = 20
"""Attempts of an officer within fifteen minutes; a code has eight digits."""

_PROBLEM_SLUGS: Final = {
    NikOutcome.NO_CODE: "verification-code-refused",
    NikOutcome.TAKEN: "nik-taken",
    NikOutcome.OTHER: "nik-taken",
}
_OUTCOMES: Final = {
    "verification-code-refused": VerificationOutcome.NO_CODE,
    "nik-taken": VerificationOutcome.TAKEN,
    "not-found": VerificationOutcome.NOT_FOUND,
    "too-many-tries": VerificationOutcome.WAIT,
}


class VerificationCheck(ResidentLookup):
    """The NIK on the KTP that the officer has seen, the purpose, and the code that the resident shows."""

    code: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{4} ?[0-9]{4}$",
            title="Kode loket",
            description="The code on the resident's account page, 8 digits",
            repr=False,
            json_schema_extra={"x-data-class": DataClass.PERSONAL.value},
            examples=["4821 0937"],
        ),
    ]


class VerificationResult(Classed):
    """The account now has its NIK."""

    verified: Annotated[bool, general("Terverifikasi", "Always true")] = True


@router.post(
    "/verification",
    operation_id="verifyResident",
    summary="Verifikasi NIK di loket · Verify a NIK at the counter",
    description=(
        "Petugas melihat KTP dan mengetik kode yang ditunjukkan warga. NIK harus tercatat sebagai penduduk kelurahan "
        "petugas itu; satu NIK hanya untuk satu akun.\n\n"
        "The officer checks the KTP and enters the code that the resident shows. The NIK must be registered as a "
        "resident of the officer's own kelurahan; a NIK can belong to one account only."
    ),
    responses=answers(
        VerificationResult,
        *PERSONAL,
        *SOURCES,
        "cross-site",
        "stronger-sign-in-needed",
        "purpose-required",
        "not-found",
        "verification-code-refused",
        "nik-taken",
        "too-many-tries",
        "malformed-request",
        "unsupported-media-type",
        "request-too-large",
        private=True,
    ),
    openapi_extra=required_sign_in("residents.verify", reach=REGION_RECORD),
    dependencies=(Depends(require_json), *NO_PARAMETERS),
)
async def verify_resident(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ResidentsVerifier,
    check: Annotated[VerificationCheck, Body()],
) -> Answer:
    """Link the account that the code belongs to with the NIK."""
    disclosed = await _verify(deps, context, principal, check, occasion=access_context(deps, context, request))
    return private_answer(disclosed, language=context.language)


class RegisterVerification:
    """Verification for the provider's page: returns an outcome instead of raising a problem."""

    def __init__(self, deps: ApiDependencies) -> None:
        self._deps = deps

    async def verify(self, request: Request, officer: Principal, visit: VerificationRequest) -> VerificationOutcome:
        """Verify as `verify_resident` does, and return the outcome; problems become outcomes too."""
        deps, context = self._deps, request.state.context
        access = access_context(deps, context, request)
        check = VerificationCheck(nik=visit.nik, code=visit.code, purpose=Purpose(visit.purpose))
        try:
            principal = require(officer, {"residents.verify"}, 2)
            await _verify(
                deps,
                context,
                principal,
                check,
                occasion=replace(access, operation="verifyResident"),
                document=visit.document,
            )
        except ProblemError as problem:
            return _OUTCOMES[problem.slug]
        except (SignInError, RoleRefusedError):
            return VerificationOutcome.NOT_FOUND  # an officer without a kelurahan has no residents
        except (NoSourceAnsweredError, AccessLogUnavailableError):
            return VerificationOutcome.AWAY
        return VerificationOutcome.VERIFIED


async def _verify(
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    check: VerificationCheck,
    *,
    occasion: AccessContext,
    document: str | None = None,
) -> Disclosed:
    wait = await deps.accounts.guesses.attempt([(f"counter {principal.account_id}", MAX_ATTEMPTS)])
    if wait is not None:
        raise ProblemError("too-many-tries", headers={"Retry-After": str(int(wait) + 1)})
    permitted = narrow_lookup(principal, RESIDENT, ResidentQuery(), check.purpose, nik=check.nik)
    gathered = await deps.federation.ask(permitted, context.deadline)
    gathered.require_answer()
    records, withheld_counts = deps.gate.filter_visible(permitted, gathered.records)
    # Logged before the account changes: without the access log nothing is verified.
    disclosed = await deps.gate.disclose_findings(
        (VerificationResult(),),
        ((permitted, records, queried_systems(gathered.sources)),),
        language=context.language,
        occasion=occasion,
    )
    if not records:
        _require_complete_answer(with_withheld(permitted.view, gathered.sources, records, withheld_counts))
        raise ProblemError("not-found")
    outcome = await deps.accounts.nik.verify_by_officer(check.code, check.nik, principal.account_id, document)
    if outcome is not NikOutcome.VERIFIED:
        raise ProblemError(_PROBLEM_SLUGS[outcome])
    return disclosed


def _require_complete_answer(sources: tuple[OfficeSource, ...]) -> None:
    """Raise `NoSourceAnsweredError` if a register failed or set records aside: one of these may be the resident's."""
    if not is_complete(sources):
        raise NoSourceAnsweredError(tuple(map(_as_failed, sources)))


def _as_failed(source: OfficeSource) -> OfficeSource:
    failed = {"state": SourceState.FAILED, "cause": Cause.MALFORMED}
    return source.model_copy(update=failed) if source.set_aside else source
