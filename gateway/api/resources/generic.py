"""Generic lists: places and notices of every kind, and the caller's cases, entitlements and bookings of every kind."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import BookingsReader, CasesReader, EntitlementsReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId
from gateway.api.generic_lists import public_generic_list, public_generic_record
from gateway.api.lists import NO_PARAMETERS, Paging
from gateway.api.openapi.list_operations import (
    own_generic_list_answers,
    own_generic_record_answers,
    public_generic_list_answers,
    public_generic_record_answers,
)
from gateway.api.openapi.operations import PUBLIC, required_sign_in
from gateway.api.own_generic_lists import own_generic_list, own_generic_record
from gateway.policy.permissions import OWN_LIST, OWN_RECORD
from schemas.booking import BOOKING, BookingQuery
from schemas.case import CASE, CaseQuery
from schemas.entitlement import ENTITLEMENT, EntitlementQuery
from schemas.facility import PLACE, PlaceQuery
from schemas.notice import NOTICE, NoticeQuery

router = api_router(prefix="/v1", tags=["generic"])


class PlaceParameters(PlaceQuery, Paging):
    """Filters and paging of places."""


@router.get(
    "/places",
    operation_id="listPlaces",
    summary="Tempat · Places",
    description=(
        "Semua tempat, termasuk fasilitas kesehatan, dengan kolom yang dimiliki semua tempat.\n\n"
        "Places of every kind, health facilities included, with the fields that all places have."
    ),
    responses=public_generic_list_answers(PLACE),
    openapi_extra=PUBLIC,
)
async def list_places(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[PlaceParameters, Query()]
) -> Answer:
    """Return a page of places of every kind from the snapshots."""
    return await public_generic_list(request, deps, context, PLACE, parameters)


@router.get(
    "/places/{place_id}",
    operation_id="getPlace",
    summary="Satu tempat · One place",
    description=(
        "Satu tempat, dengan kolom yang dimiliki semua tempat.\n\nOne place, with the fields that all places have."
    ),
    responses=public_generic_record_answers(PLACE),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_place(request: Request, deps: ApiDeps, context: ContextDep, place_id: RecordId) -> Answer:
    """Return one place from the snapshots, in the generic fields."""
    return public_generic_record(request, deps, context, PLACE, place_id)


class NoticeParameters(NoticeQuery, Paging):
    """Filters and paging of notices."""


@router.get(
    "/notices",
    operation_id="listNotices",
    summary="Pemberitahuan · Notices",
    description=(
        "Semua pemberitahuan, termasuk kejadian lalu lintas dan konsultasi publik, dengan kolom yang dimiliki "
        "semuanya.\n\n"
        "Notices of every kind, traffic incidents and public consultations included, with the fields that all "
        "notices have."
    ),
    responses=public_generic_list_answers(NOTICE),
    openapi_extra=PUBLIC,
)
async def list_notices(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[NoticeParameters, Query()]
) -> Answer:
    """Return a page of notices of every kind from the snapshots."""
    return await public_generic_list(request, deps, context, NOTICE, parameters)


@router.get(
    "/notices/{notice_id}",
    operation_id="getNotice",
    summary="Satu pemberitahuan · One notice",
    description=(
        "Satu pemberitahuan, dengan kolom yang dimiliki semua pemberitahuan.\n\n"
        "One notice, with the fields that all notices have."
    ),
    responses=public_generic_record_answers(NOTICE),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_notice(request: Request, deps: ApiDeps, context: ContextDep, notice_id: RecordId) -> Answer:
    """Return one notice from the snapshots, in the generic fields."""
    return public_generic_record(request, deps, context, NOTICE, notice_id)


class CaseParameters(CaseQuery, Paging):
    """Filters and paging of cases."""


@router.get(
    "/me/cases",
    operation_id="listMyCases",
    summary="Perkara saya · My cases",
    description=(
        "Semua yang diminta atau dilaporkan pemegang token: permohonan, aduan, usulan, dan jenis lain. Bagian "
        "yang cakupannya tidak ada di token dinyatakan denied.\n\n"
        "Everything that the caller asked for or reported: applications, complaints, proposals and other "
        "kinds. Sources whose scope the token lacks are denied."
    ),
    responses=own_generic_list_answers(CASE),
    openapi_extra=required_sign_in("cases.read", reach=OWN_LIST),
)
async def list_my_cases(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: CasesReader,
    parameters: Annotated[CaseParameters, Query()],
) -> Answer:
    """Return a page of the caller's own cases of every kind, queried live."""
    return await own_generic_list(request, deps, context, principal, CASE, parameters)


