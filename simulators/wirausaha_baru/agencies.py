"""The seven agencies, their programmes, and the formats of their lists."""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One agency.

    `dated`: whether its workbooks state the day of the data. `weekdays`: whether its dates include the weekday.
    `apostrophes`: whether its years have a leading apostrophe.
    """

    id: str
    name: str
    programme: str
    description: str
    years: tuple[int, ...]
    aid: int
    charset: str = "utf-8-sig"
    dated: bool = True
    weekdays: bool = False
    apostrophes: bool = False


AGENCIES: Final = (
    Agency(
        id="dinas-koperasi",
        name="Dinas Koperasi, Usaha Mikro dan Tenaga Kerja",
        programme="Wirausaha Baru Mandiri",
        description="Pelatihan, pendampingan dan modal awal untuk kelompok berlima",
        years=(2016, 2017, 2018, 2020, 2022, 2024, 2026),
        aid=7_500_000,
        weekdays=True,
    ),
    Agency(
        id="dinas-perindag",
        name="Dinas Perdagangan dan Perindustrian",
        programme="Wirausaha Industri Rumahan",
        description="Peralatan produksi – termasuk “Kafé Sungai” dan kain sasirangan",
        years=(2016, 2019, 2022, 2025),
        aid=7_000_000,
        charset="cp1252",
        apostrophes=True,
    ),
    Agency(
        id="dinas-perikanan",
        name="Dinas Ketahanan Pangan, Pertanian dan Perikanan",
        programme="Wirausaha Olahan Ikan Sungai",
        description="Keramba, olahan ikan dan hidroponik; modal dan bibit",
        years=(2017, 2021),
        aid=7_250_000,
    ),
    Agency(
        id="dinas-pariwisata",
        name="Dinas Kebudayaan, Kepemudaan, Olahraga dan Pariwisata",
        programme="Wirausaha Muda Kreatif",
        description="Cenderamata, kelotok wisata – dan kafé terapung",
        years=(2018, 2023),
        aid=6_000_000,
        charset="cp1252",
        dated=False,
    ),
    Agency(
        id="dinas-sosial",
        name="Dinas Sosial",
        programme="Usaha Ekonomi Produktif",
        description="Modal bergulir untuk keluarga penerima manfaat",
        years=(2019,),
        aid=5_000_000,
        dated=False,
    ),
    Agency(
        id="dinas-pendidikan",
        name="Dinas Pendidikan",
        programme="Pendidikan Kecakapan Wirausaha",
        description="Kursus menjahit, tata boga dan servis gawai",
        years=(2021,),
        aid=3_500_000,
    ),
    Agency(
        id="dinas-pppa",
        name="Dinas Pemberdayaan Perempuan dan Perlindungan Anak",
        programme="Perempuan Berdaya Usaha",
        description="Pelatihan bagi perempuan kepala keluarga",
        years=(2024,),
        aid=7_500_000,
        weekdays=True,
    ),
)
BY_ID: Final = {agency.id: agency for agency in AGENCIES}

MONTHS: Final = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
WEEKDAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def long_date(day: date, *, weekday: bool = False) -> str:
    """Format a day as these agencies do: `29 Maret 2024`, with the weekday in front if requested."""
    text = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{WEEKDAYS[day.weekday()]}, {text}" if weekday else text


def rupiah(amount: int) -> str:
    """Format an amount as these agencies do: `Rp. 7.500.000,-` (Q23)."""
    return f"Rp. {amount:,}".replace(",", ".") + ",-"
