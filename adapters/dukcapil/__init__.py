"""dukcapil: the civil registry's web service, which returns the person with a given NIK.

Owner: Dinas Kependudukan dan Pencatatan Sipil of the city; the register is the ministry's.
Protocol: plain HTTP on a private network, one POST with user, password and registered address in its JSON body.
Source of the specification: none is public. The shape follows the expectations of public clients of the service. The
meaning of codes 08 and 11 to 15, and that a request without a NIK is not counted, are assumed, as in the agency's
interface description that comes with the simulator.

Quirks: always status 200, with errors as a text inside the list, or as an object instead of it (Q12); a spent daily
quota is such a text (Q13); keys with a trailing blank and misspelt keys (Q17); NIK and family card as JSON numbers in
some rows (Q40); one person as an object instead of a list; dates 00-00-0000 (Q27); no TLS (Q51).

Personal data: NIK, family card number, name, birth, sex, religion (specific), marital status, occupation, education,
role in the family, address. Nothing is held. The mother's name and the state of the identity card are not read.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Need, Reads
from adapters.dukcapil import client, normalise
from adapters.dukcapil.codes import CODE_LISTS
from adapters.dukcapil.settings import Settings
from adapters.dukcapil.wire import Biodata
from adapters.upstream import HttpUpstream
from schemas.resident import RESIDENT, Resident, ResidentQuery
from schemas.texts import Text

_TRANSPORT: Final[Http[Settings]] = Http(max_bytes=200_000)

_RESIDENTS: Final[Reads[Settings, HttpUpstream, Biodata, Resident, ResidentQuery]] = Reads(
    resource=RESIDENT,
    transport=_TRANSPORT,
    normalise=normalise.resident,
    key=normalise.key,
    ask=client.ask,
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="dukcapil",
    agency="disdukcapil",
    title=Text(id="Dukcapil: layanan data kependudukan", en="Dukcapil: the civil registry's data service"),
    version="1.0.0",
    contact="Dinas Kependudukan dan Pencatatan Sipil Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=10, slowest=timedelta(seconds=5), per_day=5_000, max_items=10),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_TRANSPORT,
    reads=(_RESIDENTS,),
    codes=CODE_LISTS,
    assumed=True,
)
