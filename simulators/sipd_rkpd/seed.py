"""The initial data of the planning system: plans of several years, and proposals of two.

The data depends only on the seed and on the time of the clock.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from simulators.people import DEMONSTRATION, Person
from simulators.sipd_rkpd.nomenclature import (
    AGENCIES,
    KECAMATAN,
    OLD,
    OLD_ACTIVITIES,
    PROGRAMMES,
    SUB_ACTIVITIES,
)
from simulators.sipd_rkpd.places import kecamatan_of, number_of
from simulators.sipd_rkpd.store import LEVELS, Row

SIZE: Final = 500
OVERFLOW: Final = 2_147_483_647
STAGES: Final = ("Kelurahan", "Kecamatan", "SKPD", "TAPD", "Diakomodasi")
UNKNOWN_STAGE: Final = "Arsip Pemda"
_PROBLEMS: Final = (
    ("Jalan lingkungan rusak dan becek", "Perbaikan jalan lingkungan", "{n} M2"),
    ("Drainase tersumbat,\nair tergenang setiap hujan", "Normalisasi drainase", "{n} M1"),
    ("Titian kayu lapuk", "Pembangunan titian ulin", "{n} M1"),
    ("Lampu jalan belum ada", "Pemasangan lampu penerangan jalan", "{n} Titik"),
    ("Posyandu belum punya alat timbang", "Pengadaan alat posyandu", "{n} Paket"),
    ("Tempat sampah kurang", "Pengadaan bak sampah", "{n} Unit"),
    ("Warga perlu pelatihan\tusaha", "Pelatihan wirausaha baru", "{n} Orang"),
)
_NOTES: Final = ("Sesuai kebutuhan warga", "Prioritas", "Agar disurvei dahulu", "")
# Stage, rejected, cancelled: the proposals of the demonstration people.
_OWN: Final = {
    "resident": (("Diakomodasi", 0, 0), ("SKPD", 1, 0), ("Kecamatan", 0, 1), ("Kelurahan", 0, 0)),
    "resident-damaged": (("TAPD", 0, 0),),
    "resident-renamed": (("SKPD", 0, 0),),
    "resident-no-nik": (("Kecamatan", 0, 0),),
}


def people(everybody: Sequence[Person]) -> Iterator[Row]:
    """Yield the registered proposers: each person with a NIK, under their alias if they have one."""
    return ({"nik": p.nik, "nama": p.alias or p.name} for p in everybody if p.nik)


def lines(seed: int, now: datetime) -> Iterator[Row]:
    """Yield the plans of 2019, and of the years before, of and after the present one."""
    random = Random(f"{seed}/rkpd")
    yield from _old(random)
    for year in (now.year - 1, now.year, now.year + 1):
        for code, name, activities in PROGRAMMES:
            yield from _programme(random, year, (code, name), activities, AGENCIES[code[:4]])
        for kecamatan in KECAMATAN:
            programme = ("7.01.03", "PROGRAM PEMBERDAYAAN MASYARAKAT DESA DAN KELURAHAN")
            activities = (("2.02", "Kegiatan Pemberdayaan Kelurahan"),)
            yield from _programme(random, year, programme, activities, kecamatan)


def _programme(
    random: Random,
    year: int,
    programme: tuple[str, str],
    activities: Sequence[tuple[str, str]],
    agency: tuple[str, str],
) -> Iterator[Row]:
    code, name = programme
    # Codes end with a dot or a blank (Q43); names contain line breaks (Q56).
    head = {
        "tahun": str(year),
        "kode_program": f"{code}.",
        "nama_program": name.replace(" DAN ", "\r\nDAN\t", 1),
        "kode_skpd": f"{agency[0]}. ",
        "nama_skpd": agency[1],
        "indikator": random.choice(("Persentase capaian", "Jumlah layanan", "-")),
    }
    empty = {"kode_giat": "", "nama_giat": "", "kode_sub_giat": "", "nama_sub_giat": ""}
    # The sum of a programme may exceed the range of its column (Q41).
    yield {**head, **empty, "pagu": f"{OVERFLOW}.00" if random.random() < 0.4 else _money(random, 1200)}
    for short, activity in activities:
        giat = {"kode_giat": f"{code}.{short} ", "nama_giat": activity}
        yield {**head, **empty, **giat, "pagu": _money(random, 900)}
        for number, sub in SUB_ACTIVITIES:
            below = {"kode_sub_giat": f"{code}.{short}.{number}", "nama_sub_giat": f"{sub}\n{activity}"}
            yield {**head, **giat, **below, "pagu": _money(random, 300)}


def _old(random: Random) -> Iterator[Row]:
    """Yield the plan of 2019, in the nomenclature of 2006: programmes and activities only."""
    for field, code, name, agency in OLD:
        head = {
            "tahun": "2019",
            "kode_program": code,
            "nama_program": name,
            "kode_skpd": f"{field}.01.",
            "nama_skpd": agency,
            "kode_sub_giat": "",
            "nama_sub_giat": "",
            "indikator": "-",
        }
        yield {**head, "kode_giat": "", "nama_giat": "", "pagu": _money(random, 1200)}
        for number, activity in OLD_ACTIVITIES:
            giat = {"kode_giat": f"{code}.{number}", "nama_giat": activity}
            yield {**head, **giat, "pagu": _money(random, 400)}


def _money(random: Random, most: int) -> str:
    return f"{random.randrange(20, most) * 1_000_000 + random.randrange(1000)}.00"


def proposals(everybody: Sequence[Person], seed: int, now: datetime) -> Iterator[Row]:
    """Yield the proposals, the oldest first."""
    random = Random(f"{seed}/usulan")
    drawn = list(_drawn(random, everybody))
    for ago, person, stage, rejected, cancelled in sorted(drawn, key=lambda one: -one[0]):
        year = now.year + 1 if ago < 300 else now.year
        made = now - timedelta(days=ago)
        yield {
            **proposal(random, person, year, made, stage=stage),
            "is_tolak": rejected,
            "is_batal": cancelled,
        }


def _drawn(random: Random, everybody: Sequence[Person]) -> Iterator[tuple[float, Person, str, int, int]]:
    for name, own in _OWN.items():
        for place, (stage, rejected, cancelled) in enumerate(own):
            yield 380.0 - 95 * place, DEMONSTRATION[name], stage, rejected, cancelled
    neighbours = everybody[len(DEMONSTRATION) :]
    for _ in range(SIZE):
        stage = UNKNOWN_STAGE if random.random() < 0.02 else random.choice(STAGES)
        rejected, cancelled = int(random.random() < 0.08), int(random.random() < 0.05)
        yield random.random() * 400, random.choice(neighbours), stage, rejected, cancelled


def proposal(random: Random, person: Person, year: int, made: datetime, *, stage: str) -> Row:
    """Return the columns of a proposal."""
    problem, title, volume = random.choice(_PROBLEMS)
    number = number_of(person.kelurahan_code)
    reached = STAGES.index(stage) if stage in STAGES else 1
    amount = random.randrange(5, 400) * 1_000_000
    located = random.random() > 0.2
    levels: Row = {}
    for place, level in enumerate(LEVELS):
        seen = place < reached
        levels[f"rekom_{level}_anggaran"] = f"{amount * (10 - place) // 10}.00" if seen else "0.00"
        levels[f"rekom_{level}_koefisien"] = volume.format(n=random.randrange(1, 300)) if seen else ""
        levels[f"rekom_{level}_rekomendasi"] = random.choice(_NOTES) if seen else ""
    return {
        "nik": person.nik,
        "tahun": str(year),
        "masalah": problem,
        "giat_teks": title,
        "alamat_teks": f"Lingkungan RT {person.rt:03d}",
        "anggaran": f"{OVERFLOW}" if random.random() < 0.03 else f"{amount}.00",
        "koefisien": volume.format(n=random.randrange(1, 300)),
        "id_kecamatan": kecamatan_of(number),
        "id_kelurahan": number,
        "detail_latpeta": f"{random.uniform(-3.375, -3.275):.7f}" if located else "0",
        "detail_langpeta": f"{random.uniform(114.53, 114.65):.7f}" if located else "0",
        # Numbered from 1 in one version and from 0 in the next.
        "status_usul": reached + year % 2,
        "status_usul_teks": stage,
        "is_batal": 0,
        "is_tolak": 0,
        # A text in an integer column became 0 (Q42), an 18-digit number the maximum of the column (Q41).
        "tolak_teks": 0,
        "nip": OVERFLOW if reached else 0,
        **levels,
        "tgl_usul": f"{made:%Y-%m-%d %H:%M:%S}",
    }
