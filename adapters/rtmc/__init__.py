"""rtmc: traffic incidents and conditions from the regional police's traffic management centre.

Owner: RTMC Polda Kalsel, a partner of the city by cooperation agreement (PKS), not one of its agencies.
Protocol: SOAP 1.1 over HTTP, document/literal and wrapped, with a WSDL that the gateway does not fetch; partner name
and password are in a header block of each call.
Source of the specification: none is public, and no public sample was found. The columns follow descriptions of such
feeds; the service around them is assumed, as in the centre's interface description that comes with the simulator.

Quirks: faults with status 200 and with 500 (Q11); half a minute without an answer (Q15); naive WITA times dd/mm/yyyy
HH:mm (Q30), and zeros for "not yet"; positions as text, swapped or 0,0 (Q45); UTF-8 in the HTTP header, ISO-8859-1 in
the XML declaration, windows-1252 in the bytes, and some texts in UTF-8 that was encoded twice (Q31); decimal commas
(Q23); bombs, entities and document types (Q67).

Personal data: none is kept. Number plates, patrols and persons involved are police data: those columns are not read,
and number plates, telephone numbers and NIK in free text are masked.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Limits, Reads, Soap
from adapters.rtmc import client, normalise
from adapters.rtmc.settings import Settings
from adapters.rtmc.wire import Kejadian, Ruas
from adapters.upstream import SoapUpstream
from schemas.texts import Text
from schemas.traffic import CONDITION, INCIDENT, Condition, ConditionQuery, Incident, IncidentQuery

_SOAP: Final[Soap[Settings]] = Soap(max_bytes=1_000_000, charset="windows-1252", max_elements=20_000)

_INCIDENTS: Final[Reads[Settings, SoapUpstream, Kejadian, Incident, IncidentQuery]] = Reads(
    resource=INCIDENT,
    transport=_SOAP,
    normalise=normalise.incident,
    key=normalise.incident_key,
    feed=client.feed_incidents,
    fresh=timedelta(seconds=30),
    keep=timedelta(hours=1),
)
_CONDITIONS: Final[Reads[Settings, SoapUpstream, Ruas, Condition, ConditionQuery]] = Reads(
    resource=CONDITION,
    transport=_SOAP,
    normalise=normalise.condition,
    key=normalise.condition_key,
    feed=client.feed_conditions,
    fresh=timedelta(seconds=60),
    keep=timedelta(minutes=20),
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="rtmc",
    agency="polda-kalsel",
    title=Text(id="RTMC Polda Kalsel: keadaan lalu lintas", en="RTMC Polda Kalsel: the state of traffic"),
    version="1.0.0",
    contact="Regional Traffic Management Center, Direktorat Lalu Lintas Polda Kalimantan Selatan",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=10), per_minute=120, max_items=2_000),
    needs=frozenset(),
    probe=client.probe,
    probe_transport=_SOAP,
    reads=(_INCIDENTS, _CONDITIONS),
    assumed=True,
)
