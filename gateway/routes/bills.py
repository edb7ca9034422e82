"""Bills: what the caller owes the city."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from gateway.policy.asking import narrow_own
from gateway.routes.answers import Answer
from gateway.routes.callers import BillsReader
from gateway.routes.context import TheContext
from gateway.routes.describing import PERSONAL, SOURCES, answers, listed, signed_in
from gateway.routes.listing import personal_list
from gateway.routes.offering import filters_of, parameters_of
from gateway.routes.parts import TheParts
from schemas.bill import BILL

router = APIRouter(prefix="/v1/bills", tags=["bills"])

BillParameters: Any = parameters_of(BILL)


@router.get(
    "",
    operation_id="listBills",
    summary="Tagihan saya · My bills",
    description="Tagihan pemegang token, ditanyakan langsung.\n\nBills of the caller, asked live.",
    responses=answers(listed(BILL), *PERSONAL, *SOURCES, "cursor-invalid", "cursor-expired", "too-many", private=True),
    openapi_extra=signed_in("bills.read"),
)
async def list_bills(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: BillsReader,
    asked: Annotated[BillParameters, Query()],
) -> Answer:
    """The caller's bills."""
    return await personal_list(request, parts, context, narrow_own(principal, BILL, filters_of(BILL, asked)), asked)
