"""The service's code tables. Keys are in upper case."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.traffic import Congestion, IncidentKind, IncidentStatus, Severity

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

OTHER_TITLE: Final = "Kejadian lalu lintas"

SEVERITIES: Final[Mapping[str, Severity]] = MappingProxyType(
    {"1": Severity.MINOR, "2": Severity.MODERATE, "3": Severity.MAJOR}
)

STATUSES: Final[Mapping[str, IncidentStatus]] = MappingProxyType(
    {"1": IncidentStatus.ACTIVE, "0": IncidentStatus.RESOLVED}
)

CONGESTION: Final[Mapping[str, Congestion]] = MappingProxyType(
    {
        "LANCAR": Congestion.FREE,
        "RAMAI LANCAR": Congestion.FREE,
        "PADAT": Congestion.HEAVY,
        "PADAT MERAYAP": Congestion.HEAVY,
        "MACET": Congestion.JAMMED,
    }
)

PLATE_REGIONS: Final = (
    "A|B|D|E|F|G|H|K|L|M|N|P|R|S|T|W|Z|AA|AB|AD|AE|AG|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|DA|DB|DC|DD|DE|DG|DH|DK|DL|DM|DN|"
    "DP|DR|DS|DT|EA|EB|ED|KB|KH|KT|KU|PA|PB|PG|PS|PT"
)
"""The region letters of number plates, as alternatives of a regular expression."""
