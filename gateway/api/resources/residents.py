"""Lookup of residents by officers, for a stated purpose, in their own kelurahan. No URL contains the NIK."""

from typing import Annotated

from fastapi import Body, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer
from gateway.api.callers import ResidentsSearcher, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.lists import NO_PARAMETERS, Paging, personal_list
from gateway.api.openapi.models import resource_list_model
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, required_sign_in
from gateway.api.problems.errors import ProblemError
from gateway.policy.narrowing import narrow_lookup
from gateway.policy.permissions import REGION_LIST
from gateway.policy.purposes import Purpose
from schemas.classes import DataClass, general
from schemas.resident import RESIDENT, ResidentQuery

router = api_router(prefix="/v1/residents", tags=["residents"])


class ResidentLookup(BaseModel):
    """The NIK to look up, and the purpose."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    nik: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{16}$",
            title="NIK",
            description="Civil number, 16 digits",
            repr=False,
            json_schema_extra={"x-data-class": DataClass.PERSONAL.value},
            examples=["6371994502900011"],
        ),
    ]
    purpose: Annotated[Purpose, general("Tujuan", "Purpose of the access", examples=[Purpose.IDENTITY_VERIFICATION])]


async def require_json(request: Request) -> None:
    """Refuse other media types with 415; FastAPI would report missing fields."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ProblemError("unsupported-media-type")


@router.post(
    "/lookup",
    operation_id="lookUpResident",
    summary="Cari penduduk · Look up a resident",
    description=(
        "Petugas mencari penduduk kelurahannya sendiri; setiap pencarian tercatat.\n\n"
        "An officer looks up a resident of their own kelurahan; every search is recorded."
    ),
    responses=answers(
        lambda: resource_list_model(RESIDENT),
        *PERSONAL,
        *SOURCES,
        "cross-site",
        "purpose-required",
        "malformed-request",
        "unsupported-media-type",
        "request-too-large",
        private=True,
        examples=("ResidentListForOfficer",),
    ),
    openapi_extra=required_sign_in("residents.lookup", reach=REGION_LIST),
    dependencies=(Depends(require_json), *NO_PARAMETERS),
)
async def look_up_resident(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ResidentsSearcher,
    lookup: Annotated[ResidentLookup, Body()],
) -> Answer:
    """Return the records of one person in the civil registers."""
    permitted = narrow_lookup(principal, RESIDENT, ResidentQuery(), lookup.purpose, nik=lookup.nik)
    return await personal_list(request, deps, context, permitted, Paging(limit=200))
