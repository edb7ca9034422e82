"""Seed the database of e-kelurahan with residents and some three thousand applications in every state.

The data depends only on the seed and on the day of the clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from simulators.clock import WITA, Clock
from simulators.e_kelurahan.letters import LETTERS, Letter
from simulators.e_kelurahan.store import ZERO, ZERO_TIME, Store
from simulators.people import DEMONSTRATION, Person

FLOOR: Final = 44
SIZE: Final = 3000
_NOT_SENT: Final = {"dikirim": "T", "verifikasi": "0", "paraf": "T", "status": "0", "siap_ambil": "T"}
_SENT: Final = {**_NOT_SENT, "dikirim": "Y"}
_INITIALLED: Final = {**_SENT, "verifikasi": "1", "paraf": "Y"}
_SIGNED: Final = {**_INITIALLED, "status": "1"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of an application: its columns, and its stamps up to then (who, what)."""

    columns: Mapping[str, str]
    stamps: tuple[tuple[str, str], ...]
    weight: int


_STAMPS: Final = (
    ("Pemohon", "Diajukan"),
    ("Petugas", "Diverifikasi"),
    ("Kasi", "Diparaf"),
    ("Lurah", "Disetujui"),
    ("Petugas", "Siap diambil"),
    ("Pemohon", "Diambil"),
)
STAGES: Final[Mapping[str, Stage]] = {
    "konsep": Stage(_NOT_SENT, (), 2),
    "diajukan": Stage(_SENT, _STAMPS[:1], 12),
    "kurang": Stage({**_SENT, "status": "4"}, (*_STAMPS[:1], ("Petugas", "Berkas dikembalikan")), 6),
    "diverifikasi": Stage({**_SENT, "verifikasi": "1"}, _STAMPS[:2], 13),
    "diparaf": Stage(_INITIALLED, _STAMPS[:3], 8),
    "disetujui": Stage(_SIGNED, _STAMPS[:4], 6),
    "siap": Stage({**_SIGNED, "siap_ambil": "Y"}, _STAMPS[:5], 10),
    "diambil": Stage({**_SIGNED, "siap_ambil": "Y"}, _STAMPS, 30),
    "ditolak": Stage({**_SENT, "status": "2"}, (*_STAMPS[:1], ("Lurah", "Ditolak")), 7),
    "dibatalkan": Stage({**_SENT, "status": "3"}, (*_STAMPS[:1], ("Pemohon", "Dibatalkan")), 4),
    "dicabut": Stage({**_SIGNED, "siap_ambil": "Y", "status": "5"}, (*_STAMPS[:5], ("Lurah", "Dicabut")), 1),
    # An undocumented state.
    "lain": Stage({**_INITIALLED, "status": "7"}, _STAMPS[:3], 1),
}
_NOTES: Final = {
    "Berkas dikembalikan": "Fotokopi KK belum ada",
    "Ditolak": "Alamat tidak sesuai dengan KK",
    "Dicabut": "Keterangan tidak benar",
}
_BASIS: Final = "Peraturan Wali Kota Banjarmasin Nomor 59 Tahun 2013"
_PURPOSES: Final = (
    "Melamar pekerjaan", "Pembuatan rekening bank", "Persyaratan sekolah anak", "Pengurusan BPJS",
    "Persyaratan nikah", "Pengajuan kredit usaha", "Melengkapi berkas kepegawaian", "Pengurusan akta di café kenangan",
)  # fmt: skip


def _name(person: Person, number: int) -> str:
    """Return the name as this system stores it: some with é or ï, some of those encoded twice (Q31)."""
    name = person.alias or person.name
    if number % 23 != 5:
        return name
    name = name.replace("e", "é", 1) if "e" in name else name.replace("i", "ï", 1)
    return name.encode("utf-8").decode("cp1252") if number % 69 == 5 else name


def _birth(person: Person, number: int, clock: Clock) -> str:
    """Return the date of birth as this system stores it.

    It is a time stamp that cannot represent years before 1970, and that any edit overwrites (Q29).
    """
    if person is DEMONSTRATION["resident-damaged"] or person.birth_date.year < 1970:
        return ZERO_TIME
    if number % 29 == 7:
        return f"{clock.now() - timedelta(days=number % 900, seconds=number):%Y-%m-%d %H:%M:%S}"
    return f"{person.birth_date} 00:00:00"


def _residents(store: Store, people: Sequence[Person], clock: Clock) -> None:
    for number, person in enumerate(people, start=1):
        store.insert(
            "penduduk",
            {
                "id": number,
                "nik": person.nik + (" " if number % 17 == 3 else "") or "-",
                "nama": _name(person, number),
                "tempat_lahir": person.birth_place,
                "tanggal_lahir": _birth(person, number, clock),
                "jenis_kelamin": "0" if person.sex == "L" else "1",
                "rt": person.rt,
                "rw": person.rw,
                "kelurahan": person.kelurahan,
                "kecamatan": person.kecamatan,
            },
        )


def _catalogue(store: Store) -> None:
    for letter in LETTERS:
        store.insert(
            "layanan",
            {
                "kode": letter.kode,
                "tabel": letter.tabel,
                "jenis": letter.jenis,
                "nama": letter.nama,
                "klasifikasi": letter.klasifikasi,
                "persyaratan": "<br>".join((*letter.biasa, *letter.juga)),
                "jangka_waktu": f"paling lama {letter.hari} hari kerja terhitung sejak berkas diterima lengkap",
                "biaya": "Rp. 0,-",
                "produk": letter.produk,
                "pengaduan": "Loket kelurahan, pada jam kerja",
                "dasar_hukum": _BASIS,
                "aktif": letter.aktif,
            },
        )


