"""The 52 kelurahan of the city, in the three spellings that its systems use."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Kelurahan:
    """One kelurahan.

    `code` is the dotted Kemendagri code, `bps_code` the ten-digit code of the statistics office (2018), `bps_name` its
    name in capitals, `neighbourhoods` the number of its RT.
    """

    code: str
    name: str
    kecamatan: str
    bps_code: str
    bps_name: str
    postcode: str
    neighbourhoods: int


@lru_cache(maxsize=1)
def kelurahan() -> tuple[Kelurahan, ...]:
    """Return all 52 kelurahan, in the order of their codes."""
    text = (resources.files("simulators") / "data" / "kelurahan.csv").read_text("utf-8")
    return tuple(
        Kelurahan(
            code=row["kode_kemendagri"],
            name=row["kelurahan"],
            kecamatan=row["kecamatan"],
            bps_code=row["kode_bps_2018"],
            bps_name=row["nama_bps_2018"],
            postcode=row["kodepos"],
            neighbourhoods=int(row["jumlah_rt_perkim"]),
        )
        for row in csv.DictReader(text.splitlines())
    )
