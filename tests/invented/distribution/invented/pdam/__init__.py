"""pdam: the invented system of the water utility, with bills, connections and outages.

Owner: the invented water utility of the city.
Protocol: JSON by POST over HTTP, with a key in each request.
Source of the specification: invented for tests; the simulator is its only description.
Quirks: status 200 always, with a code in `rc`; rows are lists of values, and the names of the columns come once; months
as mm/yyyy; moments without a zone; statuses `DIHAPUSBUKUKAN` and `DIPANTAU` that no table explains.
Personal data: name and NIK of a customer. Nothing is held.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Need, Reads
from invented.pdam import client, normalise
from invented.pdam.settings import Settings
from schemas.bill import BILL
from schemas.entitlement import ENTITLEMENT
from schemas.notice import NOTICE
from schemas.texts import Text

_TRANSPORT: Final[Http[Settings]] = Http(max_bytes=500_000)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="pdam",
    agency="pdam",
    title=Text(id="PDAM: air minum", en="PDAM: water utility"),
    version="1.0.0",
    contact="PDAM (invented)",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=5)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_TRANSPORT,
    reads=(
        Reads(resource=BILL, transport=_TRANSPORT, normalise=normalise.bill, key=normalise.bill_key, ask=client.bills),
        Reads(
            resource=ENTITLEMENT,
            transport=_TRANSPORT,
            normalise=normalise.connection,
            key=normalise.connection_key,
            ask=client.connections,
        ),
        Reads(
            resource=NOTICE,
            transport=_TRANSPORT,
            normalise=normalise.outage,
            key=normalise.outage_key,
            feed=client.outages,
            fresh=timedelta(minutes=15),
            keep=timedelta(days=1),
        ),
    ),
    codes=normalise.CODE_LISTS,
    assumed=True,
)
