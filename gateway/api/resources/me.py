"""The caller's own data: civil records, the overview of all systems, and the access log."""

from typing import Final

from fastapi import Request

from gateway.api.answers import Answer, list_answer
from gateway.api.callers import AccessLogReader, ProfileReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.detail import RecordId, own_record
from gateway.api.formats.csv_format import spreadsheet
from gateway.api.formats.negotiation import Formats, negotiate_format
from gateway.api.formats.page import JSON, ListPage
from gateway.api.lists import NO_PARAMETERS, PagingOnly, access_context, personal_list
from gateway.api.openapi.list_operations import own_record_answers
from gateway.api.openapi.models import list_model, mixed_list_model, resource_list_model
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, required_sign_in
from gateway.api.own_records import OWN_RESOURCES, disclose_own_records, fetch_all_own_records, unqueried_visits
from gateway.api.sources import NO_SOURCES, public_sources
from gateway.federation.combined_answer import CombinedAnswer
from gateway.federation.paging import Cursor, question_digest
from gateway.ground.clock import WITA
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import narrow_own
from gateway.policy.permissions import OWN_LIST, OWN_RECORD
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import Purpose
from gateway.storage.tables.access_log import AccessEntryRow
from schemas.access import Access, Actor
from schemas.resident import RESIDENT, ResidentQuery
from schemas.texts import Text

router = api_router(prefix="/v1/me", tags=["me"])

_ACCESS_FORMATS: Final[Formats] = (JSON, spreadsheet(Access, record=False))


@router.get(
    "",
    operation_id="getMe",
    summary="Data diri saya · My civil records",
    description=(
        "Apa yang diketahui tiap register, berdampingan dan tidak digabung.\n\n"
        "The record in each civil register, side by side and never merged."
    ),
    responses=answers(
        lambda: resource_list_model(RESIDENT), *PERSONAL, *SOURCES, "cursor-invalid", "too-many", private=True
    ),
    openapi_extra=required_sign_in("profile.read", reach=OWN_LIST),
)
async def get_me(
    request: Request, deps: ApiDeps, context: ContextDep, principal: ProfileReader, paging: PagingOnly
) -> Answer:
    """Return the caller's records in the civil registers."""
    return await personal_list(request, deps, context, narrow_own(principal, RESIDENT, ResidentQuery()), paging)


@router.get(
    "/civil-records/{resident_id}",
    operation_id="getMyCivilRecord",
    summary="Satu data diri saya · One of my civil records",
    description="Data diri saya di satu register.\n\nThe caller's record in one civil register.",
    responses=own_record_answers(RESIDENT),
    openapi_extra=required_sign_in("profile.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_civil_record(
    request: Request, deps: ApiDeps, context: ContextDep, principal: ProfileReader, resident_id: RecordId
) -> Answer:
    """Return one of the caller's records in the civil registers."""
    return await own_record(request, deps, context, principal, RESIDENT, resident_id)


@router.get(
    "/overview",
    operation_id="getMyOverview",
    summary="Semua tentang saya · All my records",
    description=(
        "Satu halaman dari semua sistem: data diri, permohonan, janji temu, kepesertaan, tagihan, aduan, usulan. "
        "Bagian yang cakupannya tidak ada di token dinyatakan denied. Kunjungan tidak termasuk: denied bila perlu "
        "masuk dengan faktor kedua, selain itu not-asked; lihat /v1/me/visits.\n\n"
        "One page from all systems: civil record, applications, appointments, enrolments, bills, complaints, "
        "proposals. Sources whose scope the token lacks are denied. Visits are not included: they are denied if they "
        "need a sign-in with a second factor, else not-asked; see /v1/me/visits."
    ),
    responses=answers(lambda: mixed_list_model("Overview", OWN_RESOURCES), *PERSONAL, *SOURCES, private=True),
    openapi_extra=required_sign_in("profile.read", reach=OWN_LIST),
    dependencies=NO_PARAMETERS,
)
async def get_my_overview(request: Request, deps: ApiDeps, context: ContextDep, principal: ProfileReader) -> Answer:
    """Return the caller's own records of all systems."""
    own_records = await fetch_all_own_records(deps, context, principal)
    sources = tuple(source for own in own_records for source in own.sources)
    CombinedAnswer((), sources).require_answer()
    access = access_context(deps, context, request)
    disclosed = await disclose_own_records(
        deps, ((own, own.records) for own in own_records), language=context.language, occasion=access
    )
    shown = Disclosed.combine(part for part in disclosed if part is not None)
    all_sources = (*sources, *unqueried_visits(deps, principal))
    listed = ListPage(shown, public_sources(all_sources, deps.registry.title, context.language))
    return list_answer(request, listed, language=context.language, own_records=True)


@router.get(
    "/access-log",
    operation_id="getMyAccessLog",
    summary="Siapa membuka data saya · Access to my data",
    description=(
        "Setiap akses ke data pribadi Anda, yang terbaru lebih dahulu.\n\n"
        "Every access to your personal data, newest first."
    ),
    responses=answers(
        lambda: list_model("Access", Access), *PERSONAL, "cursor-invalid", private=True, formats=_ACCESS_FORMATS
    ),
    openapi_extra=required_sign_in("access-log.read", reach=OWN_LIST, waits=False),
)
async def get_my_access_log(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: AccessLogReader,
    paging: PagingOnly,
) -> Answer:
    """Return a page of the accesses to the caller's data."""
    choice = await negotiate_format(request, _ACCESS_FORMATS)
    question = question_digest("access-log", principal.account_id)
    before = deps.cursors.open(paging.cursor, question).position[0] if paging.cursor is not None else None
    rows = await deps.log.entries_about(
        principal.account_id,
        deps.gate.person_fingerprint(principal.nik),
        limit=paging.limit + 1,
        before=int(before) if before is not None else None,
    )
    shown = rows[: paging.limit]
    more = deps.cursors.make(Cursor((shown[-1].id,), ""), question) if len(rows) > paging.limit else None
    disclosed = await deps.gate.disclose_own_account(
        principal,
        [_access(deps, row, principal) for row in shown],
        resource="access",
        language=context.language,
        occasion=access_context(deps, context, request),
    )
    return list_answer(request, ListPage(disclosed, NO_SOURCES, more), language=context.language, choice=choice)


def _actor(row: AccessEntryRow, principal: Principal) -> Actor:
    """Return who accessed the data. Another account that had the caller's NIK before may appear, in any role."""
    if row.principal == principal.account_id:
        return Actor.SELF
    return Actor.OFFICER if row.role == Role.OFFICER else Actor.RESIDENT


def _access(deps: ApiDependencies, row: AccessEntryRow, principal: Principal) -> Access:
    is_known = row.purpose in set(Purpose)
    return Access(
        id=f"acc_{deps.sealer.token('access-id', str(row.id).encode())}",
        at=row.at.astimezone(WITA),
        actor=_actor(row, principal),
        client=row.client,
        purpose=Purpose(row.purpose).text if is_known else Text(id=row.purpose),
        operation=row.operation,
        resource=row.resource,
        systems=tuple(row.systems),
        records=row.records,
        classes=tuple(row.classes),
        result=row.result,
        request_id=row.request_id,
    )
