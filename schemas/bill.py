"""Bills: amounts that a resident owes the city, such as land and building tax."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general, personal, specific
from schemas.dates import Day
from schemas.filters import between
from schemas.identifiers import Identifier
from schemas.money import Money
from schemas.places import RegionReference
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Coded, Text


class BillStatus(StrEnum):
    """Whether a bill is paid."""

    UNPAID = "unpaid"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


class Payer(Classed):
    """The person who has to pay."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the payer")] = ()


class Bill(Body):
    """One bill."""

    kind: Annotated[Coded, general("Jenis", "Kind of bill")]
    number: Annotated[str | None, specific("Nomor tagihan", "Number of the bill")] = None
    year: Annotated[int | None, general("Tahun", "Tax year")] = None
    amount: Annotated[Money | None, specific("Jumlah", "Amount due")] = None
    penalty: Annotated[Money | None, specific("Denda", "Penalty")] = None
    due_on: Annotated[date | None, specific("Jatuh tempo", "Due on")] = None
    paid_on: Annotated[date | None, specific("Dibayar pada", "Paid on")] = None
    status: Annotated[BillStatus | None, specific("Status", "Status")] = None
    place: Annotated[str | None, personal("Objek", "Object of the tax or fee")] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None
    payer: Annotated[Payer, personal("Wajib pajak", "Payer")]


class BillQuery(Query):
    """Filters of bills: year, status, due from/until (days)."""

    year: int | None = None
    status: BillStatus | None = None
    due_from: Day | None = None
    due_until: Day | None = None


BILL: Resource[Bill, BillQuery] = Resource(
    name="bill",
    prefix="bil",
    title=Text(id="Tagihan", en="Bill"),
    body=Bill,
    query=BillQuery,
    order=("-year", "id"),
    owner=lambda bill: Owner(nik=exact_nik(bill.payer.identifiers), region=bill.region.code if bill.region else None),
    matches=lambda bill, query: (
        query.year in (None, bill.year)
        and query.status in (None, bill.status)
        and between(bill.due_on, query.due_from, query.due_until)
    ),
    scope="bills.read",
    for_officers=False,
    searched=lambda bill: (bill.kind.display, bill.number, bill.place, str(bill.year) if bill.year else None),
)
