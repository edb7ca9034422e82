"""Synthetic records for the examples of the document. Their NIK begin with 637199.

No region of the country has this code, so no example can be the NIK of a real person.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.ground.clock import WITA
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.oidc.clients.views import ClientState, RegisteredClient
from schemas.agency import Agency
from schemas.application import Applicant, Application, ApplicationStatus, StatusChange
from schemas.dates import UncertainDate
from schemas.document import Document
from schemas.enterprise import Enterprise, EnterpriseScale, EnterpriseStatus
from schemas.envelope import SourceState
from schemas.facility import Facility, OpeningHours, Queue
from schemas.health import Appointment, AppointmentStatus, Patient
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.money import Money
from schemas.places import Address, Point, PublicAddress, Region, RegionLevel, RegionReference
from schemas.programme import Enrolment, EnrolmentStatus, Participant, Programme
from schemas.resident import Resident, Sex
from schemas.service import Evidence, Requirement, Service
from schemas.system import CircuitState, OfficeStatus, QualityLevel, SnapshotStatus, System
from schemas.texts import Coded, Text

_NAME: Final = "WARGA CONTOH"
_NIK: Final = Identifier(scheme=IdentifierScheme.NIK, value="6371994502900011")
_MANTUIL: Final = RegionReference(code="63.71.01.1001", name="Mantuil")
_GENERAL_CLINIC: Final = Coded(system="clinic", code="general", display=Text(id="Poli Umum", en="General clinic"))
_DOMICILE: Final = Text(id="Surat Keterangan Domisili", en="Statement of domicile")


def _on(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=WITA)


RESIDENT: Final = Resident(
    name=_NAME,
    identifiers=(_NIK, Identifier(scheme=IdentifierScheme.KK, value="6371991708170011")),
    sex=Sex.FEMALE,
    birth_place="BANJARMASIN",
    birth_date=UncertainDate(value="1990-02-05"),
    religion=Coded(system="religion", code="islam", display=Text(id="Islam", en="Islam")),
    marital_status=Coded(system="marital-status", code="unmarried", display=Text(id="Belum Kawin", en="Never married")),
    occupation=Coded(system="occupation", code="self-employed", display=Text(id="Wiraswasta", en="Self-employed")),
    education=Coded(
        system="education", code="upper-secondary", display=Text(id="SLTA/Sederajat", en="Upper secondary")
    ),
    family_role=Coded(system="family-role", code="head", display=Text(id="Kepala Keluarga", en="Head of the family")),
    address=Address(text="JL. CONTOH NO. 11", rt="007", rw="001", region=_MANTUIL, postal_code="70244"),
)

APPLICATION: Final = Application(
    service=Coded(system="letter-type", code="domicile", display=_DOMICILE),
    status=ApplicationStatus.READY,
    status_text=Text(id="Siap diambil", en="Ready to be collected"),
    submitted_at=_on(11, 18),
    purpose="Pembuatan rekening bank",
    applicant=Applicant(name=_NAME, identifiers=(_NIK,), birth_date="1990-02-05"),
    region=_MANTUIL,
    number="45/145.1/01.001/2026",
    history=(
        StatusChange(status=ApplicationStatus.SUBMITTED, at=_on(11, 18), role="applicant"),
        StatusChange(status=ApplicationStatus.READY, at=_on(11, 20, 14, 15), role="officer"),
    ),
    documents=(
        Document(kind="attachment", media_type="application/pdf", issued_at=_on(11, 18)),
        Document(
            kind="letter",
            number="45/145.1/01.001/2026",
            media_type="application/pdf",
            size=48213,
            issued_at=_on(11, 20, 14, 15),
        ),
    ),
)

APPOINTMENT: Final = Appointment(
    facility_name="PUSKESMAS PEKAUMAN",
    clinic=_GENERAL_CLINIC,
    on=date(2026, 12, 1),
    starts_at=_on(12, 1, 8),
    number="A-001",
    status=AppointmentStatus.BOOKED,
    payer=Coded(system="payer", code="bpjs", display=Text(id="BPJS Kesehatan", en="BPJS Kesehatan")),
    patient=Patient(name=_NAME, identifiers=(_NIK,)),
)

ENROLMENT: Final = Enrolment(
    programme_name="Wirausaha Baru Mandiri",
    year=2026,
    agency="dinas-koperasi",
    group="Kelompok 3",
    participant=Participant(name=_NAME, identifiers=(_NIK,), phone="+6281190000011"),
    business_name="Abon Contoh",
    activity="abon ikan haruan",
    grant=Money(amount=Decimal(7_500_000)),
    enrolled_on=UncertainDate(value="2026-03-02"),
    status=EnrolmentStatus.STARTED,
    status_on=UncertainDate(value="2026-10-31"),
    region=_MANTUIL,
)

SERVICE: Final = Service(
    code="domicile",
    name=_DOMICILE,
    agency="tata-pemerintahan",
    archive_class=Coded(system="klasifikasi-arsip", code="145.1"),
    requirements=(
        Requirement(name=Text(id="Fotokopi KTP", en="Copy of the identity card"), evidence=Evidence.IDENTITY_CARD),
        Requirement(name=Text(id="Surat pengantar RT", en="Letter of the neighbourhood head")),
    ),
    processing_time=timedelta(days=1),
    fee=Money(amount=Decimal(0)),
    output=Text(id="Surat keterangan", en="Statement"),
    complaints=Text(id="Loket kelurahan, pada jam kerja", en="The counter of the kelurahan, in office hours"),
)

FACILITY: Final = Facility(
    name="PUSKESMAS PEKAUMAN",
    address=PublicAddress(
        text="Jl. Contoh No. 1", region=RegionReference(code="63.71.01.1003", name="Pekauman"), postal_code="70243"
    ),
    position=Point(coordinates=(114.5879, -3.3314)),
    phone="+625119900101",
    clinics=(_GENERAL_CLINIC,),
    hours=(OpeningHours(weekday=1, opens="08:00", closes="14:00"),),
)

QUEUE: Final = Queue(
    facility_key="pekauman", clinic=_GENERAL_CLINIC, on=date(2026, 11, 23), called="A-012", total=31, waiting=19
)

PROGRAMME: Final = Programme(
    name=Text(id="Wirausaha Baru Mandiri", en="New independent entrepreneurs"),
    year=2026,
    agency="dinas-koperasi",
    quota=55,
    enrolled=28,
    grant=Money(amount=Decimal(7_500_000)),
    registration_until=date(2026, 12, 18),
    description=Text(id="Pelatihan, pendampingan dan modal awal", en="Training, guidance and money to begin with"),
)

ENTERPRISE: Final = Enterprise(
    name="Abon Contoh",
    activity="abon ikan haruan",
    kbli=Coded(system="kbli-2020", code="10216"),
    scale=EnterpriseScale.MICRO,
    nib="9099001713798",
    year=2026,
    agency="dinas-koperasi",
    status=EnterpriseStatus.STARTED,
    region=_MANTUIL,
)

AGENCY: Final = Agency(
    id="dinas-kesehatan",
    name=Text(id="Dinas Kesehatan", en="Health agency"),
    abbreviation="Dinkes",
    systems=("e-puskesmas",),
)

REGION: Final = Region(
    code=_MANTUIL.code,
    name="Mantuil",
    level=RegionLevel.SUBDISTRICT,
    parent="63.71.01",
    postal_code="70244",
    bps_code="6371010001",
)

CLIENT: Final = RegisteredClient(
    id="dinkes-pelaporan",
    state=ClientState.STANDING,
    title_id="Pelaporan Dinkes",
    title_en="Health reporting",
    owner="Bidang Data, Dinas Kesehatan",
    agency="dinas-kesehatan",
    purpose="monthly figures of the health centres",
    auth_method=AuthMethod.KEY,
    key_ids=("2026-11",),
    jwks_uri=None,
    secret_until=None,
    secret_reason=None,
    native=False,
    redirect_uris=(),
    post_logout_redirect_uris=(),
    backchannel_logout_uri=None,
    origins=(),
    grant_types=("client_credentials",),
    scopes=("client.read",),
    nik_legal_basis=None,
    resource=None,
    audiences=(),
    exchange_audiences=(),
    dpop_required=False,
    quota=600,
    created_at=datetime(2026, 11, 23, 9, 0, tzinfo=WITA),
    expires_at=datetime(2027, 11, 30, tzinfo=WITA),
    withdrawn_at=None,
)

SYSTEM: Final = System(
    id="e-puskesmas",
    title=Text(id="e-Puskesmas: pendaftaran dan antrean", en="e-Puskesmas: registration and queues"),
    agency="dinas-kesehatan",
    adapter_version="1.0.0",
    assumed=True,
    resources=("appointment", "facility", "queue"),
    level=QualityLevel.SILVER,
    level_at=_on(11, 22),
    offices=(
        OfficeStatus(
            id="pekauman",
            title=Text(id="Puskesmas Pekauman", en="Puskesmas Pekauman"),
            circuit=CircuitState.CLOSED,
            last_success_at=_on(11, 23, 9, 14),
            snapshots=(
                SnapshotStatus(
                    resource="queue",
                    state=SourceState.HELD,
                    fetched_at=_on(11, 23, 9, 13),
                    records=4,
                    set_aside=0,
                ),
            ),
        ),
    ),
)
