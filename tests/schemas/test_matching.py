"""Every filter of every list: a record that meets it passes, another does not, and no record needs what it lacks."""

from datetime import UTC, date, datetime

import pytest

from gateway.api.openapi.examples import city, kinds
from gateway.api.openapi.examples import records as sample
from schemas.application import APPLICATION
from schemas.bill import BILL
from schemas.booking import BOOKING
from schemas.case import CASE
from schemas.codes import Coded
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION
from schemas.enterprise import ENTERPRISE
from schemas.entitlement import ENTITLEMENT
from schemas.facility import FACILITY, PLACE
from schemas.health import APPOINTMENT, VISIT
from schemas.notice import NOTICE, Severity
from schemas.places import Location, RegionReference
from schemas.planning import PLAN, PROPOSAL
from schemas.programme import ENROLMENT, PROGRAMME
from schemas.references import AgencyReference
from schemas.service import SERVICE
from schemas.traffic import CAMERA, CONDITION, INCIDENT
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE

POINT = city.STOP.location.position
BOX = ("114.5,-3.4,114.7,-3.2", "106,-7,107,-6")
BEFORE, AFTER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
FROM, UNTIL = (BEFORE, AFTER), (AFTER, BEFORE)
DAY_FROM, DAY_UNTIL = (date(2026, 1, 1), date(2030, 1, 1)), (date(2030, 1, 1), date(2026, 1, 1))
HERE = {"location": Location(text="Aula Contoh", region=RegionReference.to("63.71.01.1001"), position=POINT)}
CATEGORY = {"kind": Coded(scheme="category", code="22")}
OPEN_AND_MAJOR = {"accepts_contributions": True, "severity": Severity.MAJOR}
KELURAHAN = ("63.71.01.1001", "63.71.01.1003")

