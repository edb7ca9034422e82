"""Wire records of the water utility to canonical records. Pure."""

from typing import Final

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import day_first_date, local_time, whole_day
from adapters.legacy.reading import Doubts
from adapters.legacy.regions import by_name
from adapters.legacy.texts import plain_text
from invented.pdam.wire import Gangguan, Rekening, Sambungan
from invented.shared import code_list, coded, key_of, known_status, money, person
from schemas.bill import Bill, BilledObject, BillStatus
from schemas.dates import Period
from schemas.doubts import DoubtCode
from schemas.entitlement import Entitlement, EntitlementStatus
from schemas.notice import Notice, NoticeStatus, Severity
from schemas.places import Address, Location
from schemas.references import AgencyReference
from schemas.texts import Text

BILLS: Final = code_list(
    "bill-kind", Text(id="Jenis tagihan", en="Kind of bill"), water=Text(id="Rekening air", en="Water bill")
)
CONNECTIONS: Final = code_list(
    "entitlement-kind",
    Text(id="Jenis hak", en="Kind of entitlement"),
    water_connection=Text(id="Sambungan air", en="Water connection"),
)
OUTAGES: Final = code_list(
    "notice-kind",
    Text(id="Jenis pemberitahuan", en="Kind of notice"),
    water_outage=Text(id="Gangguan air", en="Water outage"),
)
CODE_LISTS: Final = (BILLS, CONNECTIONS, OUTAGES)

_AGENCY: Final = AgencyReference(id="pdam")
_BILL_STATUSES: Final = {
    "BELUM BAYAR": BillStatus.UNPAID,
    "TERLAMBAT": BillStatus.OVERDUE,
    "LUNAS": BillStatus.PAID,
}
_CONNECTION_STATUSES: Final = {
    "AKTIF": EntitlementStatus.ACTIVE,
    "SEGEL": EntitlementStatus.SUSPENDED,
    "CABUT": EntitlementStatus.REVOKED,
}
_OUTAGE_STATUSES: Final = {
    "DIJADWALKAN": NoticeStatus.CONFIRMED,
    "BERLANGSUNG": NoticeStatus.ACTIVE,
    "SELESAI": NoticeStatus.RESOLVED,
    "BATAL": NoticeStatus.CANCELLED,
}
_SEVERITIES: Final = {"RINGAN": Severity.MINOR, "SEDANG": Severity.MODERATE, "BERAT": Severity.MAJOR}


def bill_key(w: Rekening) -> str:
    """Return the number of the bill."""
    return key_of(w.NOREK)


def bill(w: Rekening) -> Normal[Bill]:
    """Return the bill of a connection for the month `BULAN`, which is written mm/yyyy."""
    doubts = Doubts()
    month = doubts.collect("/period", day_first_date(f"01/{w.BULAN}" if w.BULAN else None, separator="/"))
    body = Bill(
        kind=coded(BILLS, "water"),
        object=BilledObject(
            number=doubts.collect("/object/number", plain_text(w.NOSAMB)),
            address=Address(
                text=doubts.collect("/object/address/text", plain_text(w.ALAMAT)),
                region=doubts.collect("/object/address/region", by_name(w.KELURAHAN)),
            ),
        ),
        period=Period(start=month[:7], end=month[:7]) if month else None,
        amount=doubts.collect("/amount", money(w.JUMLAH)),
        penalty=doubts.collect("/penalty", money(w.DENDA)),
        due_on=doubts.collect("/due_on", whole_day(day_first_date(w.TEMPO, separator="/"))),
        status=known_status(doubts, _BILL_STATUSES, w.STATUS, BillStatus.UNKNOWN, public_word=False),
        agency=_AGENCY,
        payer=person(doubts, "/payer", w.NAMA, w.NIK),
    )
    return Normal(body, doubts.found)


def connection_key(w: Sambungan) -> str:
    """Return the number of the connection."""
    return key_of(w.NOSAMB)


def connection(w: Sambungan) -> Normal[Entitlement]:
    """Return the connection of a customer."""
    doubts = Doubts()
    body = Entitlement(
        kind=coded(CONNECTIONS, "water-connection"),
        title="Sambungan rumah",
        number=connection_key(w),
        status=known_status(doubts, _CONNECTION_STATUSES, w.STATUS, EntitlementStatus.UNKNOWN, public_word=False),
        validity=Period(start=doubts.collect("/validity/start", day_first_date(w.PASANG, separator="/"))),
        agency=_AGENCY,
        # The address is that of the customer's home: it is not public, so only its region is passed on.
        location=Location.of(region=doubts.collect("/location/region", by_name(w.KELURAHAN))),
        holder=person(doubts, "/holder", w.NAMA, w.NIK),
    )
    return Normal(body, doubts.found)


def outage_key(w: Gangguan) -> str:
    """Return the number of the outage."""
    return key_of(w.NOMOR)


def outage(w: Gangguan) -> Normal[Notice]:
    """Return an outage as a notice."""
    doubts = Doubts()
    title = doubts.collect("/title", plain_text(w.JUDUL))
    if title is None:
        raise UnusableRecordError("an outage without a title")
    severity = _SEVERITIES.get((w.TINGKAT or "").strip().upper())
    if severity is None and w.TINGKAT:
        doubts.note_unknown("/severity", DoubtCode.CODE_UNKNOWN, w.TINGKAT)
        severity = Severity.UNKNOWN
    body = Notice(
        kind=coded(OUTAGES, "water-outage"),
        title=title,
        description=doubts.collect("/description", plain_text(w.URAIAN)),
        status=known_status(doubts, _OUTAGE_STATUSES, w.STATUS, NoticeStatus.UNKNOWN, public_word=True),
        severity=severity,
        starts_at=doubts.collect("/starts_at", local_time(w.MULAI)),
        ends_at=doubts.collect("/ends_at", local_time(w.SELESAI or None)),
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.LOKASI)),
            region=doubts.collect("/location/region", by_name(w.KELURAHAN)),
        ),
        agency=_AGENCY,
    )
    return Normal(body, doubts.found)
