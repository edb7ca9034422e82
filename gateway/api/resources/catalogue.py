"""Public reference data: services, agencies, regions."""

from typing import Annotated, Final

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer, reference_answer
from gateway.api.callers import api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, public_record
from gateway.api.formats.csv_format import spreadsheet
from gateway.api.formats.negotiation import Formats, negotiate_format
from gateway.api.formats.page import JSON
from gateway.api.lists import NO_PARAMETERS, Paging, public_list
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import PUBLIC, answers
from schemas.agency import Agency
from schemas.filters import Words, mentions
from schemas.places import Region, RegionLevel
from schemas.service import SERVICE, ServiceQuery

router = api_router(prefix="/v1", tags=["catalogue"])

_DAY = 86_400
_AGENCY_FORMATS: Final[Formats] = (JSON, spreadsheet(Agency, record=False))
_REGION_FORMATS: Final[Formats] = (JSON, spreadsheet(Region, record=False))


class RegionParameters(BaseModel):
    """Filters of regions."""

    model_config = ConfigDict(extra="forbid")

    level: RegionLevel | None = None
    parent: Annotated[str | None, Field(max_length=13)] = None
    text: Words | None = None


class ServiceParameters(ServiceQuery, Paging):
    """Filters and paging of services."""


@router.get(
    "/services",
    operation_id="listServices",
    summary="Daftar layanan · List services",
    description="Layanan yang ditawarkan dinas-dinas kota.\n\nServices that the city's agencies offer.",
    responses=public_list_answers(SERVICE),
    openapi_extra=PUBLIC,
)
async def list_services(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[ServiceParameters, Query()]
) -> Answer:
    """Return a page of services from the snapshots."""
    return await public_list(request, deps, context, SERVICE, parameters)


@router.get(
    "/services/{service_id}",
    operation_id="getService",
    summary="Satu layanan · One service",
    description="Satu layanan dengan persyaratannya.\n\nOne service with its requirements.",
    responses=public_record_answers(SERVICE),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_service(request: Request, deps: ApiDeps, context: ContextDep, service_id: RecordId) -> Answer:
    """Return one service from the snapshots."""
    return public_record(request, deps, context, SERVICE, service_id)


@router.get(
    "/agencies",
    operation_id="listAgencies",
    summary="Daftar dinas · List agencies",
    description="Dinas kota dan mitra, beserta sistem yang dimilikinya.\n\nAgencies and partners, with their systems.",
    responses=answers(lambda: list_model("Agency", Agency), formats=_AGENCY_FORMATS),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def list_agencies(request: Request, deps: ApiDeps, context: ContextDep) -> Answer:
    """Return the agencies in the configuration."""
    choice = await negotiate_format(request, _AGENCY_FORMATS)
    return reference_answer(request, deps.agencies.values(), language=context.language, max_age=_DAY, choice=choice)


@router.get(
    "/regions",
    operation_id="listRegions",
    summary="Daftar wilayah · List regions",
    description=(
        "Kota, 5 kecamatan, 52 kelurahan, dengan kode Kemendagri bertitik.\n\n"
        "The city, its 5 districts and 52 subdistricts, with dotted Kemendagri codes."
    ),
    responses=answers(lambda: list_model("Region", Region), "personal-number", formats=_REGION_FORMATS),
    openapi_extra=PUBLIC,
)
async def list_regions(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    parameters: Annotated[RegionParameters, Query()],
) -> Answer:
    """Return the regions packaged with the schema, with their offices."""
    choice = await negotiate_format(request, _REGION_FORMATS)
    wanted = (
        region
        for region in deps.agencies.regions
        if parameters.level in (None, region.level)
        and parameters.parent in (None, region.parent.code if region.parent else None)
        and mentions(parameters.text, region.name)
    )
    return reference_answer(request, wanted, language=context.language, max_age=_DAY, choice=choice)
