"""Examples of good answers, for the document: synthetic records, masked and written by the same code as real ones.

Each is kept under the name of the model of the answer that it shows; a few answers have a second one.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from gateway.clock import WITA
from gateway.policy.asking import Asked, View
from gateway.policy.disclosure import kind_within
from gateway.policy.masks import mask
from gateway.policy.purposes import PURPOSE_TEXTS, Purpose
from gateway.routes import example_city as city
from gateway.routes import example_records as sample
from schemas.access import Access, Actor
from schemas.application import APPLICATION
from schemas.bill import BILL
from schemas.classes import Classed
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION
from schemas.enterprise import ENTERPRISE
from schemas.envelope import Cause, Source, SourceState, is_complete
from schemas.health import APPOINTMENT, FACILITY, QUEUE, VISIT
from schemas.planning import PLAN, PROPOSAL
from schemas.programme import ENROLMENT, PROGRAMME
from schemas.records import Body, Provenance
from schemas.resident import RESIDENT
from schemas.resources import Resource
from schemas.service import SERVICE
from schemas.texts import Text
from schemas.traffic import CAMERA, CONDITION, INCIDENT
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE

AT: Final = datetime(2026, 11, 23, 9, 14, 3, tzinfo=WITA)
"""The moment at which every example was asked for."""

_Part = tuple[Resource[Any, Any], Body, Source]


def opaque(prefix: str, key: str) -> str:
    """An id or cursor with the look of a real one; it opens nothing."""
    return f"{prefix}_{blake2b(key.encode(), digest_size=24).hexdigest()}"


def written(value: Classed, *, sparse: bool = False) -> dict[str, Any]:
    """A value as it is written to callers, in Indonesian; sparse without what does not apply."""
    made: dict[str, Any] = json.loads(value.model_dump_json(exclude_none=sparse))
    return made


def source(system: str, office: str | None = None, *, state: SourceState = SourceState.FRESH, items: int = 1) -> Source:
    """A source that contributed."""
    return Source(system=system, office=office, state=state, fetched_at=AT, items=items, set_aside=0)


def failed(system: str, office: str | None = None) -> Source:
    """A source that did not answer in time."""
    again = AT + timedelta(seconds=30)
    return Source(system=system, office=office, state=SourceState.FAILED, cause=Cause.TIMEOUT, retry_at=again)


def _item(part: _Part, view: View, *, kind: bool = False) -> dict[str, Any]:
    resource, body, came_from = part
    terms = Asked(
        resource=resource,
        query=resource.query(),
        view=View.PUBLIC if resource.public and not kind else view,
        principal=None,
        purpose=None,
    )
    shown = mask(body, terms.classes, release_numbers=terms.releases_numbers)
    provenance = Provenance(system=came_from.system, office=came_from.office, fetched_at=AT)
    identity = {"id": opaque(resource.prefix, resource.name)} | ({"kind": resource.name} if kind else {})
    fields = written(shown)
    if kind and "kind" in fields:
        fields[kind_within(resource.name)] = fields.pop("kind")
    return {**identity, **fields, "provenance": written(provenance)}


def _envelope(
    items: Iterable[dict[str, Any]], sources: tuple[Source, ...], cursor: str | None = None
) -> dict[str, Any]:
    return {
        "items": list(items),
        "next": cursor,
        "complete": is_complete(sources),
        "sources": [written(each, sparse=True) for each in sources],
    }


def _page(part: _Part, *others: Source, view: View = View.SELF, paged: bool = False) -> dict[str, Any]:
    cursor = opaque("kursor", part[0].name) if paged else None
    return _envelope([_item(part, view)], (part[2], *others), cursor)


def _overview(parts: tuple[_Part, ...], *others: Source) -> dict[str, Any]:
    named = [part[2].model_copy(update={"resource": part[0].name}) for part in parts]
    return _envelope((_item(part, View.SELF, kind=True) for part in parts), (*named, *others))


def _reference(value: Classed) -> dict[str, Any]:
    return _envelope([written(value)], ())


def _access() -> dict[str, Any]:
    return written(
        Access(
            id=opaque("acc", "access"),
            at=AT,
            actor=Actor.OFFICER,
            client="gerbang-web",
            purpose=PURPOSE_TEXTS[Purpose.APPLICATION_HANDLING],
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
_BILL: Final[_Part] = (BILL, city.BILL, source("pbb"))
_COMPLAINT: Final[_Part] = (COMPLAINT, city.COMPLAINT, source("lapor"))
_PROPOSAL: Final[_Part] = (PROPOSAL, city.PROPOSAL, source("sipd-rkpd"))
_VISITS: Final = tuple(
    Source(system="e-puskesmas", office=office, resource=VISIT.name, state=SourceState.DENIED)
    for office in ("cempaka", "pekauman", "sungai-jingah")
)
_RESIDENT: Final[_Part] = (RESIDENT, sample.RESIDENT, source("dukcapil"))
_APPLICATION: Final[_Part] = (APPLICATION, sample.APPLICATION, source("e-kelurahan"))
_APPOINTMENT: Final[_Part] = (APPOINTMENT, sample.APPOINTMENT, source("e-puskesmas", "pekauman"))
_ENROLMENT: Final[_Part] = (ENROLMENT, sample.ENROLMENT, source("wirausaha-baru", state=_HELD))
_SERVICE: Final[_Part] = (SERVICE, sample.SERVICE, source("e-kelurahan", state=_HELD, items=24))
_FACILITY: Final[_Part] = (FACILITY, sample.FACILITY, source("e-puskesmas", "pekauman", state=_HELD))
_QUEUE: Final[_Part] = (QUEUE, sample.QUEUE, source("e-puskesmas", "pekauman", state=_HELD))
_PROGRAMME: Final[_Part] = (PROGRAMME, sample.PROGRAMME, source("wirausaha-baru", state=_HELD, items=18))
_ENTERPRISE: Final[_Part] = (ENTERPRISE, sample.ENTERPRISE, source("wirausaha-baru", state=_HELD, items=587))

_QUIET_OFFICES: Final = tuple(source("e-puskesmas", office, items=0) for office in ("cempaka", "sungai-jingah"))
_HANGING: Final = failed("e-puskesmas", "pekauman")
_NAMED_HANGING: Final = _HANGING.model_copy(update={"resource": APPOINTMENT.name})

_FIRST_PAGE: Final = Text(id="Halaman pertama", en="First page")

EXAMPLES: Final[dict[str, tuple[Text, Callable[[], dict[str, Any]]]]] = {
    "IncidentList": (_FIRST_PAGE, lambda: _page((INCIDENT, city.INCIDENT, source("rtmc", state=_HELD)))),
    "CameraList": (_FIRST_PAGE, lambda: _page((CAMERA, city.CAMERA, source("atcs", state=_HELD)))),
    "ConditionList": (_FIRST_PAGE, lambda: _page((CONDITION, city.CONDITION, source("atcs", state=_HELD)))),
    "RouteList": (_FIRST_PAGE, lambda: _page((ROUTE, city.ROUTE, source("trans-banjarmasin", state=_HELD)))),
    "StopList": (_FIRST_PAGE, lambda: _page((STOP, city.STOP, source("trans-banjarmasin", state=_HELD)))),
    "DepartureList": (
        _FIRST_PAGE,
        lambda: _page((DEPARTURE, city.DEPARTURE, source("trans-banjarmasin", state=_HELD))),
    ),
    "VehicleList": (_FIRST_PAGE, lambda: _page((VEHICLE, city.VEHICLE, source("trans-banjarmasin", state=_HELD)))),
    "PlanList": (_FIRST_PAGE, lambda: _page((PLAN, city.PLAN, source("sipd-rkpd", state=_HELD)))),
    "ProposalList": (_FIRST_PAGE, lambda: _page((PROPOSAL, city.PROPOSAL, source("sipd-rkpd", state=_HELD)))),
    "ComplaintList": (_FIRST_PAGE, lambda: _page((COMPLAINT, city.COMPLAINT, source("lapor", state=_HELD)))),
    "ConsultationList": (
        _FIRST_PAGE,
        lambda: _page((CONSULTATION, city.CONSULTATION, source("konsultasi-publik", state=_HELD))),
    ),
    "VisitList": (_FIRST_PAGE, lambda: _page((VISIT, city.VISIT, source("e-puskesmas")))),
    "BillList": (_FIRST_PAGE, lambda: _page((BILL, city.BILL, source("pbb")))),
    "ComplaintAnswer": (
        Text(id="Satu aduan", en="One complaint"),
        lambda: {
            **_item((COMPLAINT, city.COMPLAINT, source("lapor", state=_HELD)), View.PUBLIC),
            "source": written(source("lapor", state=_HELD), sparse=True),
        },
    ),
    "AccessList": (Text(id="Satu akses petugas", en="One access by an officer"), lambda: _envelope([_access()], ())),
    "AgencyList": (Text(id="Satu dinas", en="One agency"), lambda: _reference(sample.AGENCY)),
    "ApplicationAnswer": (
        Text(id="Permohonan yang siap diambil", en="An application that is ready"),
        lambda: {**_item(_APPLICATION, View.SELF), "source": written(_APPLICATION[2], sparse=True)},
    ),
    "ApplicationList": (Text(id="Halaman pertama", en="First page"), lambda: _page(_APPLICATION, paged=True)),
    "AppointmentList": (
        Text(id="Semua puskesmas menjawab", en="Every health centre answered"),
        lambda: _page(_APPOINTMENT, *_QUIET_OFFICES),
    ),
    "AppointmentListIncomplete": (
        Text(id="Satu puskesmas tidak menjawab", en="One health centre did not answer"),
        lambda: _envelope([], (_HANGING, *_QUIET_OFFICES)),
    ),
    "EnterpriseList": (Text(id="Halaman pertama", en="First page"), lambda: _page(_ENTERPRISE, paged=True)),
    "FacilityList": (Text(id="Satu puskesmas", en="One health centre"), lambda: _page(_FACILITY)),
    "Liveness": (Text(id="Hidup", en="Alive"), lambda: {"alive": True}),
    "OverviewList": (
        Text(id="Semua sistem menjawab", en="Every system answered"),
        lambda: _overview((_RESIDENT, _APPLICATION, _APPOINTMENT, _ENROLMENT, _BILL, _COMPLAINT, _PROPOSAL), *_VISITS),
    ),
    "OverviewListIncomplete": (
        Text(id="e-puskesmas tidak menjawab", en="e-puskesmas did not answer"),
        lambda: _overview(
            (_RESIDENT, _APPLICATION, _ENROLMENT, _BILL, _COMPLAINT, _PROPOSAL), _NAMED_HANGING, *_VISITS
        ),
    ),
    "ProgrammeList": (Text(id="Halaman pertama", en="First page"), lambda: _page(_PROGRAMME, paged=True)),
    "QueueList": (Text(id="Antrean satu poli", en="The queue of one clinic"), lambda: _page(_QUEUE)),
    "Readiness": (Text(id="Siap", en="Ready"), lambda: {"ready": True, "checks": {"database": True, "copies": True}}),
    "ReadinessNotYet": (
        Text(id="Belum siap", en="Not ready yet"),
        lambda: {"ready": False, "checks": {"database": True, "copies": False}},
    ),
    "RegionList": (Text(id="Satu kelurahan", en="One kelurahan"), lambda: _reference(sample.REGION)),
    "ResidentList": (Text(id="Data diri sendiri", en="One's own record"), lambda: _page(_RESIDENT)),
    "ResidentListForOfficer": (
        Text(id="Sebagaimana dilihat petugas", en="As an officer sees it"),
        lambda: _page(_RESIDENT, view=View.OFFICER),
    ),
    "ServiceList": (Text(id="Halaman pertama", en="First page"), lambda: _page(_SERVICE, paged=True)),
    "System": (Text(id="Satu sistem", en="One system"), lambda: written(sample.SYSTEM)),
    "SystemList": (Text(id="Satu sistem", en="One system"), lambda: _reference(sample.SYSTEM)),
}
"""Every example by its name: what it shows, and how it is made."""


def examples_of(model: str) -> tuple[str, ...]:
    """The names of the examples of an answer's model, without those for other readers."""
    return tuple(name for name in (model, f"{model}Incomplete") if name in EXAMPLES)
