"""Complaints: what is public of them, and a resident's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from gateway.federation.gathering import NoSourceAnsweredError
from gateway.policy.asking import narrow_own, narrow_public
from gateway.problems.errors import ProblemError
from gateway.routes.answers import Answer, single
from gateway.routes.callers import ComplaintsReader
from gateway.routes.context import TheContext
from gateway.routes.describing import PERSONAL, PUBLIC, SOURCES, alone, answers, listed, signed_in
from gateway.routes.listing import NO_PARAMETERS, personal_list
from gateway.routes.offering import filters_of, offer, parameters_of
from gateway.routes.parts import TheParts
from schemas.complaint import COMPLAINT, ComplaintQuery
from schemas.envelope import SourceState

router = APIRouter(prefix="/v1", tags=["complaints"])

offer(
    router,
    "/complaints",
    COMPLAINT,
    operation_id="listComplaints",
    summary="Aduan · Complaints",
    text="Aduan yang tidak rahasia, tanpa nama pelapor.\n\nComplaints that are not confidential; no names.",
)

OwnComplaints: Any = parameters_of(COMPLAINT)


@router.get(
    "/me/complaints",
    operation_id="listMyComplaints",
    summary="Aduan saya · My complaints",
    description="Aduan pemegang token, ditanyakan langsung.\n\nComplaints of the caller, asked live.",
    responses=answers(
        listed(COMPLAINT), *PERSONAL, *SOURCES, "cursor-invalid", "cursor-expired", "too-many", private=True
    ),
    openapi_extra=signed_in("complaints.read"),
)
async def list_my_complaints(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: ComplaintsReader,
    asked: Annotated[OwnComplaints, Query()],
) -> Answer:
    """The caller's complaints."""
    terms = narrow_own(principal, COMPLAINT, filters_of(COMPLAINT, asked))
    return await personal_list(request, parts, context, terms, asked)


@router.get(
    "/complaints/{complaint_id}",
    operation_id="getComplaint",
    summary="Satu aduan · One complaint",
    description="Bagian umum dari satu aduan.\n\nThe public part of one complaint.",
    responses=answers(alone(COMPLAINT), "not-found", *SOURCES),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_complaint(
    request: Request,
    parts: TheParts,
    context: TheContext,
    complaint_id: Annotated[str, Path(max_length=512, description="Nomor aduan · Id of the complaint")],
) -> Answer:
    """One complaint, from the copies."""
    shown = parts.shelf.public(COMPLAINT)
    found = tuple(record for record in shown.records if record.id == complaint_id)
    if not found and any(source.state is SourceState.FAILED for source in shown.sources):
        # It may be there: what cannot be known is not "not found".
        raise NoSourceAnsweredError(shown.sources)
    if not found:
        raise ProblemError("not-found")
    asked = narrow_public(COMPLAINT, ComplaintQuery())
    disclosed = parts.gate.disclose_public(asked, found, language=context.language)
    where = (found[0].provenance.system, found[0].provenance.office)
    source = next(source for source in shown.sources if (source.system, source.office) == where)
    return single(request, disclosed, source, language=context.language, max_age=5)
