"""Bills: what the caller owes the city."""

from fastapi import APIRouter

from gateway.api.list_routes import offer_own
from schemas.bill import BILL

router = APIRouter(prefix="/v1/bills", tags=["bills"])

offer_own(
    router,
    "",
    BILL,
    operation_id="listBills",
    summary="Tagihan saya · My bills",
    text="Tagihan pemegang token, ditanyakan langsung.\n\nBills of the caller, asked live.",
)
