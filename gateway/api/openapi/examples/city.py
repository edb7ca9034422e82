"""Synthetic records of traffic, transit, planning, complaints and consultations for the examples, and a code list."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from gateway.ground.clock import WITA
from schemas.bill import Bill, BilledObject, BillStatus
from schemas.case import CaseStatus
from schemas.code_lists import CodeList, CodeValue
from schemas.codes import Coded
from schemas.complaint import Complaint
from schemas.consultation import Consultation, ConsultationStage, Contribution
from schemas.dates import Period
from schemas.event import Event
from schemas.health import Visit, VisitStatus
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.money import Money
from schemas.notice import NoticeStatus, Severity
from schemas.places import LineString, Location, Point, RegionReference
from schemas.planning import Plan, PlanLevel, PlanScheme, Proposal, ProposalStage
from schemas.references import AgencyReference, Reference
from schemas.texts import Text
from schemas.traffic import (
    INCIDENT_KINDS,
    Camera,
    CameraStatus,
    Condition,
    Congestion,
    Incident,
    IncidentKind,
)
from schemas.transit import Departure, Route, Stop, TransitMode, Vehicle, WheelchairBoarding

_AT: Final = datetime(2026, 11, 23, 8, 30, tzinfo=WITA)
_POINT: Final = Point(coordinates=(114.59, -3.32))
_MANTUIL: Final = RegionReference(code="63.71.01.1001", name="Mantuil")
_NIK: Final = (Identifier(scheme=IdentifierScheme.NIK, value="6371994502900011"),)

INCIDENT: Final = Incident(
    kind=Coded.of(INCIDENT_KINDS, IncidentKind.FLOOD),
    title="Genangan di Jalan Contoh",
    severity=Severity.MODERATE,
    status=NoticeStatus.ACTIVE,
    starts_at=_AT,
    location=Location(text="Jalan Contoh", position=_POINT),
)
CAMERA: Final = Camera(name="Simpang Contoh 1", location=Location(position=_POINT), status=CameraStatus.ONLINE)
CONDITION: Final = Condition(road="Jalan Contoh", congestion=Congestion.HEAVY, observed_at=_AT, speed=18.5)
ROUTE: Final = Route(
    name="Terminal - Pasar Contoh",
    short_name="K1",
    mode=TransitMode.BUS,
    colour="1565C0",
    text_colour="FFFFFF",
    stops=(Reference(id="stp_0f3k9a", name="Halte Contoh"), Reference(id="stp_4s6t1b", name="Pasar Contoh")),
    shape=LineString(coordinates=((114.59, -3.32), (114.6, -3.33))),
)
STOP: Final = Stop(
    name="Halte Contoh",
    code="0008",
    location=Location(position=_POINT),
    mode=TransitMode.BUS,
    wheelchair_boarding=WheelchairBoarding.POSSIBLE,
)
DEPARTURE: Final = Departure(
    stop=Reference(id="stp_0f3k9a", name="Halte Contoh"),
    route=Reference(id="rte_7d2m1c", name="K1"),
    trip="K1-0830",
    headsign="Pasar Contoh",
    service_day=date(2026, 11, 23),
    departs_at=_AT,
)
VEHICLE: Final = Vehicle(
    label="7f3a90c1",
    route=Reference(id="rte_7d2m1c", name="K1"),
    trip="K1-0830",
    location=Location(position=_POINT),
    speed=21.0,
    seen_at=_AT,
)
PLAN: Final = Plan(
    year=2026,
    code=Coded(scheme=PlanScheme.PERMENDAGRI_90_2019, code="2.15.02.2.09"),
    parent=Coded(scheme=PlanScheme.PERMENDAGRI_90_2019, code="2.15.02"),
    level=PlanLevel.ACTIVITY,
    name="Penyediaan angkutan umum",
    agency=AgencyReference(id="dinas-perhubungan", name=Text(id="Dinas Perhubungan", en="Transport Agency")),
    ceiling=Money(amount=Decimal(250_000_000)),
)
PROPOSAL: Final = Proposal(
    number="70311",
    year=2027,
    text="Titian rusak",
    title="Perbaikan titian",
    location=Location(region=_MANTUIL),
    stage=ProposalStage.KECAMATAN,
    amount=Money(amount=Decimal(75_000_000)),
    status=CaseStatus.UNDER_REVIEW,
    submitted_at=_AT,
)
COMPLAINT: Final = Complaint(
    number="AD-000123",
    title="Lampu jalan padam",
    text="Lampu jalan padam sejak tiga hari yang lalu.",
    status=CaseStatus.ANSWERED,
    submitted_at=_AT,
    location=Location(region=_MANTUIL),
    history=(Event(at=_AT, by=Text(id="Dinas Perhubungan"), text="Petugas dijadwalkan besok."),),
)
CONTRIBUTION: Final = Contribution(
    id="12",
    at=_AT,
    text="Titian di tepi sungai perlu pagar.",
    topic="infrastruktur",
    answer=Event(text="Masuk rancangan kegiatan tahun depan."),
)
CONSULTATION: Final = Consultation(
    kind=Coded(
        scheme="consultation-kind",
        code="consultation-forum",
        text=Text(id="Forum konsultasi publik", en="Public consultation forum"),
    ),
    title="Forum konsultasi rancangan awal",
    status=NoticeStatus.CONFIRMED,
    stage=ConsultationStage.INITIAL_DRAFT,
    starts_at=_AT,
    location=Location(text="Aula Contoh"),
)
VISIT: Final = Visit(
    facility=Reference(id="fac_5b8q2w", name="PUSKESMAS CONTOH"),
    clinic=Coded(scheme="clinic", code="general", text=Text(id="Poli Umum", en="General clinic")),
    starts_at=_AT,
    status=VisitStatus.FINISHED,
    patient=Person(name="WARGA CONTOH", identifiers=_NIK),
)
BILL: Final = Bill(
    kind=Coded(scheme="bill-kind", code="pbb", text=Text(id="Pajak bumi dan bangunan", en="Land and building tax")),
    object=BilledObject(number="63.71.990.001.001-0123.0"),
    period=Period.year(2026),
    amount=Money(amount=Decimal(325_000)),
    penalty=Money(amount=Decimal(0)),
    total_due=Money(amount=Decimal(325_000)),
    due_on=date(2026, 9, 30),
    status=BillStatus.UNPAID,
    payer=Person(name="WARGA CONTOH", identifiers=_NIK),
)
LETTER_TYPES: Final = CodeList(
    scheme="letter-type",
    name=Text(id="Jenis surat", en="Type of letter"),
    values=(CodeValue(code="domicile", text=Text(id="Surat Keterangan Domisili", en="Statement of domicile")),),
)
