"""Wire records of the library system to canonical records. Pure."""

from typing import Final

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.dates import day_first_date, whole_day
from adapters.legacy.numbers import coordinate
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts
from adapters.legacy.regions import by_name, position
from adapters.legacy.texts import plain_text
from invented.perpustakaan.wire import Anggota, Cabang, Denda
from invented.shared import code_list, coded, key_of, known_status, money, opening_hours, person
from schemas.bill import Bill, BilledObject, BillStatus
from schemas.dates import Period
from schemas.entitlement import Entitlement, EntitlementStatus
from schemas.facility import Place
from schemas.places import Location
from schemas.references import AgencyReference
from schemas.texts import Text

CARDS: Final = code_list(
    "entitlement-kind",
    Text(id="Jenis hak", en="Kind of entitlement"),
    library_card=Text(id="Kartu perpustakaan", en="Library card"),
)
FINES: Final = code_list(
    "bill-kind", Text(id="Jenis tagihan", en="Kind of bill"), library_fine=Text(id="Denda buku", en="Library fine")
)
BRANCHES: Final = code_list(
    "place-kind", Text(id="Jenis tempat", en="Kind of place"), library=Text(id="Perpustakaan", en="Library")
)
CODE_LISTS: Final = (CARDS, FINES, BRANCHES)

_AGENCY: Final = AgencyReference(id="dinas-perpustakaan")
_STATUSES: Final = {
    "AKTIF": EntitlementStatus.ACTIVE,
    "DIBEKUKAN": EntitlementStatus.SUSPENDED,
    "HABIS": EntitlementStatus.EXPIRED,
}


def card_key(w: Anggota) -> str:
    """Return the number of the card."""
    return key_of(w.no_anggota)


def card(w: Anggota) -> Normal[Entitlement]:
    """Return the library card of a member."""
    doubts = Doubts()
    body = Entitlement(
        kind=coded(CARDS, "library-card"),
        title="Kartu anggota perpustakaan",
        number=card_key(w),
        status=known_status(doubts, _STATUSES, w.status, EntitlementStatus.UNKNOWN, public_word=False),
        validity=Period(
            start=doubts.collect("/validity/start", day_first_date(w.tgl_daftar, separator="/")),
            end=doubts.collect("/validity/end", day_first_date(w.berlaku_sd, separator="/")),
        ),
        agency=_AGENCY,
        holder=person(doubts, "/holder", w.nama, w.nik, w.hp),
    )
    return Normal(body, doubts.found)


def fine_key(w: Denda) -> str:
    """Return the number of the fine."""
    return key_of(w.id_denda)


def fine(w: Denda) -> Normal[Bill]:
    """Return the fine for a book that came back late. It is for one day."""
    doubts = Doubts()
    day = doubts.collect("/period", day_first_date(w.tgl_kembali, separator="/"))
    paid = doubts.collect("/status", flag(w.lunas, yes="Y", no="T"))
    body = Bill(
        kind=coded(FINES, "library-fine"),
        object=BilledObject(number=doubts.collect("/object/number", plain_text(w.no_anggota))),
        period=Period(start=day, end=day),
        amount=doubts.collect("/amount", money(w.jumlah)),
        paid_on=doubts.collect("/paid_on", whole_day(day_first_date(w.tgl_bayar, separator="/"))) if paid else None,
        status=BillStatus.UNKNOWN if paid is None else BillStatus.PAID if paid else BillStatus.UNPAID,
        agency=_AGENCY,
        payer=person(doubts, "/payer", w.nama, w.nik),
    )
    return Normal(body, doubts.found)


def branch_key(w: Cabang) -> str:
    """Return the code of the branch."""
    return key_of(w.kode)


def branch(w: Cabang) -> Normal[Place]:
    """Return a branch as a place."""
    doubts = Doubts()
    name = doubts.collect("/name", plain_text(w.nama))
    if name is None:
        raise UnusableRecordError("a branch without a name")
    latitude, longitude = (coordinate(column, decimal_comma=True) for column in (w.lintang, w.bujur))
    days = (opening_hours(doubts, weekday, hours) for weekday, hours in enumerate(w.jadwal[:7], start=1))
    body = Place(
        kind=coded(BRANCHES, "library"),
        name=name,
        agency=_AGENCY,
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.alamat)),
            region=doubts.collect("/location/region", by_name(w.kelurahan)),
            position=doubts.collect("/location/position", position(latitude, longitude)),
        ),
        phone=doubts.collect("/phone", phone(w.telp)),
        hours=tuple(day for day in days if day is not None),
    )
    return Normal(body, doubts.found)
