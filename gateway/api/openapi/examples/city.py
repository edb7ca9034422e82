"""Synthetic records of traffic, transit, planning, complaints and consultations for the examples."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from gateway.ground.clock import WITA
from schemas.bill import Bill, BillStatus, Payer
from schemas.complaint import AgencyReply, Complaint, ComplaintStatus
from schemas.consultation import Consultation, ConsultationStage, Contribution
from schemas.health import Patient, Visit, VisitStatus
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.money import Money
from schemas.places import Point, RegionReference
from schemas.planning import Plan, PlanLevel, PlanScheme, Proposal, ProposalStatus
from schemas.texts import Coded, Text
from schemas.traffic import (
    Camera,
    CameraStatus,
    Condition,
    Congestion,
    Incident,
    IncidentKind,
    IncidentStatus,
    Severity,
)
from schemas.transit import Departure, Route, Stop, TransitMode, Vehicle

_AT: Final = datetime(2026, 11, 23, 8, 30, tzinfo=WITA)
_POINT: Final = Point(coordinates=(114.59, -3.32))
_MANTUIL: Final = RegionReference(code="63.71.01.1001", name="Mantuil")
_NIK: Final = (Identifier(scheme=IdentifierScheme.NIK, value="6371994502900011"),)

INCIDENT: Final = Incident(
    kind=IncidentKind.FLOOD,
    title="Genangan di Jalan Contoh",
    severity=Severity.MODERATE,
    status=IncidentStatus.ACTIVE,
    starts_at=_AT,
    place="Jalan Contoh",
    position=_POINT,
)
CAMERA: Final = Camera(code="SIMPANG-CONTOH-1", name="Simpang Contoh 1", position=_POINT, status=CameraStatus.ONLINE)
CONDITION: Final = Condition(road="Jalan Contoh", congestion=Congestion.HEAVY, observed_at=_AT, speed=18.5)
ROUTE: Final = Route(key="K1", name="Terminal - Pasar Contoh", short_name="K1", mode=TransitMode.BUS)
STOP: Final = Stop(key="H 01", name="Halte Contoh", position=_POINT, mode=TransitMode.BUS)
DEPARTURE: Final = Departure(
    stop_key="H 01",
    route_key="K1",
    trip_key="K1-0830",
    headsign="Pasar Contoh",
    on=date(2026, 11, 23),
    departs_at=_AT,
)
VEHICLE: Final = Vehicle(label="7f3a90c1", route_key="K1", position=_POINT, speed=21.0, seen_at=_AT)
PLAN: Final = Plan(
    year=2026,
    scheme=PlanScheme.PERMENDAGRI_90_2019,
    code="2.15.02.2.09",
    level=PlanLevel.ACTIVITY,
    name="Penyediaan angkutan umum",
    ceiling=Money(amount=Decimal(250_000_000)),
)
PROPOSAL: Final = Proposal(
    year=2027,
    problem="Titian rusak",
    title="Perbaikan titian",
    region=_MANTUIL,
    amount=Money(amount=Decimal(75_000_000)),
    status=ProposalStatus.DISTRICT,
    submitted_at=_AT,
)
COMPLAINT: Final = Complaint(
    number="AD-000123",
    title="Lampu jalan padam",
    text="Lampu jalan padam sejak tiga hari yang lalu.",
    status=ComplaintStatus.ANSWERED,
    created_at=_AT,
    region=_MANTUIL,
    answers=(AgencyReply(text="Petugas dijadwalkan besok.", at=_AT),),
)
CONTRIBUTION: Final = Contribution(
    text="Titian di tepi sungai perlu pagar.", answer="Masuk rancangan kegiatan tahun depan.", at=_AT
)
CONSULTATION: Final = Consultation(
    title="Forum konsultasi rancangan awal",
    code="FKP-2026-01",
    stage=ConsultationStage.INITIAL_DRAFT,
    starts_at=_AT,
    venue="Aula Contoh",
)
VISIT: Final = Visit(
    facility_name="PUSKESMAS CONTOH",
    clinic=Coded(system="clinic", code="general", display=Text(id="Poli Umum", en="General clinic")),
    starts_at=_AT,
    status=VisitStatus.FINISHED,
    patient=Patient(name="WARGA CONTOH", identifiers=_NIK),
)
BILL: Final = Bill(
    kind=Coded(system="bill-kind", code="pbb", display=Text(id="Pajak bumi dan bangunan", en="Land and building tax")),
    number="000123",
    year=2026,
    amount=Money(amount=Decimal(325_000)),
    due_on=date(2026, 9, 30),
    status=BillStatus.UNPAID,
    payer=Payer(name="WARGA CONTOH", identifiers=_NIK),
)
