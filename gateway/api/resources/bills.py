"""Bills: what the caller owes the city."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import BillsReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.formats.negotiation import forms_of
from gateway.api.lists import Paging, filters_of, personal_list
from gateway.api.openapi.list_operations import own_list_answers
from gateway.api.openapi.operations import signed_in
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
    description="Tagihan pemegang token, ditanyakan langsung.\n\nBills of the caller, asked live.",
    responses=own_list_answers(BILL),
    openapi_extra=signed_in("bills.read", reach=OWN_LIST),
)
async def list_bills(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: BillsReader,
    asked: Annotated[BillParameters, Query()],
) -> Answer:
    """A page of the caller's own bills, asked live."""
    terms = narrow_own(principal, BILL, filters_of(BILL, asked))
    return await personal_list(request, deps, context, terms, asked, forms_of(BILL))
