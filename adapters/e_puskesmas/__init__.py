"""e-puskesmas: registration and queues of the health centres.

Owner: Dinas Kesehatan; one instance for each health centre (office), with its own address, contract, quota, database.
Protocol: HTTP; reads are GET, booking and cancelling POST. Every request is signed (HMAC-SHA256 over consumer id and
time). Answers are JSON in an envelope, most of them sealed: base64 of AES-256-CBC of LZ-String, with a key derived from
the time of the request.
Source of the specification: the public descriptions of P-Care version 4 and Antrean FKTP, whose shapes it follows. That
the centres offer these paths is assumed, and described in the interface description that comes with the simulator.

Quirks: JSON with content type text/html, and JSON that must be sent as text/plain (Q16); `metaData` and `metadata`,
codes as numbers and as text (Q18); sealed answers and plain refusals (Q19); no access with a clock that differs by five
minutes (Q20); numbers as text (Q22); dd-mm-yyyy in one part, yyyy-mm-dd in the other (Q26); queue numbers issued twice
(Q39); a booking that is stored twice when it is sent twice (Q50); status 200 for refusals (Q04, Q13), and a code 201
that means created in one part and failed in the other; the NIK is part of a path (Q59), so addresses of requests are
never logged; a patient of one centre is unknown at the next (Q65).

Personal data: name, NIK and insurance card of the patient, and health data: the days and clinics of appointments and
visits. Read live, never held. Diagnosis, therapy, sex, date of birth, telephone and contributions are not read; of a
complaint only a receipt code at its end, by which the gateway finds its own booking. No complaint is ever written.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Call, Http, Limits, Need, Reads, Refused, Stored, Writes
from adapters.e_puskesmas import booking, client, denormalise, facilities, normalise
from adapters.e_puskesmas.codes import AGENCY_ID, CODE_LISTS
from adapters.e_puskesmas.settings import Settings
from adapters.e_puskesmas.wire import Kunjungan, Pendaftaran, Profil, StatusAntrean
from adapters.upstream import HttpUpstream
from schemas.facility import FACILITY, QUEUE, Facility, FacilityQuery, Queue, QueueQuery
from schemas.health import (
    APPOINTMENT,
    VISIT,
    Appointment,
    AppointmentQuery,
    BookAppointment,
    CancelAppointment,
    Visit,
    VisitQuery,
)
from schemas.texts import Text

_HTTP: Final[Http[Settings]] = Http(max_bytes=1_000_000)
_SETTLE: Final = timedelta(seconds=2)

_FACILITIES: Final[Reads[Settings, HttpUpstream, Profil, Facility, FacilityQuery]] = Reads(
    resource=FACILITY,
    transport=_HTTP,
    normalise=facilities.facility,
    key=facilities.facility_key,
    feed=client.feed_facility,
    fresh=timedelta(minutes=10),
    keep=timedelta(days=7),
)
_QUEUES: Final[Reads[Settings, HttpUpstream, StatusAntrean, Queue, QueueQuery]] = Reads(
    resource=QUEUE,
    transport=_HTTP,
    normalise=facilities.queue,
    key=facilities.queue_key,
    feed=client.feed_queues,
    fresh=timedelta(seconds=15),
    keep=timedelta(minutes=10),
)
_APPOINTMENTS: Final[Reads[Settings, HttpUpstream, Pendaftaran, Appointment, AppointmentQuery]] = Reads(
    resource=APPOINTMENT,
    transport=_HTTP,
    normalise=normalise.appointment,
    key=normalise.appointment_key,
    ask=client.ask_appointments,
)
_VISITS: Final[Reads[Settings, HttpUpstream, Kunjungan, Visit, VisitQuery]] = Reads(
    resource=VISIT,
    transport=_HTTP,
    normalise=normalise.visit,
    key=normalise.visit_key,
    ask=client.ask_visits,
)


async def _book(call: Call[Settings, HttpUpstream], command: BookAppointment, code: str) -> Stored | Refused:
    fields = denormalise.booking(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await booking.book(call, fields)


async def _cancel(call: Call[Settings, HttpUpstream], command: CancelAppointment, code: str) -> Stored | Refused:
    fields = denormalise.cancellation(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await booking.cancel(call, command.appointment_key, fields)


_BOOK: Final[Writes[Settings, HttpUpstream, BookAppointment]] = Writes(
    name="book-appointment",
    command=BookAppointment,
    transport=_HTTP,
    idempotent=False,
    settle=_SETTLE,
    send=_book,
    look=booking.look_for_booking,
    denormalise=denormalise.booking,
)
_CANCEL: Final[Writes[Settings, HttpUpstream, CancelAppointment]] = Writes(
    name="cancel-appointment",
    command=CancelAppointment,
    transport=_HTTP,
    idempotent=False,
    settle=_SETTLE,
    send=_cancel,
    look=booking.look_for_cancellation,
    denormalise=denormalise.cancellation,
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="e-puskesmas",
    agency=AGENCY_ID,
    title=Text(id="e-Puskesmas: pendaftaran dan antrean", en="e-Puskesmas: registration and queues"),
    version="1.0.0",
    contact="Dinas Kesehatan Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=4), per_day=90_000, max_items=1_000),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_HTTP,
    reads=(_FACILITIES, _QUEUES, _APPOINTMENTS, _VISITS),
    writes=(_BOOK, _CANCEL),
    codes=CODE_LISTS,
    assumed=True,
)
"""The adapter of e-puskesmas."""
