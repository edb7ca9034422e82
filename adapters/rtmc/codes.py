"""The service's code tables. Keys are in upper case."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.notice import NoticeStatus, Severity
from schemas.traffic import Congestion, IncidentKind

KINDS: Final[Mapping[str, tuple[IncidentKind, str]]] = MappingProxyType(
    {
        "LAKA": (IncidentKind.ACCIDENT, "Kecelakaan lalu lintas"),
        "BANJIR": (IncidentKind.FLOOD, "Banjir"),
        "POHON": (IncidentKind.FALLEN_TREE, "Pohon tumbang"),
        "KERJA": (IncidentKind.ROAD_WORKS, "Pekerjaan jalan"),
        "TUTUP": (IncidentKind.CLOSURE, "Penutupan jalan"),
        "ACARA": (IncidentKind.EVENT, "Kegiatan masyarakat"),
        "KEBAKARAN": (IncidentKind.FIRE, "Kebakaran"),
    }
)
"""The kind, and the title of an incident that has none."""

GENERAL_TITLE: Final = "Kejadian lalu lintas"
"""The title of an incident of unknown kind that has none."""

SEVERITIES: Final[Mapping[str, Severity]] = MappingProxyType(
    {"1": Severity.MINOR, "2": Severity.MODERATE, "3": Severity.MAJOR, "-": Severity.UNKNOWN}
)
"""`-` is the centre's own word for a severity that is not stated: no doubt."""

STATUSES: Final[Mapping[str, NoticeStatus]] = MappingProxyType({"1": NoticeStatus.ACTIVE, "0": NoticeStatus.RESOLVED})

CONGESTION: Final[Mapping[str, Congestion]] = MappingProxyType(
    {
        "LANCAR": Congestion.FREE,
        "RAMAI LANCAR": Congestion.BUSY,
        "PADAT": Congestion.HEAVY,
        "PADAT MERAYAP": Congestion.SLOW,
        "MACET": Congestion.JAMMED,
    }
)

PLATE_REGIONS: Final = (
    "A|B|D|E|F|G|H|K|L|M|N|P|R|S|T|W|Z|AA|AB|AD|AE|AG|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|DA|DB|DC|DD|DE|DG|DH|DK|DL|DM|DN|"
    "DP|DR|DS|DT|EA|EB|ED|KB|KH|KT|KU|PA|PB|PG|PS|PT"
)
"""The region letters of number plates, as alternatives of a regular expression."""
