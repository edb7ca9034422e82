"""Synthetic records of the generic resources, for kinds that have no resource of their own."""

from datetime import date, datetime
from typing import Final

from gateway.ground.clock import WITA
from schemas.booking import Booking, BookingStatus
from schemas.case import Case, CaseStatus
from schemas.codes import Coded
from schemas.dates import Period
from schemas.entitlement import Entitlement, EntitlementStatus
from schemas.facility import OpeningHours, Place
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.notice import Notice, NoticeStatus, Severity
from schemas.places import Location, Point, RegionReference
from schemas.references import AgencyReference
from schemas.texts import Text

_NIK: Final = Identifier(scheme=IdentifierScheme.NIK, value="6371994502900011")
_RESIDENT: Final = Person(name="WARGA CONTOH", identifiers=(_NIK,))
_MANTUIL: Final = RegionReference(code="63.71.01.1001", name="Mantuil")


def _kind(code: str, indonesian: str, english: str) -> Coded:
    return Coded(scheme="example-kind", code=code, text=Text(id=indonesian, en=english))


CASE: Final = Case(
    kind=_kind("school-admission", "Pendaftaran sekolah", "School admission"),
    number="PPDB-2026-00042",
    title="Pendaftaran SMP Contoh",
    status=CaseStatus.CLOSED,
    submitted_at=datetime(2026, 6, 22, 9, tzinfo=WITA),
    agency=AgencyReference(id="dinas-pendidikan", name=Text(id="Dinas Pendidikan", en="Education Agency")),
    location=Location(region=_MANTUIL),
    applicant=_RESIDENT,
    subject=Person(name="ANAK CONTOH", birth_date="2014-03-09"),
    outcome=_kind("admitted", "Diterima", "Admitted"),
)

ENTITLEMENT: Final = Entitlement(
    kind=_kind("library-card", "Kartu perpustakaan", "Library card"),
    title="Kartu anggota perpustakaan",
    number="A-2026-00042",
    status=EntitlementStatus.ACTIVE,
    validity=Period(start="2026-03-02", end="2028-03-01"),
    holder=_RESIDENT,
)

BOOKING: Final = Booking(
    kind=_kind("sports-hall", "Gedung olahraga", "Sports hall"),
    title="GOR Contoh, lapangan 2",
    day=date(2026, 12, 5),
    starts_at=datetime(2026, 12, 5, 19, tzinfo=WITA),
    ends_at=datetime(2026, 12, 5, 21, tzinfo=WITA),
    number="GOR-00042",
    status=BookingStatus.BOOKED,
    location=Location(text="Jl. Contoh No. 5", region=_MANTUIL),
    holder=_RESIDENT,
)

PLACE: Final = Place(
    kind=_kind("library", "Perpustakaan", "Library"),
    name="Perpustakaan Contoh",
    location=Location(text="Jl. Contoh No. 7", region=_MANTUIL, position=Point(coordinates=(114.5901, -3.3432))),
    phone="+625113300042",
    hours=(OpeningHours(weekday=1, opens="08:00", closes="16:00"),),
)

NOTICE: Final = Notice(
    kind=_kind("water-outage", "Air mati", "Water outage"),
    title="Pemeliharaan pipa di Mantuil",
    status=NoticeStatus.CONFIRMED,
    severity=Severity.MODERATE,
    starts_at=datetime(2026, 12, 3, 8, tzinfo=WITA),
    ends_at=datetime(2026, 12, 3, 16, tzinfo=WITA),
    location=Location(region=_MANTUIL),
)