@router.get(
    "/me/cases/{case_id}",
    operation_id="getMyCase",
    summary="Satu perkara saya · One of my cases",
    description=(
        "Satu perkara pemegang token, dengan kolom yang dimiliki semua perkara.\n\n"
        "One case of the caller, with the fields that all cases have."
    ),
    responses=own_generic_record_answers(CASE),
    openapi_extra=required_sign_in("cases.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_case(
    request: Request, deps: ApiDeps, context: ContextDep, principal: CasesReader, case_id: RecordId
) -> Answer:
    """Return one of the caller's own cases, in the generic fields."""
    return await own_generic_record(request, deps, context, principal, CASE, case_id)


class EntitlementParameters(EntitlementQuery, Paging):
    """Filters and paging of entitlements."""


@router.get(
    "/me/entitlements",
    operation_id="listMyEntitlements",
    summary="Hak saya · My entitlements",
    description=(
        "Semua yang dimiliki pemegang token untuk suatu masa: kepesertaan program, kartu, izin, dan jenis "
        "lain. Bagian yang cakupannya tidak ada di token dinyatakan denied.\n\n"
        "Everything that the caller holds for a time: enrolments in programmes, cards, licences and other "
        "kinds. Sources whose scope the token lacks are denied."
    ),
    responses=own_generic_list_answers(ENTITLEMENT),
    openapi_extra=required_sign_in("entitlements.read", reach=OWN_LIST),
)
async def list_my_entitlements(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: EntitlementsReader,
    parameters: Annotated[EntitlementParameters, Query()],
) -> Answer:
    """Return a page of the caller's own entitlements of every kind, queried live."""
    return await own_generic_list(request, deps, context, principal, ENTITLEMENT, parameters)


@router.get(
    "/me/entitlements/{entitlement_id}",
    operation_id="getMyEntitlement",
    summary="Satu hak saya · One of my entitlements",
    description=(
        "Satu hak pemegang token, dengan kolom yang dimiliki semua hak.\n\n"
        "One entitlement of the caller, with the fields that all entitlements have."
    ),
    responses=own_generic_record_answers(ENTITLEMENT),
    openapi_extra=required_sign_in("entitlements.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_entitlement(
    request: Request, deps: ApiDeps, context: ContextDep, principal: EntitlementsReader, entitlement_id: RecordId
) -> Answer:
    """Return one of the caller's own entitlements, in the generic fields."""
    return await own_generic_record(request, deps, context, principal, ENTITLEMENT, entitlement_id)


class BookingParameters(BookingQuery, Paging):
    """Filters and paging of bookings."""


@router.get(
    "/me/bookings",
    operation_id="listMyBookings",
    summary="Pemesanan saya · My bookings",
    description=(
        "Semua waktu atau antrean yang dipesan pemegang token: janji temu di puskesmas dan jenis lain. Bagian "
        "yang cakupannya tidak ada di token dinyatakan denied.\n\n"
        "Every time or place in a queue that the caller booked: appointments at health centres and other "
        "kinds. Sources whose scope the token lacks are denied."
    ),
    responses=own_generic_list_answers(BOOKING),
    openapi_extra=required_sign_in("bookings.read", reach=OWN_LIST),
)
async def list_my_bookings(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: BookingsReader,
    parameters: Annotated[BookingParameters, Query()],
) -> Answer:
    """Return a page of the caller's own bookings of every kind, queried live."""
    return await own_generic_list(request, deps, context, principal, BOOKING, parameters)


@router.get(
    "/me/bookings/{booking_id}",
    operation_id="getMyBooking",
    summary="Satu pemesanan saya · One of my bookings",
    description=(
        "Satu pemesanan pemegang token, dengan kolom yang dimiliki semua pemesanan.\n\n"
        "One booking of the caller, with the fields that all bookings have."
    ),
    responses=own_generic_record_answers(BOOKING),
    openapi_extra=required_sign_in("bookings.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_booking(
    request: Request, deps: ApiDeps, context: ContextDep, principal: BookingsReader, booking_id: RecordId
) -> Answer:
    """Return one of the caller's own bookings, in the generic fields."""
    return await own_generic_record(request, deps, context, principal, BOOKING, booking_id)
