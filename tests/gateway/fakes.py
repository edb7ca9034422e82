"""Systems whose answers are Python values, and the gateway in front of them, without sockets."""

import dataclasses
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from adapters.contract import AdapterSpec, Batch, Content, Http, HttpOfficeSettings, Limits, Need, Normal, Reads
from adapters.errors import UnusableRecordError
from gateway.app import create_app
from gateway.authentication.callers import Callers
from gateway.authentication.errors import NotAuthenticatedError
from gateway.ground.clock import WITA
from gateway.policy.principal import MachinePrincipal, Principal, Role
from gateway.policy.scopes import scopes_of
from gateway.records.ids import RecordPlace
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.settings import Settings
from schemas.application import Application
from schemas.case import CaseStatus
from schemas.catalogue import RESOURCES
from schemas.codes import Coded
from schemas.complaint import Complaint
from schemas.consultation import Consultation
from schemas.facility import Facility
from schemas.health import Appointment
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.notice import NoticeStatus
from schemas.places import Location, RegionReference
from schemas.programme import Enrolment, Programme
from schemas.references import AgencyReference, Reference
from schemas.resident import Resident
from schemas.service import Service
from schemas.texts import Text
from schemas.traffic import INCIDENT_KINDS, Incident, IncidentKind
from tests.databases import lay_tables
from tests.leaks import kept_openly
from tests.lifted_limits import LIFTED_LIMITS

NIK = "6371994502900011"
OTHER_NIK = "6371992311850027"
MANTUIL, PEKAUMAN = "63.71.01.1001", "63.71.01.1003"
AGENCIES = """
[[agencies]]
id = "disdukcapil"
name = { id = "Dinas Kependudukan", en = "Civil Registration" }
"""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at=datetime(2026, 11, 23, 9, 0, tzinfo=WITA)):
        self.at = at

    def __call__(self):
        return self.at

    def forward(self, **span):
        self.at += timedelta(**span)


@dataclass
class Wire:
    """A wire record of a fake: its key and the body that it becomes; no body, when it cannot be normalised."""

    key: str
    body: object = None
    doubts: tuple = ()


def numbers(nik, *, exact=True):
    """The identifiers of somebody with this NIK, or of nobody."""
    return (Identifier(scheme=IdentifierScheme.NIK, value=nik, exact=exact),) if nik else ()


def application(nik=NIK, *, region=MANTUIL, status=CaseStatus.SUBMITTED, at=None, exact=True, **changes):
    return Application(
        kind=Coded(scheme="letter-type", code="domicile", text=Text(id="Domisili", en="Domicile")),
        status=status,
        submitted_at=at,
        applicant=Person(name="Siti Contoh", identifiers=numbers(nik, exact=exact), birth_date="1990-02-05"),
        location=Location(region=RegionReference.to(region)) if region else None,
        **changes,
    )


def resident(nik=NIK, *, exact=True, **changes):
    return Resident(name="Siti Contoh", identifiers=numbers(nik, exact=exact), **changes)


def appointment(nik=NIK, *, exact=True, **changes):
    return Appointment(
        facility=Reference(name="Puskesmas Pekauman"),
        holder=Person(name="Siti Contoh", identifiers=numbers(nik, exact=exact)),
        **changes,
    )


def enrolment(nik=NIK, *, exact=True, year=2026, **changes):
    holder = Person(name="Siti Contoh", identifiers=numbers(nik, exact=exact))
    return Enrolment(year=year, agency=AgencyReference(id="dinas-koperasi"), holder=holder, **changes)


def programme(name, year=2026, agency="dinas-koperasi", **changes):
    return Programme(name=Text(id=name, en=f"{name} (en)"), year=year, agency=AgencyReference(id=agency), **changes)


def service(code, **changes):
    agency = AgencyReference(id="tata-pemerintahan")
    return Service(
        kind=Coded(scheme="letter-type", code=code),
        name=Text(id=f"Surat {code}", en=f"Letter {code}"),
        agency=agency,
        **changes,
    )


def complaint(text, nik=NIK, **changes):
    applicant = Person(name="Siti Contoh", identifiers=numbers(nik))
    changes.setdefault("status", CaseStatus.SUBMITTED)
    return Complaint(number="AD-1", text=text, applicant=applicant, **changes)


def consultation(title, **changes):
    changes.setdefault("status", NoticeStatus.CONFIRMED)
    return Consultation(title=title, **changes)


def incident(title, **changes):
    kind = Coded.of(INCIDENT_KINDS, IncidentKind.FLOOD)
    return Incident(kind=kind, title=title, status=NoticeStatus.ACTIVE, **changes)


def facility(name):
    return Facility(name=name)


