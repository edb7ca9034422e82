"""e-kelurahan: applications for letters at the 52 kelurahan, from submission to issue.

Owner: Bagian Tata Pemerintahan of the city's secretariat; used by the counters of all 52 kelurahan.
Protocol: HTTP. A login form with a CSRF token and one session cookie; the same addresses return lists as JSON to AJAX
requests and as pages to browsers; one application is a page; a form to submit. Windows-1252 throughout.
Source of the specification: none is public. Facts that follow from the structure of such applications are used as they
are; everything else is assumed, and described in the agency's interface description that comes with the simulator.

Quirks: an ended session answers 200 with the login page, or redirects to it (Q01); a new login ends the session before
it (Q02); `X-Requested-With` decides between JSON and page (Q03); booleans as 0/1 and Y/T (Q24); zero dates (Q27); a
date of birth that moves with every edit (Q29); latin1, some of it UTF-8 encoded twice (Q31); a page past the end
repeats the last one (Q36); ids that repeat across three tables (Q39); a form that stores twice when it is sent twice
(Q50); a token that has to be fetched with the form (Q63); at most eight requests at a time.

Personal data: the applicant's NIK, name and date of birth, the purpose, the office's reasons and notes, the documents.
Only the catalogue, which is public, is held. A resident's address, sex, place of birth and the name of the person who
collected a letter are not read. A resident's supplement or withdrawal is recorded on the application as a stamp.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from adapters.contract import (
    AdapterSpec,
    Call,
    Http,
    Limits,
    Need,
    Reads,
    Refused,
    Session,
    Stored,
    Subject,
    Writes,
)
from adapters.e_kelurahan import client, denormalise, normalise, services, steps
from adapters.e_kelurahan.answers import asks_to_log_in
from adapters.e_kelurahan.codes import CODE_LISTS
from adapters.e_kelurahan.columns import AGENCY
from adapters.e_kelurahan.settings import Settings
from adapters.e_kelurahan.wire import Layanan, Permohonan
from adapters.upstream import HttpUpstream
from schemas.application import (
    APPLICATION,
    Application,
    ApplicationQuery,
    SubmitApplication,
    SupplementApplication,
    WithdrawApplication,
)
from schemas.service import SERVICE, Service, ServiceQuery
from schemas.texts import Text

_LOGGED_IN: Final[Http[Settings]] = Http(
    session=Session(login=client.log_in, expired=asks_to_log_in), max_bytes=10_000_000
)
_PUBLIC: Final[Http[Settings]] = Http()
_SETTLE: Final = timedelta(seconds=2)

_SERVICES: Final[Reads[Settings, HttpUpstream, Layanan, Service, ServiceQuery]] = Reads(
    resource=SERVICE,
    transport=_PUBLIC,
    normalise=services.service,
    key=lambda w: w.kode,
    feed=client.feed_letters,
    fresh=timedelta(minutes=10),
    keep=timedelta(days=7),
)
_APPLICATIONS: Final[Reads[Settings, HttpUpstream, Permohonan, Application, ApplicationQuery]] = Reads(
    resource=APPLICATION,
    transport=_LOGGED_IN,
    normalise=normalise.application,
    key=lambda w: w.key,
    ask=client.ask,
    one=client.one,
    content=client.content,
    pushes=frozenset({"region"}),
)


def _submission(command: SubmitApplication, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    return denormalise.submission(command, subject.nik if subject else None, code)


async def _submit(call: Call[Settings, HttpUpstream], command: SubmitApplication, code: str) -> Stored | Refused:
    fields = _submission(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await client.submit(call, fields)


_SUBMIT: Final[Writes[Settings, HttpUpstream, SubmitApplication]] = Writes(
    name="submit-application",
    command=SubmitApplication,
    transport=_LOGGED_IN,
    idempotent=False,
    settle=_SETTLE,
    send=_submit,
    look=client.look,
    denormalise=_submission,
)


def _supplement(command: SupplementApplication, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    return denormalise.supplement(command, subject.nik if subject else None, code)


def _withdrawal(command: WithdrawApplication, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    return denormalise.withdrawal(command, subject.nik if subject else None, code)


async def _send_supplement(
    call: Call[Settings, HttpUpstream], command: SupplementApplication, code: str
) -> Stored | Refused:
    fields = _supplement(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await steps.take(call, command.application_key, fields)


async def _send_withdrawal(
    call: Call[Settings, HttpUpstream], command: WithdrawApplication, code: str
) -> Stored | Refused:
    fields = _withdrawal(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await steps.take(call, command.application_key, fields)


_SUPPLEMENT: Final[Writes[Settings, HttpUpstream, SupplementApplication]] = Writes(
    name="supplement-application",
    command=SupplementApplication,
    transport=_LOGGED_IN,
    idempotent=False,
    settle=_SETTLE,
    send=_send_supplement,
    look=steps.look,
    denormalise=_supplement,
)
_WITHDRAW: Final[Writes[Settings, HttpUpstream, WithdrawApplication]] = Writes(
    name="withdraw-application",
    command=WithdrawApplication,
    transport=_LOGGED_IN,
    idempotent=False,
    settle=_SETTLE,
    send=_send_withdrawal,
    look=steps.look,
    denormalise=_withdrawal,
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="e-kelurahan",
    agency=AGENCY,
    title=Text(id="e-Kelurahan: surat-menyurat kelurahan", en="e-Kelurahan: letters of the kelurahan"),
    version="1.0.0",
    contact="Bagian Tata Pemerintahan, Sekretariat Daerah Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=8, slowest=timedelta(seconds=8)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_LOGGED_IN,
    reads=(_SERVICES, _APPLICATIONS),
    writes=(_SUBMIT, _SUPPLEMENT, _WITHDRAW),
    codes=CODE_LISTS,
    assumed=True,
)
