"""The caller's bills from the city."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import BillsReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.formats.negotiation import formats_of
from gateway.api.lists import Paging, filters_of, personal_list
from gateway.api.openapi.list_operations import own_list_answers
from gateway.api.openapi.operations import required_sign_in
from gateway.policy.narrowing import narrow_own
from gateway.policy.permissions import OWN_LIST
from schemas.bill import BILL, BillQuery

router = APIRouter(prefix="/v1/bills", tags=["bills"])


class BillParameters(BillQuery, Paging):
    """Filters and paging of bills."""


@router.get(
    "",
    operation_id="listBills",
    summary="Tagihan saya · My bills",
    description="Tagihan pemegang token, ditanyakan langsung.\n\nBills of the caller, queried live.",
    responses=own_list_answers(BILL),
    openapi_extra=required_sign_in("bills.read", reach=OWN_LIST),
)
async def list_bills(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: BillsReader,
    parameters: Annotated[BillParameters, Query()],
) -> Answer:
    """Return a page of the caller's own bills, queried live."""
    permitted = narrow_own(principal, BILL, filters_of(BILL, parameters))
    return await personal_list(request, deps, context, permitted, parameters, formats_of(BILL))