class Fake:
    """One system. `records[resource]` (or `records[resource, office]`) is what it holds; `asked` counts questions.

    `before` is awaited before each answer, with the resource's name and the call: it may raise, or take its time.
    `strict` systems answer about the subject only; others answer with all that they hold.
    """

    def __init__(self, system_id="register", *, asks=(), feeds=(), offices=(None,), needs=(Need.NIK,), **more):
        self.id, self.offices = system_id, offices
        self.asks, self.feeds, self.needs = asks, feeds, frozenset(needs)
        self.fresh, self.keep = more.pop("fresh", timedelta(hours=1)), more.pop("keep", timedelta(days=1))
        self.page, self.strict = more.pop("page", None), more.pop("strict", True)
        self.limits = Limits(concurrent=8, slowest=timedelta(seconds=5), **more)
        self.records, self.documents = {}, {}
        self.before = None
        self.asked = Counter()
        self.calls = []
        self.spec = AdapterSpec(
            id=system_id,
            agency="disdukcapil",
            title=Text(id=system_id.title(), en=system_id.title()),
            version="1",
            contact="-",
            settings=HttpOfficeSettings,
            limits=self.limits,
            needs=self.needs,
            probe=self._probe,
            probe_transport=Http(),
            reads=tuple(self._row(resource) for name, resource in RESOURCES.items() if name in (*asks, *feeds)),
        )

    @property
    def live(self):
        settings = HttpOfficeSettings(base_url="http://127.0.0.1:9")
        titled = [Office(name, Text(id=name) if name else None, settings) for name in self.offices]
        return LiveSystem(self.spec, tuple(titled))

    def _row(self, resource):
        name = resource.name

        async def ask(call, query, mark):
            await self._asked(name, call)
            held = self._held(name, call)
            if self.strict and call.subject is not None:
                held = [w for w in held if w.body is None or resource.owner(w.body).nik == call.subject.nik]
            return self._page(held, mark)

        async def one(call, key):
            await self._asked(name, call)
            return next((wire for wire in self._held(name, call) if wire.key == key), None)

        async def content(call, key, document_id):
            await self._asked("document", call)
            found = self.documents.get((key, document_id))
            return Content(found, "application/pdf", f"{name}-{document_id}.pdf") if found else None

        async def feed(call, mark):
            while True:
                await self._asked(name, call)
                batch = self._page(self._held(name, call), mark)
                yield batch
                if batch.next is None:
                    return
                mark = batch.next

        asked = name in self.asks
        return Reads(
            resource=resource,
            transport=Http(),
            normalise=_normalise,
            key=lambda wire: wire.key,
            ask=ask if asked else None,
            one=one if asked else None,
            content=content if asked else None,
            feed=None if asked else feed,
            fresh=self.fresh,
            keep=self.keep,
        )

    def _held(self, name, call):
        return self.records.get((name, call.office), self.records.get(name, []))

    def _page(self, held, mark):
        start = int(mark or 0)
        end = start + self.page if self.page else len(held)
        return Batch(tuple(held[start:end]), next=str(end) if end < len(held) else None)

    async def _asked(self, name, call):
        self.asked[name] += 1
        self.calls.append(call)
        if self.before is not None:
            await self.before(name, call)

    async def _probe(self, call):
        """Always there."""


def _normalise(wire):
    if wire.body is None:
        raise UnusableRecordError("the record has no body")
    return Normal(wire.body, wire.doubts)


def principal(name="resident", *, nik=NIK, roles=(Role.RESIDENT,), region=None, without=()):
    """Somebody with every scope of their roles but those `without`."""
    roles = frozenset(roles)
    return Principal(
        account_id=f"account-{name}",
        subject=f"subject-{name}",
        client_id="app",
        roles=roles,
        scopes=scopes_of(roles) - {"identity.nik"} - set(without),
        acr=1,
        auth_time=datetime(2026, 11, 23, tzinfo=WITA),
        token_id="-",
        nik=nik,
        region=region,
    )


PEOPLE = {
    "resident": principal(),
    "other": principal("other", nik=OTHER_NIK),
    "no-nik": principal("no-nik", nik=None),
    "officer": principal("officer", nik=None, roles=(Role.OFFICER,), region=MANTUIL),
    "operator": principal("operator", nik=None, roles=(Role.OPERATOR,)),
    "machine": MachinePrincipal("partner", None, frozenset({"client.read"}), None, "-"),
}


@dataclass
class Gateway:
    """The gateway under test. Whoever calls says who they are by the name of a principal of `people`."""

    app: object
    http: httpx.AsyncClient
    clock: Clock
    settings: Settings
    people: dict = field(default_factory=lambda: dict(PEOPLE))

    @property
    def deps(self):
        return self.app.state.deps

    async def get(self, path, who=None, *, purpose=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who:
            sent["authorization"] = f"Bearer {who}"
        if purpose:
            sent["gerbang-purpose"] = purpose
        return await self.http.get(path, headers=sent)

    def id_of(self, resource, system, key, office=None):
        """The public id of a record."""
        return self.deps.ids.make(resource.prefix, RecordPlace(resource.name, system.id, office, key))

    async def presented(self, request):
        """Stands in for the authenticator: the name of somebody is their token."""
        header = request.headers.get("authorization", "")
        if not header.startswith("Bearer "):
            return None
        who = header.removeprefix("Bearer ")
        if who not in self.people:
            raise NotAuthenticatedError("invalid_token", "nobody has this name")
        return self.people[who]


class NoPages:
    """Stands in for the web sessions: there are none."""

    async def caller(self, _request):
        """Nobody."""
        return


@asynccontextmanager
async def gateway_before(home, *systems, clock=None, agencies=AGENCIES, **settings):
    """The gateway before these systems, started; a SQLite database unless `settings` name another.

    Callers have no limits unless `settings` name some.
    """
    clock = clock or Clock()
    listed = home / "agencies.toml"
    listed.write_text(agencies)
    settings = {"limits": LIFTED_LIMITS} | settings
    read = Settings(mode="demo", home=home, port=8000, agencies=listed, **settings)
    lay_tables(read.database)
    app = create_app(read, clock=clock, registry=Registry(system.live for system in systems))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")
    gateway = Gateway(app, http, clock, read)
    app.state.deps = dataclasses.replace(app.state.deps, authenticate=Callers(gateway, NoPages()))
    async with app.router.lifespan_context(app), http:
        await gateway.deps.feeds.wait_until_tried()
        yield gateway
        assert kept_openly(read.database, {}) == set()
