"""Whether the caller meets the requirements of a service, according to the records in the city's systems."""

from fastapi import Request

from gateway.api.answers import Answer, list_answer
from gateway.api.callers import ProfileReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, find_public_record
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS, access_context
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, required_sign_in
from gateway.api.own_records import fetch_all_own_records
from gateway.api.sources import public_sources, queried_systems
from gateway.federation.readiness import check_requirement, resources_for
from gateway.policy.narrowing import check_resident
from gateway.policy.permissions import OWN_LIST
from schemas.readiness import RequirementReadiness
from schemas.service import SERVICE

router = api_router(prefix="/v1/services", tags=["catalogue"])


@router.get(
    "/{service_id}/readiness",
    operation_id="getServiceReadiness",
    summary="Kesiapan saya untuk satu layanan · My readiness for a service",
    description=(
        "Tiap persyaratan: met beserta catatan yang menunjukkannya, missing (harus dibawa), atau unknowable-now bila "
        "sistem yang mengetahuinya gagal. Catatan itu sendiri tidak ditampilkan.\n\n"
        "Each requirement: met, with a reference to the record that meets it; missing, so that it must be brought; or "
        "unknowable-now, if a system that may have the record failed. The records themselves are not shown."
    ),
    responses=answers(
        lambda: list_model("RequirementReadiness", RequirementReadiness), *PERSONAL, *SOURCES, "not-found", private=True
    ),
    openapi_extra=required_sign_in("profile.read", reach=OWN_LIST),
    dependencies=NO_PARAMETERS,
)
async def get_service_readiness(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ProfileReader,
    service_id: RecordId,
) -> Answer:
    """Return the requirements of a service, each checked against the caller's own records."""
    check_resident(principal)
    service, service_source, _ = find_public_record(deps, SERVICE, service_id)
    own_records = await fetch_all_own_records(deps, context, principal, resources_for(service.body))
    sources = tuple(source for own in own_records for source in own.sources)
    records = {own.resource.name: own.records for own in own_records}
    findings = tuple(check_requirement(requirement, records, sources) for requirement in service.body.requirements)
    all_sources = (service_source.model_copy(update={"resource": SERVICE.name, "items": 1}), *sources)
    accesses = [
        (own.permitted, own.records, queried_systems(own.sources)) for own in own_records if own.permitted is not None
    ]
    disclosed = await deps.gate.disclose_findings(
        findings, accesses, language=context.language, occasion=access_context(deps, context, request)
    )
    listed = ListPage(disclosed, public_sources(all_sources, deps.registry.title, context.language))
    return list_answer(request, listed, language=context.language)
