"""Synthetic records for the examples of the document. Their NIK begin with 637199.

No region of the country has this code, so no example can be the NIK of a real person.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from gateway.ground.clock import WITA
from schemas.application import Application
from schemas.booking import BookingStatus
from schemas.case import CaseStatus
from schemas.codes import Coded
from schemas.dates import Period
from schemas.document import DOCUMENT_KINDS, Document, DocumentKind
from schemas.enterprise import Enterprise, EnterpriseStatus
from schemas.entitlement import EntitlementStatus
from schemas.event import Event
from schemas.facility import Facility, OpeningHours, Queue
from schemas.health import Appointment
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.money import Money
from schemas.places import Address, Location, Point, RegionReference
from schemas.programme import Enrolment, ParticipantEnterprise, Programme
from schemas.references import AgencyReference, Reference
from schemas.resident import Resident, Sex
from schemas.service import Evidence, Requirement, Service, ServiceStatus
from schemas.texts import Text

_NAME: Final = "WARGA CONTOH"
_NIK: Final = Identifier(scheme=IdentifierScheme.NIK, value="6371994502900011")
_MANTUIL: Final = RegionReference(code="63.71.01.1001", name="Mantuil")
_GENERAL_CLINIC: Final = Coded(scheme="clinic", code="general", text=Text(id="Poli Umum", en="General clinic"))
_HEALTH_AGENCY: Final = AgencyReference(id="dinas-kesehatan", name=Text(id="Dinas Kesehatan", en="Health Agency"))
_GOVERNMENT_SECTION: Final = AgencyReference(
    id="tata-pemerintahan", name=Text(id="Bagian Tata Pemerintahan", en="Government Administration Section")
)
_COOPERATIVES: Final = AgencyReference(
    id="dinas-koperasi",
    name=Text(
        id="Dinas Koperasi, Usaha Mikro dan Tenaga Kerja", en="Cooperatives, Micro-enterprise and Manpower Agency"
    ),
)
_FACILITY_REFERENCE: Final = Reference(id="fac_5b8q2w", name="PUSKESMAS PEKAUMAN")
_DOMICILE: Final = Text(id="Surat Keterangan Domisili", en="Statement of domicile")


def _on(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=WITA)


RESIDENT: Final = Resident(
    name=_NAME,
    identifiers=(_NIK, Identifier(scheme=IdentifierScheme.KK, value="6371991708170011")),
    sex=Sex.FEMALE,
    birth_place="BANJARMASIN",
    birth_date="1990-02-05",
    religion=Coded(scheme="religion", code="islam", text=Text(id="Islam", en="Islam")),
    marital_status=Coded(scheme="marital-status", code="unmarried", text=Text(id="Belum Kawin", en="Never married")),
    occupation=Coded(scheme="occupation", code="self-employed", text=Text(id="Wiraswasta", en="Self-employed")),
    education=Coded(scheme="education", code="upper-secondary", text=Text(id="SLTA/Sederajat", en="Upper secondary")),
    family_role=Coded(scheme="family-role", code="head", text=Text(id="Kepala Keluarga", en="Head of the family")),
    card_status=Coded(scheme="card-status", code="issued", text=Text(id="Sudah EKTP", en="Issued")),
    address=Address(text="JL. CONTOH NO. 11", rt="007", rw="001", region=_MANTUIL, postal_code="70244"),
)

APPLICATION: Final = Application(
    kind=Coded(scheme="letter-type", code="domicile", text=_DOMICILE),
    text="Pembuatan rekening bank",
    service=Reference(id="svc_2x8n4v", name="Surat Keterangan Domisili"),
    status=CaseStatus.READY,
    submitted_at=_on(11, 18),
    agency=_GOVERNMENT_SECTION,
    location=Location(region=_MANTUIL),
    applicant=Person(name=_NAME, identifiers=(_NIK,), birth_date="1990-02-05"),
    number="45/145.1/01.001/2026",
    actions=(),
    history=(
        Event.reached(CaseStatus.SUBMITTED, at=_on(11, 18), by=Text(id="Pemohon", en="Applicant")),
        Event.reached(CaseStatus.READY, at=_on(11, 20, 14, 15), by=Text(id="Petugas", en="Officer")),
    ),
    documents=(
        Document(
            id="lampiran-1",
            kind=Coded.of(DOCUMENT_KINDS, DocumentKind.ATTACHMENT),
            media_type="application/pdf",
            issued_on=date(2026, 11, 18),
        ),
        Document(
            id="surat",
            kind=Coded.of(DOCUMENT_KINDS, DocumentKind.LETTER),
            number="45/145.1/01.001/2026",
            media_type="application/pdf",
            size=48213,
            issued_on=date(2026, 11, 20),
        ),
    ),
)

APPOINTMENT: Final = Appointment(
    facility=_FACILITY_REFERENCE,
    clinic=_GENERAL_CLINIC,
    day=date(2026, 12, 1),
    starts_at=_on(12, 1, 8),
    number="A-001",
    status=BookingStatus.BOOKED,
    coverage=Coded(scheme="coverage", code="bpjs", text=Text(id="BPJS Kesehatan", en="BPJS Kesehatan")),
    holder=Person(name=_NAME, identifiers=(_NIK,)),
)

ENROLMENT: Final = Enrolment(
    programme=Reference(id="prg_9c4t6y", name="Wirausaha Baru Mandiri"),
    year=2026,
    agency=_COOPERATIVES,
    group="Kelompok 3",
    status=EntitlementStatus.ACTIVE,
    validity=Period(start="2026-03-02"),
    location=Location(region=_MANTUIL),
    holder=Person(name=_NAME, identifiers=(_NIK,), phone="+6281190000011"),
    enterprise=ParticipantEnterprise(
        name="Abon Contoh", activity="abon ikan haruan", status=EnterpriseStatus.STARTED, seen_on="2026-10-31"
    ),
    grant=Money(amount=Decimal(7_500_000)),
)

SERVICE: Final = Service(
    kind=Coded(scheme="letter-type", code="domicile", text=_DOMICILE),
    name=_DOMICILE,
    agency=_GOVERNMENT_SECTION,
    legal_basis=(
        Text(
            id="Peraturan Wali Kota Banjarmasin Nomor 59 Tahun 2013",
            en="Regulation of the Mayor of Banjarmasin 59 of 2013",
        ),
    ),
    archive_class=Coded(scheme="klasifikasi-arsip", code="145.1"),
    requirements=(
        Requirement(name=Text(id="Fotokopi KTP", en="Copy of the identity card"), evidence=Evidence.IDENTITY_CARD),
        Requirement(name=Text(id="Surat pengantar RT", en="Letter of the neighbourhood head")),
    ),
    working_days=1,
    fee=Money(amount=Decimal(0)),
    output=Text(id="Surat keterangan", en="Statement"),
    complaints=Text(id="Loket kelurahan, pada jam kerja", en="The counter of the kelurahan, in office hours"),
    status=ServiceStatus.ACTIVE,
)

FACILITY: Final = Facility(
    name="PUSKESMAS PEKAUMAN",
    identifiers=(Identifier(scheme=IdentifierScheme.HEALTH_FACILITY, value="P6371010101"),),
    agency=_HEALTH_AGENCY,
    location=Location(
        text="Jl. Contoh No. 1",
        region=RegionReference(code="63.71.01.1003", name="Pekauman"),
        postal_code="70243",
        position=Point(coordinates=(114.5879, -3.3314)),
    ),
    phone="+625119900101",
    clinics=(_GENERAL_CLINIC,),
    hours=(OpeningHours(weekday=1, opens="08:00", closes="14:00"),),
)

QUEUE: Final = Queue(
    facility=_FACILITY_REFERENCE, clinic=_GENERAL_CLINIC, day=date(2026, 11, 23), called="A-012", total=31, waiting=19
)

PROGRAMME: Final = Programme(
    name=Text(id="Wirausaha Baru Mandiri", en="New independent entrepreneurs"),
    year=2026,
    agency=_COOPERATIVES,
    quota=55,
    enrolled=28,
    grant=Money(amount=Decimal(7_500_000)),
    closes_on=date(2026, 12, 18),
    description=Text(id="Pelatihan, pendampingan dan modal awal", en="Training, guidance and money to begin with"),
)

ENTERPRISE: Final = Enterprise(
    name="Abon Contoh",
    activity="abon ikan haruan",
    kbli=Coded(scheme="kbli-2020", code="10216"),
    identifiers=(Identifier(scheme=IdentifierScheme.NIB, value="9099001713798"),),
    year=2026,
    agency=_COOPERATIVES,
    status=EnterpriseStatus.STARTED,
    location=Location(region=_MANTUIL),
)
