"""Complaints: what is public of them, and a resident's own."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from gateway.federation.gathering import NoSourceAnsweredError
from gateway.policy.asking import narrow_public
from gateway.problems.errors import ProblemError
from gateway.routes.answers import Answer, single
from gateway.routes.context import TheContext
from gateway.routes.describing import PUBLIC, SOURCES, alone, answers
from gateway.routes.listing import NO_PARAMETERS
from gateway.routes.offering import offer, offer_own
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

offer_own(
    router,
    "/me/complaints",
    COMPLAINT,
    operation_id="listMyComplaints",
    summary="Aduan saya · My complaints",
    text="Aduan pemegang token, ditanyakan langsung.\n\nComplaints of the caller, asked live.",
)


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
