"""An officer of the kelurahan ties a resident's account to the NIK on the KTP that they have in their hands.

By the API, or at a page of the provider, which knows no register: it is handed the `VerificationService` here.
"""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Request
from pydantic import Field

from gateway.api.answers import Answer, told
from gateway.api.callers import ResidentsVerifier
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.lists import NO_PARAMETERS, occasion, systems_of, with_withheld
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, signed_in
from gateway.api.problems.errors import ProblemError
from gateway.api.resources.residents import ResidentLookup, json_only
from gateway.authentication.bearer import require
from gateway.authentication.errors import SignInError
from gateway.federation.gathered import NoSourceAnsweredError
from gateway.identity.nik_verification import NikOutcome
from gateway.identity.verification import VerificationOutcome, VerificationRequest
from gateway.policy.access_log.entries import AccessContext, AccessLogUnavailableError
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import RoleRefusedError, narrow_lookup
from gateway.policy.permissions import REGION_RECORD
from gateway.policy.principal import Principal
from gateway.policy.purposes import Purpose
from schemas.classes import Classed, DataClass, general
from schemas.envelope import Cause, Source, SourceState, is_complete
from schemas.resident import RESIDENT, ResidentQuery

router = APIRouter(prefix="/v1/residents", tags=["residents"])

MOST_TRIES: Final = 20
"""How often an officer may try within a quarter of an hour: a code has eight digits."""

_PROBLEMS: Final = {
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
    """Whose KTP the officer has seen, why, and the code that the resident shows."""

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
    """The account has its NIK now."""

    verified: Annotated[bool, general("Terverifikasi", "Always true")] = True


@router.post(
    "/verification",
    operation_id="verifyResident",
    summary="Verifikasi NIK di loket · Verify a NIK at the counter",
    description=(
        "Petugas melihat KTP dan mengetik kode yang ditunjukkan warga. NIK harus tercatat sebagai penduduk kelurahan "
        "petugas itu; satu NIK hanya untuk satu akun.\n\n"
        "The officer sees the KTP and types the code that the resident shows. The NIK must be on record as a resident "
        "of the officer's own kelurahan; one NIK is one account's."
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
    openapi_extra=signed_in("residents.verify", reach=REGION_RECORD),
    dependencies=(Depends(json_only), *NO_PARAMETERS),
)
async def verify_resident(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ResidentsVerifier,
    check: Annotated[VerificationCheck, Body()],
) -> Answer:
    """Tie the account behind the code to the NIK."""
    disclosed = await _judged(deps, context, principal, check, occasion=occasion(deps, context, request))
    return told(disclosed, language=context.language)


class RegisterVerification:
    """The same for the page of officers: what came of it, in the words of that page."""

    def __init__(self, deps: ApiDependencies) -> None:
        self._deps = deps

    async def verify(self, request: Request, officer: Principal, visit: VerificationRequest) -> VerificationOutcome:
        """Judge as the operation does; what it would refuse with a problem is told by an outcome."""
        deps, context = self._deps, request.state.context
        known = occasion(deps, context, request)
        check = VerificationCheck(nik=visit.nik, code=visit.code, purpose=Purpose(visit.purpose))
        try:
            principal = require(officer, {"residents.verify"}, 2)
            await _judged(
                deps,
                context,
                principal,
                check,
                occasion=replace(known, operation="verifyResident"),
                document=visit.document,
            )
        except ProblemError as problem:
            return _OUTCOMES[problem.slug]
        except (SignInError, RoleRefusedError):
            return VerificationOutcome.NOT_FOUND  # an officer of no kelurahan: nobody is theirs
        except (NoSourceAnsweredError, AccessLogUnavailableError):
            return VerificationOutcome.AWAY
        return VerificationOutcome.VERIFIED


async def _judged(
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    check: VerificationCheck,
    *,
    occasion: AccessContext,
    document: str | None = None,
) -> Disclosed:
    wait = await deps.accounts.guesses.attempt([(f"counter {principal.account_id}", MOST_TRIES)])
    if wait is not None:
        raise ProblemError("too-many-tries", headers={"Retry-After": str(int(wait) + 1)})
    asked = narrow_lookup(principal, RESIDENT, ResidentQuery(), check.purpose, nik=check.nik)
    gathered = await deps.federation.ask(asked, context.deadline)
    gathered.require_answer()
    records, sifted = deps.gate.filter_visible(asked, gathered.records)
    # On record before anything is done: without the log nothing is verified.
    disclosed = await deps.gate.disclose_findings(
        (VerificationResult(),),
        ((asked, records, systems_of(gathered.sources)),),
        language=context.language,
        occasion=occasion,
    )
    if not records:
        _check_all_know(with_withheld(asked.view, gathered.sources, records, sifted))
        raise ProblemError("not-found")
    outcome = await deps.accounts.nik.verify_by_officer(check.code, check.nik, principal.account_id, document)
    if outcome is not NikOutcome.VERIFIED:
        raise ProblemError(_PROBLEMS[outcome])
    return disclosed


def _check_all_know(sources: tuple[Source, ...]) -> None:
    """Nobody is called unknown while a register failed, or has a record that cannot be read, which may be theirs."""
    if not is_complete(sources):
        raise NoSourceAnsweredError(tuple(map(_unread, sources)))


def _unread(source: Source) -> Source:
    failed = {"state": SourceState.FAILED, "cause": Cause.MALFORMED}
    return source.model_copy(update=failed) if source.set_aside else source
