"""Whether the caller has what a service asks for, as far as the city's systems know."""

from fastapi import APIRouter, Request

from gateway.api.answers import Answer, listing
from gateway.api.callers import ProfileReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, public_found
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS, occasion, systems_of
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, list_model, signed_in
from gateway.api.own_records import own_parts
from gateway.federation.readiness import check_requirement, resources_for
from gateway.policy.narrowing import check_resident
from gateway.policy.permissions import OWN_LIST
from schemas.readiness import RequirementReadiness
from schemas.service import SERVICE

router = APIRouter(prefix="/v1/services", tags=["catalogue"])


@router.get(
    "/{service_id}/readiness",
    operation_id="getServiceReadiness",
    summary="Kesiapan saya untuk satu layanan · My readiness for a service",
    description=(
        "Tiap persyaratan: met beserta catatan yang menunjukkannya, missing (harus dibawa), atau unknowable-now bila "
        "sistem yang mengetahuinya gagal. Catatan itu sendiri tidak ditampilkan.\n\n"
        "Each requirement: met, with the record that shows it; missing, so that it must be brought; or unknowable-now, "
        "where a system that would know failed. The records themselves are not shown."
    ),
    responses=answers(
        list_model("RequirementReadiness", RequirementReadiness), *PERSONAL, *SOURCES, "not-found", private=True
    ),
    openapi_extra=signed_in("profile.read", reach=OWN_LIST),
    dependencies=NO_PARAMETERS,
)
async def get_service_readiness(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ProfileReader,
    service_id: RecordId,
) -> Answer:
    """The requirements of a service, each judged by the caller's own records."""
    check_resident(principal)
    service, came_from = public_found(deps, SERVICE, service_id)
    owned = await own_parts(deps, context, principal, resources_for(service.body))
    sources = tuple(source for own in owned for source in own.sources)
    records = {own.resource.name: own.records for own in owned}
    findings = tuple(check_requirement(requirement, records, sources) for requirement in service.body.requirements)
    named = (came_from.model_copy(update={"resource": SERVICE.name, "items": 1}), *sources)
    looked_at = [(own.asked, own.records, systems_of(own.sources)) for own in owned if own.asked is not None]
    disclosed = await deps.gate.disclose_findings(
        findings, looked_at, language=context.language, occasion=occasion(deps, context, request)
    )
    return listing(request, ListPage(disclosed, named), language=context.language)
