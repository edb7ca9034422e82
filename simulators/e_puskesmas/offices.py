"""The three health centres of the simulation, each with its own contract, clinics and kecamatan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

CLINICS: Final[Mapping[str, str]] = MappingProxyType(
    {"001": "POLI UMUM", "002": "POLI GIGI & MULUT", "003": "POLI KIA", "008": "POLI KB", "021": "SANTUN LANSIA"}
)
# Clinics that only one centre has.
OWN_CLINICS: Final = frozenset({"021"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCentre:
    """One health centre.

    `kelurahan` is its location, in ten Kemendagri digits; `kecamatan` is where its patients live. `visitors` are
    demonstration people (by account name), each with a clinic and a day of the week (0 to 6, counted from an arbitrary
    day).
    """

    code: str
    name: str
    cons_id: str
    username: str
    street: str
    kelurahan: str
    postcode: str
    phone: str
    latitude: str
    longitude: str
    kecamatan: str
    clinics: tuple[str, ...] = ("001", "002", "003", "008")
    visitors: Mapping[str, tuple[str, int]] = field(default_factory=dict)


OFFICES: Final[Mapping[str, HealthCentre]] = MappingProxyType(
    {
        "pekauman": HealthCentre(
            code="17990101",
            name="PUSKESMAS PEKAUMAN",
            cons_id="10101",
            username="pkm-pekauman",
            street="Jl. Contoh Galam No. 11",
            kelurahan="6371011003",
            postcode="70243",
            phone="(0511) 9900101",
            latitude="-3.3316",
            longitude="114.5852",
            kecamatan="Banjarmasin Selatan",
            visitors={"resident": ("001", 2), "resident-damaged": ("003", 1)},
        ),
        "cempaka": HealthCentre(
            code="17990102",
            name="PUSKESMAS CEMPAKA",
            cons_id="10102",
            username="pkm-cempaka",
            street="Jl. Contoh Cempaka No. 3",
            kelurahan="6371051003",
            postcode="70112",
            phone="0511 9900102 / 0511 9900112",
            latitude="-3.3214",
            longitude="114.5879",
            kecamatan="Banjarmasin Tengah",
            visitors={"resident": ("002", 5), "resident-renamed": ("001", 3)},
        ),
        "sungai-jingah": HealthCentre(
            code="17990103",
            name="PUSKESMAS SUNGAI JINGAH",
            cons_id="10103",
            username="pkm-sungai-jingah",
            street="Jl. Contoh Teratai No. 21",
            kelurahan="6371041004",
            postcode="70121",
            phone="0511-9900103",
            latitude="-3.3007",
            longitude="114.5991",
            kecamatan="Banjarmasin Utara",
            clinics=("001", "002", "003", "021"),
        ),
    }
)

HOURS: Final = (
    ("1", "08:00", "14:00"),
    ("2", "08:00", "14:00"),
    ("3", "08:00", "14:00"),
    ("4", "08:00", "14:00"),
    ("5", "08:00", "11:30"),
    ("6", "08:00", "13:00"),
    ("7", "08:00", "12:00"),
)
