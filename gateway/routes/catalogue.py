"""Public reference: services, agencies, regions."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.routes.answers import Answer, reference
from gateway.routes.context import TheContext
from gateway.routes.describing import PUBLIC, SOURCES, answers, list_model, listed
from gateway.routes.listing import NO_PARAMETERS, Paging, public_list
from gateway.routes.parts import TheParts
from schemas.agency import Agency
from schemas.places import Region, RegionLevel, regions
from schemas.service import SERVICE, ServiceQuery

router = APIRouter(prefix="/v1", tags=["catalogue"])

_DAY = 86_400


class ServiceParameters(ServiceQuery, Paging):
    """Filters and paging of services."""


class RegionParameters(BaseModel):
    """Filters of regions."""

    model_config = ConfigDict(extra="forbid")

    level: Annotated[RegionLevel | None, Field(description="Tingkat · Level")] = None
    parent: Annotated[str | None, Field(description="Kode induk · Code of the parent", max_length=13)] = None


@router.get(
    "/services",
    operation_id="listServices",
    summary="Daftar layanan · List services",
    description="Layanan yang ditawarkan dinas-dinas kota.\n\nServices that the city's agencies offer.",
    responses=answers(listed(SERVICE), *SOURCES, "cursor-invalid"),
    openapi_extra=PUBLIC,
)
async def list_services(
    request: Request, parts: TheParts, context: TheContext, asked: Annotated[ServiceParameters, Query()]
) -> Answer:
    """Services, from the copies."""
    query = ServiceQuery(agency=asked.agency, code=asked.code)
    return await public_list(request, parts, context, SERVICE, query, asked)


@router.get(
    "/agencies",
    operation_id="listAgencies",
    summary="Daftar dinas · List agencies",
    description="Dinas kota dan mitra, beserta sistem yang dimilikinya.\n\nAgencies and partners, with their systems.",
    responses=answers(list_model("Agency", Agency)),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def list_agencies(request: Request, parts: TheParts, context: TheContext) -> Answer:
    """Agencies, from the configuration."""
    return reference(request, parts.agencies.values(), language=context.language, max_age=_DAY)


@router.get(
    "/regions",
    operation_id="listRegions",
    summary="Daftar wilayah · List regions",
    description=(
        "Kota, 5 kecamatan, 52 kelurahan, dengan kode Kemendagri bertitik.\n\n"
        "The city, its 5 districts and 52 subdistricts, with dotted Kemendagri codes."
    ),
    responses=answers(list_model("Region", Region)),
    openapi_extra=PUBLIC,
)
async def list_regions(request: Request, context: TheContext, asked: Annotated[RegionParameters, Query()]) -> Answer:
    """Regions, packaged with the schema."""
    wanted = (
        region
        for region in regions().values()
        if asked.level in (None, region.level) and asked.parent in (None, region.parent)
    )
    return reference(request, wanted, language=context.language, max_age=_DAY)
