"""An officer of the kelurahan ties a resident's account to the NIK on the KTP that they have in their hands."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Request
from pydantic import Field

from gateway.accounts.nik import NikOutcome
from gateway.policy.asking import narrow_lookup
from gateway.policy.reach import REGION_RECORD
from gateway.problems.errors import ProblemError
from gateway.routes.answers import Answer, finding
from gateway.routes.callers import ResidentsVerifier
from gateway.routes.context import TheContext
from gateway.routes.describing import PERSONAL, SOURCES, answers, signed_in
from gateway.routes.listing import NO_PARAMETERS, occasion, systems_of
from gateway.routes.parts import TheParts
from gateway.routes.residents import Lookup, json_only
from schemas.classes import Classed, DataClass, general
from schemas.resident import RESIDENT, ResidentQuery

router = APIRouter(prefix="/v1/residents", tags=["residents"])

MOST_TRIES: Final = 20
"""How often an officer may try within a quarter of an hour: a code has eight digits."""

_PROBLEMS: Final = {
    NikOutcome.NO_CODE: "counter-code-refused",
    NikOutcome.TAKEN: "nik-taken",
    NikOutcome.OTHER: "nik-taken",
}


class CounterCheck(Lookup):
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


class CounterResult(Classed):
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
        CounterResult,
        *PERSONAL,
        *SOURCES,
        "stronger-sign-in-needed",
        "purpose-required",
        "not-found",
        "counter-code-refused",
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
    parts: TheParts,
    context: TheContext,
    principal: ResidentsVerifier,
    check: Annotated[CounterCheck, Body()],
) -> Answer:
    """Tie the account behind the code to the NIK."""
    wait = await parts.accounts.guesses.attempt([(f"counter {principal.account_id}", MOST_TRIES)])
    if wait is not None:
        raise ProblemError("too-many-tries", headers={"Retry-After": str(int(wait) + 1)})
    asked = narrow_lookup(principal, RESIDENT, ResidentQuery(), check.purpose, nik=check.nik)
    gathered = await parts.federation.ask(asked, context.deadline)
    gathered.or_fail()
    records, _ = parts.gate.sift(asked, gathered.records)
    # On record before anything is done: without the log nothing is verified.
    disclosed = await parts.gate.disclose_findings(
        (CounterResult(),),
        ((asked, records, systems_of(gathered.sources)),),
        language=context.language,
        occasion=occasion(parts, context, request),
    )
    if not records:
        raise ProblemError("not-found")
    outcome = await parts.accounts.nik.at_counter(check.code, check.nik, principal.account_id)
    if outcome is not NikOutcome.VERIFIED:
        raise ProblemError(_PROBLEMS[outcome])
    return finding(disclosed, language=context.language)
