"""Applications for services, such as a letter from the kelurahan, and the commands on them (schema.org Action)."""

from typing import Annotated, Any

from pydantic import Field

from schemas.case import CASE, Case, CaseQuery, matches_case, owner_of_case
from schemas.classes import general, personal
from schemas.codes import Code, Coded
from schemas.command import Command
from schemas.references import Reference, RefersTo
from schemas.resources import Resource
from schemas.texts import Text

_KEY: Any = Field(min_length=1, max_length=80)


class ApplicationAction(Code):
    """A command that the applicant may give about an application."""

    SUPPLEMENT = "supplement", "Melengkapi", "Supply what is missing"
    WITHDRAW = "withdraw", "Membatalkan", "Withdraw"


class Application(Case):
    """An application for a service, and its outcome."""

    kind: Annotated[Coded, general("Jenis layanan", "Kind of service that is applied for")]
    service: Annotated[Reference | None, general("Layanan", "The service"), RefersTo("service", "svc")] = None
    number: Annotated[str | None, general("Nomor surat", "Number of the letter, once it is signed")] = None
    text: Annotated[str | None, personal("Keperluan", "Purpose of the letter")] = None
    actions: Annotated[
        tuple[ApplicationAction, ...] | None,
        general(
            "Tindakan",
            "What the applicant may still do (schema.org potentialAction); null if the answer does not state it, as in "
            "lists",
        ),
    ] = None


class ApplicationQuery(CaseQuery):
    """Filters of applications: region, service code (`kind`), status, submitted from/until."""


APPLICATION: Resource[Application, ApplicationQuery] = Resource(
    name="application",
    prefix="apl",
    title=Text(id="Permohonan", en="Application"),
    body=Application,
    query=ApplicationQuery,
    order=("-submitted_at", "id"),
    owner=owner_of_case,
    matches=matches_case,
    searched=lambda application: (
        application.kind.text,
        application.number,
        application.text,
        application.status_text,
    ),
    scope="applications.read",
    generic=CASE,
)


class SubmitApplication(Command):
    """The command to submit an application for the subject of the call."""

    kind: Annotated[str, general("Layanan", "Code of the service applied for")]
    region: Annotated[str, general("Kelurahan", "Dotted code of the kelurahan that is to handle it")]
    text: Annotated[str, personal("Keperluan", "Purpose of the letter"), Field(min_length=3, max_length=500)]


class SupplementApplication(Command):
    """The command to submit information that the office found missing in an application of the subject."""

    application_key: Annotated[str, general("Permohonan", "Key of the application in its own system"), _KEY]
    note: Annotated[str, personal("Keterangan", "The missing information"), Field(min_length=3, max_length=500)]


class WithdrawApplication(Command):
    """The command to withdraw an application of the subject that has not been decided yet."""

    application_key: Annotated[str, general("Permohonan", "Key of the application in its own system"), _KEY]
    reason: Annotated[str, personal("Alasan", "Why it is withdrawn"), Field(min_length=3, max_length=200)]
