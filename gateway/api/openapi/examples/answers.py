"""Examples of successful answers: synthetic records, masked and serialised by the same code as real ones.

The key of each example is the name of the answer's model; some models have a second example.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from gateway.api.openapi.examples import account, city, kinds, own_data
from gateway.api.openapi.examples import records as sample
from gateway.api.openapi.examples.pages import (
    AT,
    ExampleRecord,
    as_json,
    envelope,
    failed,
    opaque,
    overview,
    page,
    record_answer,
    reference,
    source,
)
from gateway.api.openapi.models import resource_name
from gateway.federation.readiness import check_requirement
from gateway.policy.narrowing import CallerView
from gateway.policy.purposes import Purpose
from schemas.access import Access, Actor
from schemas.application import APPLICATION
from schemas.bill import BILL
from schemas.booking import BOOKING
from schemas.case import CASE
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION
from schemas.enterprise import ENTERPRISE
from schemas.entitlement import ENTITLEMENT
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.facility import FACILITY, PLACE, QUEUE
from schemas.health import APPOINTMENT, VISIT
from schemas.notice import NOTICE
from schemas.planning import PLAN, PROPOSAL
from schemas.programme import ENROLMENT, PROGRAMME
from schemas.records import Provenance, Record
from schemas.resident import RESIDENT
from schemas.service import SERVICE
from schemas.texts import Text
from schemas.traffic import CAMERA, CONDITION, INCIDENT
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE


def _access() -> dict[str, Any]:
    return as_json(
        Access(
            id=opaque("acc", "access"),
            at=AT,
            actor=Actor.OFFICER,
            client="gerbang-web",
            purpose=Purpose.APPLICATION_HANDLING.text,
            operation="listApplications",
            resource=APPLICATION.name,
            systems=("e-kelurahan",),
            records=1,
            classes=("general", "personal"),
            result="shown",
            request_id="0f6d3c52-7f0e-4a51-9a0c-1f2b8a7f5d10",
        )
    )


_HELD: Final = SourceState.HELD
_BILL: Final[ExampleRecord] = (BILL, city.BILL, source("pbb"))
_COMPLAINT: Final[ExampleRecord] = (COMPLAINT, city.COMPLAINT, source("lapor"))
_PROPOSAL: Final[ExampleRecord] = (PROPOSAL, city.PROPOSAL, source("sipd-rkpd"))
_VISITS: Final = tuple(
    OfficeSource(
        system="e-puskesmas",
        office=office,
        resource=VISIT.name,
        state=SourceState.DENIED,
        cause=Cause.STRONGER_SIGN_IN_NEEDED,
    )
    for office in ("cempaka", "pekauman", "sungai-jingah")
)
_RESIDENT: Final[ExampleRecord] = (RESIDENT, sample.RESIDENT, source("dukcapil"))
_APPLICATION: Final[ExampleRecord] = (APPLICATION, sample.APPLICATION, source("e-kelurahan"))
_APPOINTMENT: Final[ExampleRecord] = (APPOINTMENT, sample.APPOINTMENT, source("e-puskesmas", "pekauman"))
_ENROLMENT: Final[ExampleRecord] = (ENROLMENT, sample.ENROLMENT, source("wirausaha-baru", state=_HELD))
_SERVICE: Final[ExampleRecord] = (SERVICE, sample.SERVICE, source("e-kelurahan", state=_HELD, items=24))
_FACILITY: Final[ExampleRecord] = (FACILITY, sample.FACILITY, source("e-puskesmas", "pekauman", state=_HELD))
_QUEUE: Final[ExampleRecord] = (QUEUE, sample.QUEUE, source("e-puskesmas", "pekauman", state=_HELD))
_PROGRAMME: Final[ExampleRecord] = (PROGRAMME, sample.PROGRAMME, source("wirausaha-baru", state=_HELD, items=18))
_ENTERPRISE: Final[ExampleRecord] = (ENTERPRISE, sample.ENTERPRISE, source("wirausaha-baru", state=_HELD, items=587))

_INCIDENT: Final[ExampleRecord] = (INCIDENT, city.INCIDENT, source("rtmc", state=_HELD))
_CAMERA: Final[ExampleRecord] = (CAMERA, city.CAMERA, source("atcs", state=_HELD))
_CONDITION: Final[ExampleRecord] = (CONDITION, city.CONDITION, source("atcs", state=_HELD))
_ROUTE: Final[ExampleRecord] = (ROUTE, city.ROUTE, source("trans-banjarmasin", state=_HELD))
_STOP: Final[ExampleRecord] = (STOP, city.STOP, source("trans-banjarmasin", state=_HELD))
_DEPARTURE: Final[ExampleRecord] = (DEPARTURE, city.DEPARTURE, source("trans-banjarmasin", state=_HELD))
_VEHICLE: Final[ExampleRecord] = (VEHICLE, city.VEHICLE, source("trans-banjarmasin", state=_HELD))
_PLAN: Final[ExampleRecord] = (PLAN, city.PLAN, source("sipd-rkpd", state=_HELD))
_VISIT: Final[ExampleRecord] = (VISIT, city.VISIT, source("e-puskesmas", "pekauman"))
_CONSULTATION: Final[ExampleRecord] = (CONSULTATION, city.CONSULTATION, source("konsultasi-publik", state=_HELD))
_GENERIC: Final[tuple[ExampleRecord, ...]] = (
    (CASE, kinds.CASE, source("example-system")),
    (ENTITLEMENT, kinds.ENTITLEMENT, source("example-system")),
    (BOOKING, kinds.BOOKING, source("example-system")),
    (PLACE, kinds.PLACE, source("example-system", state=_HELD)),
    (NOTICE, kinds.NOTICE, source("example-system", state=_HELD)),
)
_SERVICE_SOURCE: Final = source("e-kelurahan", state=_HELD).model_copy(update={"resource": SERVICE.name})
_RESIDENT_SOURCE: Final = source("dukcapil").model_copy(update={"resource": RESIDENT.name})
_NAMED_FAILING: Final = failed("dukcapil").model_copy(update={"resource": RESIDENT.name})
_MINE: Final = Record(opaque("res", "resident"), "-", sample.RESIDENT, Provenance(system="dukcapil", fetched_at=AT))
_READINESS: Final = tuple(
    check_requirement(requirement, {RESIDENT.name: (_MINE,)}, (_RESIDENT_SOURCE,))
    for requirement in sample.SERVICE.requirements
)
_UNKNOWABLE: Final = check_requirement(sample.SERVICE.requirements[0], {}, (_NAMED_FAILING,))

_QUIET_OFFICES: Final = tuple(source("e-puskesmas", office, items=0) for office in ("cempaka", "sungai-jingah"))
_HANGING: Final = failed("e-puskesmas", "pekauman")

_FIRST_PAGE: Final = Text(id="Halaman pertama", en="First page")

_SINGLE: Final = (
    *(_RESIDENT, _APPLICATION, _APPOINTMENT, _VISIT, _ENROLMENT, _BILL, _COMPLAINT, _PROPOSAL, _SERVICE, _FACILITY),
    *(_PROGRAMME, _ENTERPRISE, _CONSULTATION, _INCIDENT, _CAMERA, _CONDITION, _ROUTE, _STOP, _VEHICLE, _PLAN),
)
"""The records that an answer may consist of."""

EXAMPLES: Final[dict[str, tuple[Text, Callable[[], dict[str, Any]]]]] = {
    **{
        f"{resource_name(one[0])}Answer": (one[0].title, partial(record_answer, one, CallerView.SELF))
        for one in _SINGLE
    },
    **{f"Any{resource_name(one[0])}List": (_FIRST_PAGE, partial(page, one)) for one in _GENERIC},
    **{
        f"Any{resource_name(one[0])}Answer": (one[0].title, partial(record_answer, one, CallerView.SELF))
        for one in _GENERIC
    },
    "IncidentList": (_FIRST_PAGE, lambda: page(_INCIDENT)),
    "CameraList": (_FIRST_PAGE, lambda: page(_CAMERA)),
    "ConditionList": (_FIRST_PAGE, lambda: page(_CONDITION)),
    "RouteList": (_FIRST_PAGE, lambda: page(_ROUTE)),
    "StopList": (_FIRST_PAGE, lambda: page(_STOP)),
    "DepartureList": (_FIRST_PAGE, lambda: page(_DEPARTURE)),
    "VehicleList": (_FIRST_PAGE, lambda: page(_VEHICLE)),
    "PlanList": (_FIRST_PAGE, lambda: page(_PLAN)),
    "ProposalList": (_FIRST_PAGE, lambda: page((PROPOSAL, city.PROPOSAL, source("sipd-rkpd", state=_HELD)))),
    "ComplaintList": (_FIRST_PAGE, lambda: page((COMPLAINT, city.COMPLAINT, source("lapor", state=_HELD)))),
    "ConsultationList": (_FIRST_PAGE, lambda: page(_CONSULTATION)),
    "VisitList": (_FIRST_PAGE, lambda: page(_VISIT)),
    "BillList": (_FIRST_PAGE, lambda: page((BILL, city.BILL, source("pbb")))),
    "EnrolmentList": (Text(id="Kepesertaan sendiri", en="The caller's own enrolment"), lambda: page(_ENROLMENT)),
    "ContributionList": (
        Text(id="Satu masukan dan jawabannya", en="A contribution and its answer"),
        lambda: envelope([as_json(city.CONTRIBUTION)], (_CONSULTATION[2],)),
    ),
    "RequirementReadinessList": (
        Text(id="Satu sudah ada, satu harus dibawa", en="One requirement is met, one document must be brought"),
        lambda: envelope(map(as_json, _READINESS), (_SERVICE_SOURCE, _RESIDENT_SOURCE)),
    ),
    "RequirementReadinessListIncomplete": (
        Text(id="dukcapil tidak menjawab", en="dukcapil did not answer"),
        lambda: envelope([as_json(_UNKNOWABLE)], (_SERVICE_SOURCE, _NAMED_FAILING)),
    ),
    "SearchList": (
        Text(id="Dua yang ditemukan", en="Two matches"),
        lambda: {**overview((_CONSULTATION, _COMPLAINT)), "found": 2},
    ),
    "AccessList": (Text(id="Satu akses petugas", en="Access by an officer"), lambda: envelope([_access()], ())),
    "AccountConsentList": (Text(id="Satu aplikasi", en="One application"), account.consents),
    "AccountLinkList": (Text(id="Satu akun terhubung", en="One linked account"), account.links),
    "AccountSessionList": (Text(id="Aplikasi dan peramban", en="An app and a browser"), account.sessions),
    "LinkCode": (Text(id="Kode baru", en="A new code"), account.code),
    "AgencyList": (Text(id="Satu dinas", en="One agency"), lambda: reference(own_data.AGENCY)),
    "ApplicationList": (Text(id="Halaman pertama", en="First page"), lambda: page(_APPLICATION, paged=True)),
    "AppointmentList": (
        Text(id="Semua puskesmas menjawab", en="Every health centre answered"),
        lambda: page(_APPOINTMENT, *_QUIET_OFFICES),
    ),
    "AppointmentListIncomplete": (
        Text(id="Satu puskesmas tidak menjawab", en="One health centre did not answer"),
        lambda: envelope([], (_HANGING, *_QUIET_OFFICES)),
    ),
    "VerificationResult": (Text(id="Terverifikasi", en="Verified"), lambda: {"verified": True}),
    "EnterpriseList": (Text(id="Halaman pertama", en="First page"), lambda: page(_ENTERPRISE, paged=True)),
    "FacilityList": (Text(id="Satu puskesmas", en="One health centre"), lambda: page(_FACILITY)),
    "Liveness": (Text(id="Hidup", en="Alive"), lambda: {"alive": True}),
    "OverviewList": (
        Text(id="Semua sistem menjawab", en="Every system answered"),
        lambda: overview((_RESIDENT, _APPLICATION, _APPOINTMENT, _ENROLMENT, _BILL, _COMPLAINT, _PROPOSAL), *_VISITS),
    ),
    "OverviewListIncomplete": (
        Text(id="Satu puskesmas tidak menjawab", en="One health centre did not answer"),
        lambda: overview(
            (_RESIDENT, _APPLICATION, _ENROLMENT, _BILL, _COMPLAINT, _PROPOSAL),
            *(one.model_copy(update={"resource": APPOINTMENT.name}) for one in (_HANGING, *_QUIET_OFFICES)),
            *_VISITS,
        ),
    ),
    "ProgrammeList": (Text(id="Halaman pertama", en="First page"), lambda: page(_PROGRAMME, paged=True)),
    "QueueList": (Text(id="Antrean satu poli", en="The queue of one clinic"), lambda: page(_QUEUE)),
    "ClientAnswer": (
        Text(id="Mesin dengan kunci sendiri", en="A machine with a private key"),
        lambda: {**as_json(own_data.CLIENT), "secret": None},
    ),
    "RegisteredClientList": (Text(id="Satu klien", en="One client"), lambda: reference(own_data.CLIENT)),
    "Readiness": (
        Text(id="Siap", en="Ready"),
        lambda: {"ready": True, "checks": {"database": True, "snapshots": True, "access_log": True, "serving": True}},
    ),
    "ReadinessNotYet": (
        Text(id="Belum siap", en="Not ready yet"),
        lambda: {"ready": False, "checks": {"database": True, "snapshots": False, "access_log": True, "serving": True}},
    ),
    "CodeSchemeList": (Text(id="Satu daftar", en="One list"), lambda: reference(city.LETTER_TYPES.summary())),
    "CodeValueList": (Text(id="Satu surat", en="One letter"), lambda: reference(city.LETTER_TYPES.values[0])),
    "RegionList": (Text(id="Satu kelurahan", en="One kelurahan"), lambda: reference(own_data.REGION)),
    "ResidentList": (Text(id="Data diri sendiri", en="The caller's own record"), lambda: page(_RESIDENT)),
    "ResidentListForOfficer": (
        Text(id="Sebagaimana dilihat petugas", en="As shown to an officer"),
        lambda: page(_RESIDENT, view=CallerView.OFFICER),
    ),
    "ServiceList": (Text(id="Halaman pertama", en="First page"), lambda: page(_SERVICE, paged=True)),
    "System": (Text(id="Satu sistem", en="One system"), lambda: as_json(own_data.SYSTEM)),
    "SystemList": (Text(id="Satu sistem", en="One system"), lambda: reference(own_data.SYSTEM)),
}
"""Every example by name: its summary, and the function that builds it."""


def examples_of(model: str) -> tuple[str, ...]:
    """Return the names of the examples of an answer's model, except those for other callers."""
    return tuple(name for name in (model, f"{model}Incomplete") if name in EXAMPLES)
