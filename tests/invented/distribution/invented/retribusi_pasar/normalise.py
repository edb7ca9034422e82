"""Wire records of the system of market levies to canonical records. Pure."""

from typing import Final

from adapters.contract import Normal
from adapters.legacy.dates import compact_date, whole_day
from adapters.legacy.reading import Doubts
from adapters.legacy.regions import by_name
from adapters.legacy.texts import plain_text
from invented.retribusi_pasar.wire import Izin, Skrd
from invented.shared import code_list, coded, key_of, known_status, money, person
from schemas.bill import Bill, BilledObject, BillStatus
from schemas.dates import Period
from schemas.entitlement import Entitlement, EntitlementStatus
from schemas.places import Address, Location
from schemas.references import AgencyReference
from schemas.texts import Text

LEVIES: Final = code_list(
    "bill-kind", Text(id="Jenis tagihan", en="Kind of bill"), market_levy=Text(id="Retribusi pasar", en="Market levy")
)
LICENCES: Final = code_list(
    "entitlement-kind",
    Text(id="Jenis hak", en="Kind of entitlement"),
    market_stall=Text(id="Izin kios pasar", en="Market stall licence"),
)
CODE_LISTS: Final = (LEVIES, LICENCES)

_BILL_STATUSES: Final = {"LUNAS": BillStatus.PAID, "BELUM": BillStatus.UNPAID, "MENUNGGAK": BillStatus.OVERDUE}
_LICENCE_STATUSES: Final = {
    "BERLAKU": EntitlementStatus.ACTIVE,
    "DIBEKUKAN": EntitlementStatus.SUSPENDED,
    "DICABUT": EntitlementStatus.REVOKED,
}


def levy_key(w: Skrd) -> str:
    """Return the number of the levy."""
    return key_of(w.no_skrd)


def levy(w: Skrd) -> Normal[Bill]:
    """Return the levy of a stall for the month `masa`, which is written yyyymm."""
    doubts = Doubts()
    status = known_status(doubts, _BILL_STATUSES, w.status, BillStatus.UNKNOWN, public_word=False)
    month = doubts.collect("/period", compact_date(f"{w.masa}01" if w.masa else None))
    period = Period(start=month[:7], end=month[:7]) if month else None
    body = Bill(
        kind=coded(LEVIES, "market-levy"),
        object=BilledObject(
            number=doubts.collect("/object/number", plain_text(w.no_kios)),
            address=Address(
                text=doubts.collect("/object/address/text", plain_text(w.pasar)),
                region=doubts.collect("/object/address/region", by_name(w.kelurahan)),
            ),
        ),
        period=period,
        amount=doubts.collect("/amount", money(w.pokok)),
        penalty=doubts.collect("/penalty", money(w.denda)),
        due_on=doubts.collect("/due_on", whole_day(compact_date(w.jatuh_tempo))),
        paid_on=doubts.collect("/paid_on", whole_day(compact_date(w.tgl_setor))) if status is BillStatus.PAID else None,
        status=status,
        agency=AgencyReference(id="dinas-perindag"),
        payer=person(doubts, "/payer", w.pedagang, w.nik),
    )
    return Normal(body, doubts.found)


def licence_key(w: Izin) -> str:
    """Return the number of the licence."""
    return key_of(w.no_izin)


def licence(w: Izin) -> Normal[Entitlement]:
    """Return the licence for a stall."""
    doubts = Doubts()
    stall = doubts.collect("/title", plain_text(w.no_kios))
    body = Entitlement(
        kind=coded(LICENCES, "market-stall"),
        title=f"Kios {stall}" if stall else None,
        number=licence_key(w),
        status=known_status(doubts, _LICENCE_STATUSES, w.status, EntitlementStatus.UNKNOWN, public_word=False),
        validity=Period(
            start=doubts.collect("/validity/start", compact_date(w.mulai)),
            end=doubts.collect("/validity/end", compact_date(w.sampai)),
        ),
        agency=AgencyReference(id="dinas-perindag"),
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.pasar)),
            region=doubts.collect("/location/region", by_name(w.kelurahan)),
        ),
        holder=person(doubts, "/holder", w.pedagang, w.nik),
    )
    return Normal(body, doubts.found)
