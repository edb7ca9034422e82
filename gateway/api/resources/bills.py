"""The caller's bills from the city."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import BillsReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, own_record
from gateway.api.lists import NO_PARAMETERS, Paging, own_list
from gateway.api.openapi.list_operations import own_list_answers, own_record_answers
from gateway.api.openapi.operations import required_sign_in
from gateway.policy.permissions import OWN_LIST, OWN_RECORD
from schemas.bill import BILL, BillQuery

router = api_router(prefix="/v1/me/bills", tags=["bills"])


class BillParameters(BillQuery, Paging):
    """Filters and paging of bills."""


@router.get(
    "",
    operation_id="listMyBills",
    summary="Tagihan saya · My bills",
    description="Tagihan pemegang token, ditanyakan langsung.\n\nBills of the caller, queried live.",
    responses=own_list_answers(BILL),
    openapi_extra=required_sign_in("bills.read", reach=OWN_LIST),
)
async def list_my_bills(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: BillsReader,
    parameters: Annotated[BillParameters, Query()],
) -> Answer:
    """Return a page of the caller's own bills, queried live."""
    return await own_list(request, deps, context, principal, BILL, parameters)


@router.get(
    "/{bill_id}",
    operation_id="getMyBill",
    summary="Satu tagihan saya · One of my bills",
    description="Satu tagihan pemegang token.\n\nOne bill of the caller.",
    responses=own_record_answers(BILL),
    openapi_extra=required_sign_in("bills.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_bill(
    request: Request, deps: ApiDeps, context: ContextDep, principal: BillsReader, bill_id: RecordId
) -> Answer:
    """Return one of the caller's own bills, queried live."""
    return await own_record(request, deps, context, principal, BILL, bill_id)
