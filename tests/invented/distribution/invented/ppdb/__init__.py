"""ppdb: the invented system of school admission (PPDB), with registrations that parents make for their children.

Owner: the education agency of the city.
Protocol: JSON over HTTP, behind a login that returns a session in a header.
Source of the specification: invented for tests; the simulator is its only description.
Quirks: status 200 for refusals and for an ended session, with a text; moments as Unix seconds; statuses with texts of
their own; a status `TITIPAN` that no table explains.
Personal data: name, NIK and telephone of a parent, name and NIK of a child. Nothing is held.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Need, Reads, Session
from invented.ppdb import client, normalise
from invented.ppdb.settings import Settings
from schemas.case import CASE
from schemas.texts import Text

_TRANSPORT: Final[Http[Settings]] = Http(
    max_bytes=500_000, session=Session(login=client.log_in, expired=client.has_expired)
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="ppdb",
    agency="dinas-pendidikan",
    title=Text(id="PPDB: penerimaan peserta didik baru", en="PPDB: school admission"),
    version="1.0.0",
    contact="Dinas Pendidikan (invented)",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=5)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_TRANSPORT,
    reads=(
        Reads(
            resource=CASE,
            transport=_TRANSPORT,
            normalise=normalise.registration,
            key=normalise.key,
            ask=client.registrations,
        ),
    ),
    codes=normalise.CODE_LISTS,
    assumed=True,
)
