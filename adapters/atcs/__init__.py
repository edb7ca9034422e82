"""atcs: the traffic control centre's camera wall, and the vehicle counts at the junctions.

Owner: Dinas Perhubungan of the city.
Protocol: HTTP GET, JSON lists; HLS playlists of the cameras' streams, of which only the age is checked.
Source of the specification: the wall's list, its paths and its Referer appear in public code; the table of positions,
the counts and the clock are assumed, as in the interface description that comes with the simulator.

Quirks: an empty list with status 200 for requests without the wall's Referer (Q07), so an empty list is never accepted;
a shield that answers with a puzzle for browsers (Q08), which this adapter never solves; positions as text, swapped, or
0,0 (Q45); internal addresses and keys in the payload (Q46), of which only public addresses are shown; every camera
`Online` (Q47), so the age of each playlist decides; hours-old counts served as fresh (Q60); times without a zone.

Personal data: none. Counted offences are not read, and no picture is fetched.
"""

from datetime import timedelta
from typing import Final

from adapters.atcs import client, normalise
from adapters.atcs.settings import Settings
from adapters.atcs.wire import Hitungan, Kamera
from adapters.contract import AdapterSpec, Http, Limits, Reads
from adapters.upstream import HttpUpstream
from schemas.texts import Text
from schemas.traffic import CAMERA, CONDITION, Camera, CameraQuery, Condition, ConditionQuery

_HTTP: Final[Http[Settings]] = Http(max_bytes=1_000_000)

_CAMERAS: Final[Reads[Settings, HttpUpstream, Kamera, Camera, CameraQuery]] = Reads(
    resource=CAMERA,
    transport=_HTTP,
    normalise=normalise.camera,
    key=normalise.camera_key,
    feed=client.feed_cameras,
    fresh=timedelta(seconds=60),
    keep=timedelta(days=1),
)
_CONDITIONS: Final[Reads[Settings, HttpUpstream, Hitungan, Condition, ConditionQuery]] = Reads(
    resource=CONDITION,
    transport=_HTTP,
    normalise=normalise.condition,
    key=normalise.condition_key,
    feed=client.feed_counts,
    fresh=timedelta(seconds=60),
    keep=timedelta(hours=1),
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="atcs",
    agency="dinas-perhubungan",
    title=Text(id="ATCS: kamera dan arus lalu lintas", en="ATCS: traffic cameras and flow"),
    version="1.0.0",
    contact="Dinas Perhubungan Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=4), max_items=1_000),
    needs=frozenset(),
    probe=client.probe,
    probe_transport=_HTTP,
    reads=(_CAMERAS, _CONDITIONS),
    assumed=True,
)
"""The adapter of atcs."""
