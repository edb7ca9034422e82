"""gor: the invented system of the sports halls (gelanggang olahraga), with bookings of hours and the halls.

Owner: the invented sports agency of the city.
Protocol: JSON over HTTP with the statuses of HTTP and basic authentication; answers are bare lists.
Source of the specification: invented for tests; the simulator is its only description.
Quirks: status 404 for a person without bookings; dates in Indonesian words; NIK as a JSON number; hours of a day as
`19.00-21.00`; a status `DIGESER` that no table explains.
Personal data: name, NIK and telephone of the person who booked. Nothing is held.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Need, Reads
from invented.gor import client, normalise
from invented.gor.settings import Settings
from schemas.booking import BOOKING
from schemas.facility import PLACE
from schemas.texts import Text

_TRANSPORT: Final[Http[Settings]] = Http(max_bytes=500_000)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="gor",
    agency="dinas-olahraga",
    title=Text(id="Gelanggang olahraga", en="Sports halls"),
    version="1.0.0",
    contact="Dinas Olahraga (invented)",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=5)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_TRANSPORT,
    reads=(
        Reads(
            resource=BOOKING,
            transport=_TRANSPORT,
            normalise=normalise.booking,
            key=normalise.booking_key,
            ask=client.bookings,
        ),
        Reads(
            resource=PLACE,
            transport=_TRANSPORT,
            normalise=normalise.hall,
            key=normalise.hall_key,
            feed=client.halls,
            fresh=timedelta(hours=12),
            keep=timedelta(days=7),
        ),
    ),
    codes=normalise.CODE_LISTS,
    assumed=True,
)
