"""lapor: the city's complaints service, part of the national one.

Owner: Diskominfotik, which passes complaints on to the agencies.
Protocol: HTTP. Requests are forms, answers JSON; a submission is an XML document with an XML answer; LAPOR calls back
with every change, and repeats the call-back until it receives the expected answer.
Source of the specification: an old public interface for topics and submission; the present one is given to registered
developers only, so lists, single reports, look-up and call-backs are assumed, as in the agency's interface description
that comes with the simulator.

Quirks: requests above the granted rate are answered 429 or by a page with status 200 (Q14); JSON with content type
text/html (Q16); times without a zone, computed by adding an hour to Jakarta's (Q30); a submission that is stored twice
when it is sent twice (Q50); repeated call-backs (Q64); status 200 for refusals (Q04); `rahasia` (hidden from the
public) and `anonim` (the reporter is not disclosed to the agency) are two things, and any value but a clear no counts
as yes.

Personal data: name and NIK of a complaint's own reporter, read live and never held. The snapshot contains the public
part: no reporter, and no confidential complaint. Telephone, e-mail and the public first name are not read.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from adapters.contract import AdapterSpec, Call, Http, Limits, Need, Reads, Refused, Stored, Subject, Webhook, Writes
from adapters.lapor import client, normalise, webhook
from adapters.lapor.codes import CODE_LISTS
from adapters.lapor.settings import Settings
from adapters.lapor.wire import Laporan
from adapters.upstream import HttpUpstream
from schemas.complaint import COMPLAINT, Complaint, ComplaintQuery, SubmitComplaint
from schemas.texts import Text

_HTTP: Final[Http[Settings]] = Http(max_bytes=1_000_000)

_CALLBACKS: Final[Webhook[Settings, Laporan, Complaint]] = Webhook(
    path="complaint",
    authenticate=webhook.authenticate,
    read=webhook.read,
    reply=webhook.reply,
    delivery_id=webhook.delivery_id,
    changed_at=lambda complaint: complaint.updated_at,
)
_PUBLIC: Final[Reads[Settings, HttpUpstream, Laporan, Complaint, ComplaintQuery]] = Reads(
    resource=COMPLAINT,
    transport=_HTTP,
    normalise=normalise.complaint,
    key=normalise.key,
    feed=client.feed,
    webhook=_CALLBACKS,
    fresh=timedelta(minutes=5),
    keep=timedelta(days=1),
)
_OWN: Final[Reads[Settings, HttpUpstream, Laporan, Complaint, ComplaintQuery]] = Reads(
    resource=COMPLAINT,
    transport=_HTTP,
    normalise=normalise.complaint,
    key=normalise.key,
    ask=client.ask,
    one=client.one,
)


def _submission(command: SubmitComplaint, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    return normalise.submission(command, subject.nik if subject else None, code)


async def _submit(call: Call[Settings, HttpUpstream], command: SubmitComplaint, code: str) -> Stored | Refused:
    fields = _submission(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await client.submit(call, fields)


_SUBMIT: Final[Writes[Settings, HttpUpstream, SubmitComplaint]] = Writes(
    name="submit-complaint",
    command=SubmitComplaint,
    transport=_HTTP,
    idempotent=False,
    settle=timedelta(seconds=2),
    send=_submit,
    look=client.look,
    denormalise=_submission,
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="lapor",
    agency="diskominfotik",
    title=Text(id="LAPOR: pengaduan masyarakat", en="LAPOR: complaints"),
    version="1.0.0",
    contact="Dinas Komunikasi, Informatika dan Statistik Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=6, slowest=timedelta(seconds=5), per_minute=120, max_items=20_000),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_HTTP,
    reads=(_PUBLIC, _OWN),
    writes=(_SUBMIT,),
    codes=CODE_LISTS,
    assumed=True,
)
"""The adapter of lapor."""
