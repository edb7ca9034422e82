"""The spreadsheet cells of one participant, with the effects of manual typing and of Excel."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Final

from simulators.person import Person
from simulators.wirausaha_baru.agencies import Agency, long_date, rupiah

Cells = dict[str, str | int | None]

# Business activities in free text, with their KBLI 2020 codes; several codes start with 0.
_ACTIVITIES: Final = (
    ("Warung", "jualan nasi kuning & gorengan", "56102"),
    ("Dapur", "kue basah/kering pesanan", "10710"),
    ("Kedai", "Kopi keliling", "56303"),
    ("Sasirangan", "kain sasirangan", "13134"),
    ("Jahit", "menjahit, permak", "14120"),
    ("Bengkel", "servis motor", "45407"),
    ("Keramba", "keramba ikan nila", "03221"),
    ("Kebun", "sayur hidroponik", "01131"),
    ("Ternak", "Itik petelur", "01464"),
    ("Abon", "abon ikan haruan", "10216"),
    ("Anyaman", "anyaman purun", "16291"),
    ("Salon", "salon/pangkas rambut", "96111"),
)
_STATES: Final = ("Aktif",) * 9 + ("Rintisan",) * 4 + ("Berhenti",) * 4 + ("Pindah", "Tidak terlacak", "Vakum")
_NO_NAME: Final = ("-", "1", "Tidak ada", "0")
_NO_LICENCE: Final = ("Tidak ada", "tidak ada ", "-", "Ada", "503/0217/IUMK", "0")


def as_number(digits: str) -> int:
    """Convert digits to a spreadsheet number: 15 digits are kept, the rest become 0, leading zeros are lost (Q40)."""
    return int(digits[:15] + "0" * (len(digits) - 15))


def misspelt(name: str) -> str:
    """Return the same person's name in another spelling."""
    return name.replace("h", "").replace("i", "y", 1).upper()


def has_business(cells: Mapping[str, str | int | None]) -> bool:
    """Whether the line names a business."""
    return cells["NAMA USAHA"] not in (*_NO_NAME, 1, 0)


def _nik(person: Person, random: Random) -> str | int:
    chance = random.random()
    if chance < 0.72:
        return f"'{person.nik}"
    if chance < 0.86:
        return person.nik
    if chance < 0.96:
        return as_number(person.nik)
    return "-" if chance < 0.98 else f"{person.nik[:6]} {person.nik[6:12]} {person.nik[12:]}"


def _phone(person: Person, random: Random) -> str | int:
    chance = random.random()
    if chance < 0.85:
        return person.phone
    return int(person.phone) if chance < 0.92 else random.choice(("0", "-"))


def _licence(person: Person, random: Random) -> str | int:
    """Return 13 digits from an unassigned range; some start with 0, and some of those are numbers."""
    chance = random.random()
    if chance < 0.35:
        return random.choice(_NO_LICENCE)
    number = f"{'0' if chance < 0.6 else '9'}099{person.phone[-6:]}{random.randrange(100, 1000)}"
    return as_number(number) if chance > 0.9 or chance < 0.4 else number


def _enrolled(year: int, random: Random) -> str:
    day = date(year, 1, 10) + timedelta(days=random.randrange(60))
    chance = random.random()
    if chance < 0.6:
        return day.isoformat()
    return f"{day:%d/%m/%Y}" if chance < 0.95 else "-"


def line(person: Person, agency: Agency, year: int, group: int, as_of: date, random: Random) -> Cells:
    """Return the cells of one participant, without number and kelurahan.

    A day in ISO form represents a spreadsheet date.
    """
    kind, activity, kbli = random.choice(_ACTIVITIES)
    nameless = random.random() < 0.06
    return {
        "NAMA": person.alias or person.name,
        "NIK": _nik(person, random),
        "L/P": person.sex,
        "NO. HP": _phone(person, random),
        "KELOMPOK": f"Kelompok {group}",
        "NAMA USAHA": random.choice(_NO_NAME) if nameless else f"{kind} {person.name.split()[1]} {person.rt}",
        "JENIS USAHA": activity,
        "KBLI": as_number(kbli) if random.random() < 0.4 else kbli,
        "NIB": _licence(person, random),
        "BANTUAN": rupiah(agency.aid),
        "TANGGAL DAFTAR": _enrolled(year, random),
        "STATUS": random.choice(_STATES),
        "PER TANGGAL": long_date(as_of),
    }
