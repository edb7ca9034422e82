"""Programmes for new entrepreneurs, and the enterprises that came out of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.routes.answers import Answer
from gateway.routes.context import TheContext
from gateway.routes.describing import PUBLIC, SOURCES, answers, listed
from gateway.routes.listing import Paging, public_list
from gateway.routes.parts import TheParts
from schemas.enterprise import ENTERPRISE, EnterpriseQuery
from schemas.programme import PROGRAMME, ProgrammeQuery

router = APIRouter(prefix="/v1", tags=["enterprise"])


class ProgrammeParameters(ProgrammeQuery, Paging):
    """Filters and paging of programmes."""


class EnterpriseParameters(EnterpriseQuery, Paging):
    """Filters and paging of enterprises."""


@router.get(
    "/programmes",
    operation_id="listProgrammes",
    summary="Daftar program · List programmes",
    description="Program wirausaha baru.\n\nProgrammes for new entrepreneurs.",
    responses=answers(listed(PROGRAMME), *SOURCES, "cursor-invalid"),
    openapi_extra=PUBLIC,
)
async def list_programmes(
    request: Request, parts: TheParts, context: TheContext, asked: Annotated[ProgrammeParameters, Query()]
) -> Answer:
    """Programmes, from the copies."""
    query = ProgrammeQuery(year=asked.year, agency=asked.agency)
    return await public_list(request, parts, context, PROGRAMME, query, asked)


@router.get(
    "/enterprises",
    operation_id="listEnterprises",
    summary="Daftar usaha · List enterprises",
    description=(
        "Usaha dari program wirausaha baru; tanpa data pemilik.\n\n"
        "Enterprises from the programmes; nothing about their owners."
    ),
    responses=answers(listed(ENTERPRISE), *SOURCES, "cursor-invalid"),
    openapi_extra=PUBLIC,
)
async def list_enterprises(
    request: Request, parts: TheParts, context: TheContext, asked: Annotated[EnterpriseParameters, Query()]
) -> Answer:
    """Enterprises, from the copies."""
    query = EnterpriseQuery(region=asked.region, year=asked.year, status=asked.status)
    return await public_list(request, parts, context, ENTERPRISE, query, asked)
