"""A public service of an agency (CPSV-AP PublicService; the components of a service standard in UU 25/2009)."""

from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import PHASE_OF_STATUS, TEXT_OF_STATUS, Code, Coded, Phase, Status, StatusPhase, StatusText
from schemas.filters import Words, mentions
from schemas.money import Money
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Query, Resource
from schemas.texts import Text


class ServiceStatus(Status):
    """Whether a service is offered (CPSV-AP status)."""

    ACTIVE = "active", Phase.OPEN, "Berlaku", "Offered"
    WITHDRAWN = "withdrawn", Phase.STOPPED, "Tidak dilayani lagi", "No longer offered"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Evidence(Code):
    """A record in one of the city's systems that proves that a resident has a required document."""

    IDENTITY_CARD = "identity-card", "Kartu tanda penduduk", "Identity card"
    FAMILY_CARD = "family-card", "Kartu keluarga", "Family card"


class Requirement(Classed):
    """A document or other thing that an applicant must bring."""

    name: Annotated[Text, general("Persyaratan", "Thing that must be brought")]
    required: Annotated[bool, general("Wajib", "Whether it is compulsory")] = True
    evidence: Annotated[
        Evidence | None, general("Bukti", "Record that proves it; null if no system has such a record")
    ] = None


class Service(Body):
    """A service that an agency offers to residents."""

    kind: Annotated[Coded, general("Jenis layanan", "Kind of service; the kind of the applications for it")]
    name: Annotated[Text, general("Nama layanan", "Name")]
    agency: Annotated[AgencyReference, general("Penyelenggara", "Agency that offers it")]
    legal_basis: Annotated[
        tuple[Text, ...], general("Dasar hukum", "Regulations on which it is based (CPSV-AP hasLegalResource)")
    ] = ()
    archive_class: Annotated[Coded | None, general("Klasifikasi arsip", "Archive classification code")] = None
    requirements: Annotated[tuple[Requirement, ...], general("Persyaratan", "Requirements")] = ()
    working_days: Annotated[int | None, general("Jangka waktu", "Processing time in working days", examples=[3])] = None
    fee: Annotated[Money | None, general("Biaya", "Fee")] = None
    output: Annotated[Text | None, general("Produk layanan", "Result that the applicant receives")] = None
    complaints: Annotated[Text | None, general("Penanganan pengaduan", "Where to complain")] = None
    status: Annotated[ServiceStatus, general("Status", "Status")] = ServiceStatus.UNKNOWN
    status_text: StatusText = TEXT_OF_STATUS
    phase: StatusPhase = PHASE_OF_STATUS


class ServiceQuery(Query):
    """Filters of services: agency, kind (a code), status, text."""

    agency: str | None = None
    kind: str | None = None
    status: ServiceStatus | None = None
    text: Words | None = None


def _searched(service: Service) -> tuple[str | Text | None, ...]:
    requirements = (requirement.name for requirement in service.requirements)
    return (service.name, service.kind.code, service.output, *requirements)


def _matches(service: Service, query: ServiceQuery) -> bool:
    return (
        query.agency in (None, service.agency.id)
        and query.kind in (None, service.kind.code)
        and query.status in (None, service.status)
        and (query.text is None or mentions(query.text, *_searched(service)))
    )


SERVICE: Resource[Service, ServiceQuery] = Resource(
    name="service",
    prefix="svc",
    title=Text(id="Layanan", en="Service"),
    body=Service,
    query=ServiceQuery,
    order=("kind.code", "id"),
    owner=None,
    matches=_matches,
    searched=_searched,
)