CASES = [
    (CASE, kinds.CASE, {"region": KELURAHAN, "kind": ("school-admission", "x"), "status": ("closed", "merged"),
        "submitted_from": DAY_FROM, "submitted_until": DAY_UNTIL}),
    (ENTITLEMENT, kinds.ENTITLEMENT.model_copy(update={"agency": AgencyReference(id="perpustakaan")}), {
        "kind": ("library-card", "x"), "agency": ("perpustakaan", "x"), "status": ("active", "expired")}),
    (BOOKING, kinds.BOOKING, {"kind": ("sports-hall", "x"), "day_from": DAY_FROM, "day_until": DAY_UNTIL,
        "status": ("booked", "called")}),
    (PLACE, kinds.PLACE, {"region": KELURAHAN, "kind": ("library", "x"), "bbox": BOX, "text": ("contoh", "jembatan")}),
    (NOTICE, kinds.NOTICE.model_copy(update=HERE), {"kind": ("water-outage", "x"), "severity": ("moderate", "major"),
        "status": ("confirmed", "active"), "region": KELURAHAN, "starts_from": FROM, "starts_until": UNTIL, "bbox": BOX,
        "text": ("pipa", "jembatan")}),
    (SERVICE, sample.SERVICE, {"agency": ("tata-pemerintahan", "x"), "kind": ("domicile", "x"),
        "status": ("active", "withdrawn"), "text": ("surat pengantar", "jembatan")}),
    (PROGRAMME, sample.PROGRAMME, {"year": (2026, 2025), "agency": ("dinas-koperasi", "x"), "closes_from": DAY_FROM,
        "closes_until": DAY_UNTIL, "text": ("wirausaha", "jembatan")}),
    (ENROLMENT, sample.ENROLMENT.model_copy(update=CATEGORY), {
        "kind": ("22", "23"), "year": (2026, 2025), "agency": ("dinas-koperasi", "x"),
        "programme": ("prg_9c4t6y", "x"),
        "status": ("active", "revoked")}),
    (ENTERPRISE, sample.ENTERPRISE, {"region": KELURAHAN, "year": (2026, 2025), "status": ("started", "moved"),
        "agency": ("dinas-koperasi", "x"), "text": ("ikan", "jembatan")}),
    (FACILITY, sample.FACILITY, {"region": KELURAHAN[::-1], "kind": ("puskesmas", "clinic"), "bbox": BOX,
        "text": ("pkm pekauman", "jembatan")}),
    (APPLICATION, sample.APPLICATION, {"region": KELURAHAN, "status": ("ready", "draft"), "kind": ("domicile", "x"),
        "submitted_from": DAY_FROM, "submitted_until": DAY_UNTIL}),
    (APPOINTMENT, sample.APPOINTMENT.model_copy(update=CATEGORY), {"kind": ("22", "23"),
        "day_from": DAY_FROM, "day_until": DAY_UNTIL, "status": ("booked", "called")}),
    (VISIT, city.VISIT, {"starts_from": DAY_FROM, "starts_until": DAY_UNTIL, "status": ("finished", "arrived")}),
    (INCIDENT, city.INCIDENT.model_copy(update=HERE), {"kind": ("flood", "fire"), "severity": ("moderate", "major"),
        "status": ("active", "resolved"), "region": KELURAHAN, "starts_from": FROM, "starts_until": UNTIL, "bbox": BOX,
        "text": ("jl contoh", "jembatan")}),
    (CAMERA, city.CAMERA, {"status": ("online", "offline"), "bbox": BOX, "text": ("simpang", "jembatan")}),
    (CONDITION, city.CONDITION.model_copy(update=HERE), {"congestion": ("heavy", "free"), "observed_from": FROM,
        "observed_until": UNTIL, "bbox": BOX, "text": ("jl. contoh", "jembatan")}),
    (ROUTE, city.ROUTE, {"mode": ("bus", "boat"), "text": ("k1 terminal", "jembatan")}),
    (STOP, city.STOP, {"mode": ("bus", "boat"), "bbox": BOX, "text": ("halte", "jembatan")}),
    (DEPARTURE, city.DEPARTURE, {"stop": ("stp_0f3k9a", "x"), "departs_from": FROM, "departs_until": UNTIL}),
    (VEHICLE, city.VEHICLE, {"route": ("rte_7d2m1c", "x"), "seen_from": FROM, "seen_until": UNTIL, "bbox": BOX}),
    (PLAN, city.PLAN, {"year": (2026, 2025),
        "level": ("activity", "programme"), "code": ("2.15.02", "2.16"), "agency": ("dinas-perhubungan", "x"),
        "text": ("angkutan", "jembatan")}),
    (PROPOSAL, city.PROPOSAL.model_copy(update=HERE | CATEGORY), {"year": (2027, 2025), "region": KELURAHAN,
        "kind": ("22", "23"), "stage": ("kecamatan", "agency"), "status": ("under-review", "rejected"),
        "submitted_from": DAY_FROM, "submitted_until": DAY_UNTIL, "bbox": BOX, "text": ("titian", "jembatan")}),
    (COMPLAINT, city.COMPLAINT.model_copy(update=HERE | CATEGORY), {"status": ("answered", "merged"),
        "region": KELURAHAN, "kind": ("22", "23"), "submitted_from": DAY_FROM, "submitted_until": DAY_UNTIL,
        "bbox": BOX, "text": ("lampu padam", "jembatan")}),
    (CONSULTATION, city.CONSULTATION.model_copy(update=HERE | CATEGORY | OPEN_AND_MAJOR), {
        "severity": ("major", "minor"),
        "stage": ("initial-draft", "city"), "status": ("confirmed", "cancelled"), "region": KELURAHAN,
        "kind": ("22", "23"), "starts_from": FROM, "starts_until": UNTIL, "accepts_contributions": (True, False),
        "bbox": BOX, "text": ("aula", "jembatan")}),
    (BILL, city.BILL, {"kind": ("pbb", "x"), "year": (2026, 2025), "status": ("unpaid", "paid"), "due_from": DAY_FROM,
        "due_until": DAY_UNTIL}),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "body", "filters"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_each_filter_lets_through_what_meets_it_and_nothing_else(resource, body, filters):
    assert set(filters) == set(resource.query.model_fields)
    assert resource.matches(body, resource.query())
    for name, (met, missed) in filters.items():
        assert resource.matches(body, resource.query.model_validate({name: met})), name
        assert not resource.matches(body, resource.query.model_validate({name: missed})), name
    together = {name: met for name, (met, _) in filters.items()}
    assert resource.matches(body, resource.query.model_validate(together))


@pytest.mark.parametrize(("resource", "body", "filters"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_a_record_that_lacks_what_is_asked_for_is_left_out_and_not_a_fault(resource, body, filters):
    fields = type(body).model_fields.items()
    bare = body.model_copy(update={name: info.default for name, info in fields if not info.is_required()})
    assert resource.matches(bare, resource.query())
    for name, (met, _) in filters.items():
        resource.matches(bare, resource.query.model_validate({name: met}))
    if resource.searched is not None:
        assert all(text is None or text != "None" for text in resource.searched(bare) if isinstance(text, str))


@pytest.mark.parametrize(
    ("resource", "body", "filters"),
    [case for case in CASES if "region" in case[2]],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_region_means_itself_and_all_below_it(resource, body, filters):
    kelurahan = filters["region"][0]
    kecamatan, other_kecamatan = kelurahan[: len("63.71.01")], "63.71.02"
    for region, met in ((kelurahan, True), (kecamatan, True), ("63.71", True), (other_kecamatan, False)):
        assert resource.matches(body, resource.query.model_validate({"region": region})) is met, region
