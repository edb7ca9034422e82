"""Public reference: services, agencies, regions."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer, reference
from gateway.api.context import TheContext
from gateway.api.dependencies import TheParts
from gateway.api.formats.page import JSON
from gateway.api.formats.spreadsheet import spreadsheet
from gateway.api.forms import Forms, chosen
from gateway.api.list_routes import offer, offer_one
from gateway.api.lists import NO_PARAMETERS
from gateway.api.openapi.operations import PUBLIC, answers, list_model
from schemas.agency import Agency
from schemas.filters import Words, mentions
from schemas.places import Region, RegionLevel, regions
from schemas.service import SERVICE

router = APIRouter(prefix="/v1", tags=["catalogue"])

_DAY = 86_400
_AGENCY_FORMS: Final[Forms] = (JSON, spreadsheet(Agency, record=False))
_REGION_FORMS: Final[Forms] = (JSON, spreadsheet(Region, record=False))


class RegionParameters(BaseModel):
    """Filters of regions."""

    model_config = ConfigDict(extra="forbid")

    level: RegionLevel | None = None
    parent: Annotated[str | None, Field(max_length=13)] = None
    text: Words | None = None


offer(
    router,
    "/services",
    SERVICE,
    operation_id="listServices",
    summary="Daftar layanan · List services",
    text="Layanan yang ditawarkan dinas-dinas kota.\n\nServices that the city's agencies offer.",
)
offer_one(
    router,
    "/services/{service_id}",
    SERVICE,
    operation_id="getService",
    summary="Satu layanan · One service",
    text="Satu layanan dengan persyaratannya.\n\nOne service with its requirements.",
)


@router.get(
    "/agencies",
    operation_id="listAgencies",
    summary="Daftar dinas · List agencies",
    description="Dinas kota dan mitra, beserta sistem yang dimilikinya.\n\nAgencies and partners, with their systems.",
    responses=answers(list_model("Agency", Agency), forms=_AGENCY_FORMS),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def list_agencies(request: Request, parts: TheParts, context: TheContext) -> Answer:
    """Agencies, from the configuration."""
    choice = await chosen(request, _AGENCY_FORMS)
    return reference(request, parts.agencies.values(), language=context.language, max_age=_DAY, choice=choice)


@router.get(
    "/regions",
    operation_id="listRegions",
    summary="Daftar wilayah · List regions",
    description=(
        "Kota, 5 kecamatan, 52 kelurahan, dengan kode Kemendagri bertitik.\n\n"
        "The city, its 5 districts and 52 subdistricts, with dotted Kemendagri codes."
    ),
    responses=answers(list_model("Region", Region), "personal-number", forms=_REGION_FORMS),
    openapi_extra=PUBLIC,
)
async def list_regions(
    request: Request,
    context: TheContext,
    asked: Annotated[RegionParameters, Query()],
) -> Answer:
    """Regions, packaged with the schema."""
    choice = await chosen(request, _REGION_FORMS)
    wanted = (
        region
        for region in regions().values()
        if asked.level in (None, region.level)
        and asked.parent in (None, region.parent)
        and mentions(asked.text, region.name)
    )
    return reference(request, wanted, language=context.language, max_age=_DAY, choice=choice)