@dataclass(frozen=True, slots=True)
class Filed:
    """One application to store."""

    resident: int
    person: Person
    letter: Letter
    stage: str
    at: datetime
    purpose: str
    zero_date: bool = False


def _file(store: Store, filed: Filed, until: datetime) -> None:
    """Store one application with its files and stamps; stamps are at most a day apart, and all in the past."""
    stage = STAGES[filed.stage]
    apart = min(timedelta(days=1), (until - filed.at) / max(1, len(stage.stamps)))
    stamped = [(filed.at + apart * step, *stamp) for step, stamp in enumerate(stage.stamps)]
    row: dict[str, str | int] = {
        "id_penduduk": filed.resident,
        "jenis": filed.letter.jenis,
        "kelurahan": filed.person.kelurahan,
        "kecamatan": filed.person.kecamatan,
        "keperluan": filed.purpose,
        "tanggal": ZERO_TIME if filed.zero_date else f"{filed.at:%Y-%m-%d %H:%M:%S}",
        **stage.columns,
        "no_surat": "",
        "tanggal_ambil": f"{stamped[-1][0]:%Y-%m-%d}" if filed.stage == "diambil" else ZERO,
        "nama_pengambil": filed.person.mother_name if filed.stage == "diambil" and filed.resident % 5 == 0 else "",
        "keterangan": _NOTES.get(stamped[-1][2], "") if stamped else "",
    }
    number = store.insert(filed.letter.tabel, row)
    for at, who, step in stamped:
        values = {"pada": f"{at:%Y-%m-%d %H:%M:%S}", "oleh": who, "langkah": step, "catatan": _NOTES.get(step, "")}
        store.insert("riwayat", {"tabel": filed.letter.tabel, "id_surat": number, **values})
    _files(store, filed, number, [at for at, _, step in stamped if step == "Disetujui"])


def _files(store: Store, filed: Filed, number: int, signed: Sequence[datetime]) -> None:
    table = filed.letter.tabel
    common: dict[str, str | int] = {"tabel": table, "id_surat": number}
    if filed.stage != "konsep":
        sent = f"{filed.at:%Y-%m-%d %H:%M:%S}"
        store.insert("berkas", {**common, "jenis": "lampiran", "nomor": "", "tanggal": sent})
    for at in signed:
        place = ".".join(part[-3:] for part in filed.person.kelurahan_code.split(".")[-2:])
        letter = f"{number}/{filed.letter.klasifikasi}/{place}/{at.year}"
        store.set_number(table, number, letter)
        store.insert("berkas", {**common, "jenis": "surat", "nomor": letter, "tanggal": f"{at:%Y-%m-%d %H:%M:%S}"})


def _demonstration(people: Sequence[Person], start: datetime) -> Iterator[Filed]:
    """Yield a few applications of each demonstration resident, in several states and tables."""
    by_code = {letter.kode: letter for letter in LETTERS}
    plan = (
        ("resident", "DOM", "diambil", 64, "Pembuatan rekening bank"),
        ("resident", "SKTMSEK", "siap", 20, "Persyaratan sekolah anak"),
        ("resident", "PGT", "diverifikasi", 3, "Melamar pekerjaan"),
        ("resident", "USAHA", "kurang", 2, "Pengajuan kredit usaha"),
        ("resident-damaged", "SKCK", "disetujui", 6, "Melamar pekerjaan"),
        ("resident-damaged", "HILANG", "ditolak", 40, "Kehilangan buku tabungan"),
        ("resident-renamed", "BLMNKH", "diparaf", 4, "Persyaratan nikah"),
        ("resident-renamed", "KTP", "diambil", 90, "Penggantian KTP"),
        ("resident-no-nik", "KTP", "diajukan", 1, "Perekaman KTP baru"),
        ("resident-no-nik", "KK", "konsep", 1, "Masuk kartu keluarga"),
    )
    for account, code, stage, days, purpose in plan:
        person = DEMONSTRATION[account]
        yield Filed(people.index(person) + 1, person, by_code[code], stage, start - timedelta(days=days), purpose)


def _applicants(people: Sequence[Person], random: Random) -> Iterator[int]:
    """Yield the applicants: `FLOOR` from each kelurahan, then from the whole city."""
    homes: dict[str, list[int]] = {}
    for number, person in enumerate(people):
        if person.nik:
            homes.setdefault(person.kelurahan_code, []).append(number)
    drawn = 0
    for numbers in homes.values():
        for _ in range(FLOOR):
            drawn += 1
            yield random.choice(numbers)
    with_nik = [number for numbers in homes.values() for number in numbers]
    for _ in range(SIZE - drawn):
        yield random.choice(with_nik)


def seed(store: Store, people: Sequence[Person], number: int, clock: Clock) -> None:
    """Create and fill the database."""
    random = Random(number)
    store.create()
    _catalogue(store)
    _residents(store, people, clock)
    until = clock.now()
    start = datetime.combine(clock.today() - timedelta(days=1), time(14), WITA)
    for filed in _demonstration(people, start):
        _file(store, filed, until)
    weights = [stage.weight for stage in STAGES.values()]
    for count, who in enumerate(_applicants(people, random)):
        stage = random.choices(list(STAGES), weights)[0]
        days = random.randrange(0, 3) if stage in {"konsep", "diajukan"} else random.randrange(2, 420)
        at = start - timedelta(days=days, minutes=random.randrange(0, 360))
        letter, purpose = random.choice(LETTERS), random.choice(_PURPOSES)
        filed = Filed(who + 1, people[who], letter, stage, at, purpose, zero_date=count % 199 == 7)
        _file(store, filed, until)
    store.commit()
