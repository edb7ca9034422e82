"""retribusi-pasar: the invented system of market levies, with levies of stalls and licences for them.

Owner: the invented market office of the trade agency.
Protocol: a form by POST over HTTP with user and password in it, answered in XML (windows-1252).
Source of the specification: invented for tests; the simulator is its only description.
Quirks: status 200 for refusals too, with a code in `kode`; dates yyyymmdd, and 00000000 for none; amounts as
`1.250.000,00`; a column for the NIK that keeps 15 characters in old rows; a status `DISPENSASI` that no table explains.
Personal data: name and NIK of a stall holder. Nothing is held.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Need, Reads
from invented.retribusi_pasar import client, normalise
from invented.retribusi_pasar.settings import Settings
from schemas.bill import BILL
from schemas.entitlement import ENTITLEMENT
from schemas.texts import Text

_TRANSPORT: Final[Http[Settings]] = Http(max_bytes=500_000)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="retribusi-pasar",
    agency="dinas-perindag",
    title=Text(id="Retribusi pasar", en="Market levies"),
    version="1.0.0",
    contact="Bidang Pasar (invented)",
    settings=Settings,
    limits=Limits(concurrent=2, slowest=timedelta(seconds=8)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_TRANSPORT,
    reads=(
        Reads(resource=BILL, transport=_TRANSPORT, normalise=normalise.levy, key=normalise.levy_key, ask=client.levies),
        Reads(
            resource=ENTITLEMENT,
            transport=_TRANSPORT,
            normalise=normalise.licence,
            key=normalise.licence_key,
            ask=client.licences,
        ),
    ),
    codes=normalise.CODE_LISTS,
    assumed=True,
)
