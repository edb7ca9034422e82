"""Bills: amounts that a resident owes the city, such as land and building tax (schema.org Invoice)."""

from datetime import date
from typing import Annotated

from schemas.classes import Classed, general, personal, specific
from schemas.codes import (
    PHASE_OF_STATUS,
    TEXT_OF_STATUS,
    Coded,
    Phase,
    SpecificStatusPhase,
    SpecificStatusText,
    Status,
)
from schemas.dates import Moment, Period
from schemas.filters import between
from schemas.identifiers import Person
from schemas.money import Money
from schemas.places import Address, region_code
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class BillStatus(Status):
    """Whether a bill is paid."""

    UNPAID = "unpaid", Phase.WAITING_FOR_YOU, "Belum dibayar", "Unpaid"
    OVERDUE = "overdue", Phase.WAITING_FOR_YOU, "Lewat jatuh tempo", "Overdue"
    PAID = "paid", Phase.DONE, "Lunas", "Paid"
    CANCELLED = "cancelled", Phase.STOPPED, "Dibatalkan", "Cancelled"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class BilledObject(Classed):
    """The land, building, stall, connection or other thing for which a bill is due."""

    number: Annotated[str | None, specific("Nomor objek", "Number of the object in the agency's register")] = None
    address: Annotated[Address | None, general("Alamat objek", "Address of the object")] = None


class Bill(Body):
    """An amount that is owed, for an object and a period."""

    kind: Annotated[Coded, general("Jenis", "Kind of bill")]
    object: Annotated[BilledObject | None, general("Objek", "For what it is due")] = None
    period: Annotated[Period | None, general("Masa", "Period for which it is due, such as a tax year")] = None
    amount: Annotated[Money | None, specific("Jumlah", "Amount due, without the penalty")] = None
    penalty: Annotated[Money | None, specific("Denda", "Penalty")] = None
    total_due: Annotated[
        Money | None,
        specific("Jumlah seluruhnya", "Amount with the penalty (schema.org totalPaymentDue), also of a paid bill"),
    ] = None
    due_on: Annotated[date | None, specific("Jatuh tempo", "Last day to pay without a penalty")] = None
    paid_on: Annotated[date | None, specific("Dibayar pada", "Day of the payment")] = None
    status: Annotated[BillStatus | None, specific("Status", "Status")] = None
    status_text: SpecificStatusText = TEXT_OF_STATUS
    phase: SpecificStatusPhase = PHASE_OF_STATUS
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency that collects it")] = None
    payer: Annotated[Person, personal("Wajib bayar", "Person who has to pay")]


class BillQuery(Query):
    """Filters of bills: kind (a code), year in which the period starts, status, due from/until."""

    kind: str | None = None
    year: int | None = None
    status: BillStatus | None = None
    due_from: Moment | None = None
    due_until: Moment | None = None


def _year(bill: Bill) -> str | None:
    return bill.period.start[:4] if bill.period and bill.period.start else None


def _address(bill: Bill) -> Address | None:
    return bill.object.address if bill.object else None


def _searched(bill: Bill) -> tuple[str | Text | None, ...]:
    address = _address(bill)
    return (bill.kind.text, bill.object.number if bill.object else None, address.text if address else None, _year(bill))


BILL: Resource[Bill, BillQuery] = Resource(
    name="bill",
    prefix="bil",
    title=Text(id="Tagihan", en="Bill"),
    body=Bill,
    query=BillQuery,
    order=("-period.start", "id"),
    owner=lambda bill: Owner(nik=bill.payer.nik, region=region_code(_address(bill))),
    matches=lambda bill, query: (
        query.kind in (None, bill.kind.code)
        and (query.year is None or _year(bill) == f"{query.year:04d}")
        and query.status in (None, bill.status)
        and between(bill.due_on, query.due_from, query.due_until)
    ),
    scope="bills.read",
    for_officers=False,
    searched=_searched,
)
