"""perpustakaan: the invented library system, with members, fines and branches.

Owner: the invented library agency of the city.
Protocol: JSON by POST over HTTP, with an API key in a header.
Source of the specification: invented for tests; the simulator is its only description.
Quirks: status 200 for refusals too, with `sukses` 0 and a text; dates dd/mm/yyyy; amounts as `15.000,00`; positions
with a decimal comma; a status `DITINJAU` that no table explains.
Personal data: name, NIK and telephone of a member. Nothing is held.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Need, Reads
from invented.perpustakaan import client, normalise
from invented.perpustakaan.settings import Settings
from schemas.bill import BILL
from schemas.entitlement import ENTITLEMENT
from schemas.facility import PLACE
from schemas.texts import Text

_TRANSPORT: Final[Http[Settings]] = Http(max_bytes=500_000)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="perpustakaan",
    agency="dinas-perpustakaan",
    title=Text(id="Perpustakaan kota", en="City library"),
    version="1.0.0",
    contact="Dinas Perpustakaan (invented)",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=5)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_TRANSPORT,
    reads=(
        Reads(
            resource=ENTITLEMENT,
            transport=_TRANSPORT,
            normalise=normalise.card,
            key=normalise.card_key,
            ask=client.cards,
        ),
        Reads(resource=BILL, transport=_TRANSPORT, normalise=normalise.fine, key=normalise.fine_key, ask=client.fines),
        Reads(
            resource=PLACE,
            transport=_TRANSPORT,
            normalise=normalise.branch,
            key=normalise.branch_key,
            feed=client.branches,
            fresh=timedelta(hours=12),
            keep=timedelta(days=7),
        ),
    ),
    codes=normalise.CODE_LISTS,
    assumed=True,
)
