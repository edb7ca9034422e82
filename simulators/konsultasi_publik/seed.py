"""Generate consultations around today: public forums, and the Musrenbang of every kelurahan and kecamatan."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from simulators.kelurahan import kelurahan
from simulators.konsultasi_publik.store import Store, truncated
from simulators.people import DEMONSTRATION, Person

ZERO: Final = "0000-00-00 00:00:00"
_THEMES: Final = (
    ("rancangan awal RKPD", "Bapperida", 0),
    ("standar pelayanan kesehatan", "Dinas Kesehatan", 3),
    ("rute angkutan sungai", "Dinas Perhubungan", 3),
    ("penataan pasar terapung", "Dinas Perdagangan dan Perindustrian", 3),
    ("rencana tata ruang tepian sungai", "Dinas Pekerjaan Umum dan Penataan Ruang", 5),
    ("tarif retribusi sampah", "Dinas Lingkungan Hidup", 3),
    ("standar pelayanan administrasi kependudukan", "Disdukcapil", 3),
    ("Musrenbang kota", "Bapperida", 4),
    ("pengendalian banjir rob", "Dinas Pekerjaan Umum dan Penataan Ruang", 5),
)
_FORUMS: Final = 18
_WISHES: Final = (
    "Mohon titian kayu diganti beton",
    "Lampu penerangan jalan perlu ditambah",
    "Saluran air perlu dikeruk sebelum musim hujan",
    "Jadwal kelotok sebaiknya dipasang di setiap dermaga",
    "Perlu tempat sampah terpilah di gang",
    "Usul pelatihan sasirangan untuk ibu-ibu",
    "Posyandu membutuhkan timbangan baru",
    "Perlu rambu kecepatan di depan sekolah",
)
_ANSWERS: Final = (
    "Akan dimasukkan ke rancangan Renja tahun depan.",
    "Sudah ditangani, silakan melapor bila terulang.",
    "Belum dapat diakomodasi karena keterbatasan anggaran.",
)
_HALLS: Final = ("Aula Kayuh Baimbai", "Aula Balai Kota", "Siring Menara Pandang")
_CENTRE: Final = (-3.3194, 114.5908)


@dataclass(slots=True)
class _Writer:
    """Collects the rows of every table."""

    today: datetime
    random: Random
    people: Sequence[Person]
    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"fkp": [], "musrenbang": []})
    places: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    contributions: list[dict[str, Any]] = field(default_factory=list)

    def event(self, table: str, title: str, by: str, stage: int, days: int) -> dict[str, Any]:
        """Add one event, `days` from today."""
        number = len(self.events[table]) + 1
        begin = self.today + timedelta(days=days, hours=8 + self.random.randrange(6))
        row = {
            "id": number,
            "nomor": f"{400 + number:03d}/{table.upper()}/{begin.year}",
            "judul": title,
            "tahap": stage,
            "status": "P" if days < 30 else "R",
            "mulai": f"{begin:%Y-%m-%d %H:%M:%S}",
            "selesai": f"{begin + timedelta(hours=3):%Y-%m-%d %H:%M:%S}",
            # 0 closed, 1 open, 2 open to delegates only (Q25).
            "terima_masukan": 0 if days < -14 else 2 if number % 7 == 0 else 1,
            "isian": self.form(f"Kegiatan {title.lower()}.", by),
        }
        self.events[table].append(row)
        return row

    def form(self, description: str, by: str) -> str:
        """Return the agency's form as one text; it also contains a contact person."""
        contact = self.random.choice(self.people)
        return json.dumps(
            {"uraian": description, "penyelenggara": by, "narahubung": {"nama": contact.name, "hp": contact.phone}},
            ensure_ascii=False,
        )

    def place(self, table: str, number: int, hall: str, home: str | None, **position: str) -> None:
        """Add the place of an event; positions are texts."""
        position_columns = {
            "lintang": f"{_CENTRE[0] + self.random.uniform(-0.02, 0.02):.6f}",
            "bujur": f"{_CENTRE[1] + self.random.uniform(-0.02, 0.02):.6f}",
        } | position
        self.places.append(
            {"tabel": table, "id_kegiatan": number, "tempat": hall, "kelurahan": home, **position_columns}
        )

    def papers(self, table: str, number: int, day: str) -> None:
        """Add two documents: the draft, and the invitation. `lokasi` is a path inside the agency (Q46)."""
        for order, (name, kind, mime) in enumerate(
            (("Rancangan untuk dikonsultasikan", "rancangan", "application/pdf"), ("Undangan", "undangan", ""))
        ):
            self.documents.append(
                {
                    "tabel": table,
                    "id_kegiatan": number,
                    "urut": order,
                    "nama": name,
                    "jenis": kind,
                    "mime": mime,
                    "ukuran": 120_000 + 1_000 * number if order == 0 else 0,
                    "terbit": day.partition(" ")[0] if number % 6 else "0000-00-00",
                    "lokasi": f"\\\\10.20.0.5\\fkp\\{number}\\{order}.pdf",
                }
            )

    def contribute(self, table: str, number: int, shown: int, **columns: Any) -> None:  # noqa: ANN401 - any column
        """Add one contribution.

        `shown`: 0 new, 1 published, 2 hidden, 3 merged, 4 answered by letter, 5 not for us.
        """
        person = self.random.choice(self.people)
        wish = self.random.choice(_WISHES)
        came = self.today - timedelta(days=self.random.randrange(1, 40), hours=-10)
        self.contributions.append(
            {
                "id": len(self.contributions) + 1,
                "tabel": table,
                "id_kegiatan": number,
                "nik": person.nik,
                "nama": person.name,
                "isian": json.dumps({"isi": f"{wish} di {person.kelurahan}.", "bidang": "umum"}, ensure_ascii=False),
                "jawaban": self.random.choice((*_ANSWERS, "-", None)),
                "tampil": shown,
                "masuk": f"{came:%Y-%m-%d %H:%M:%S}",
                **columns,
            }
        )


def seed(store: Store, people: Sequence[Person], number: int, today: datetime) -> None:
    """Seed an empty database, reproducibly for the same seed and day."""
    writer = _Writer(datetime.combine(today.date(), time()), Random(number), people)
    _forums(writer)
    _neighbourhoods(writer)
    _contributions(writer)
    _add_quirks(writer)
    with store.transaction() as connection:
        for table, rows in writer.events.items():
            store.add(f"{table}_kegiatan", [{**row, "isian": truncated(row["isian"])} for row in rows], connection)
        store.add("tempat_kegiatan", writer.places, connection)
        store.add("dokumen", writer.documents, connection)
        store.add("masukan", [{**row, "isian": truncated(row["isian"])} for row in writer.contributions], connection)


def _forums(writer: _Writer) -> None:
    for number in range(_FORUMS):
        theme, agency, stage = _THEMES[number % len(_THEMES)]
        row = writer.event("fkp", f"Forum Konsultasi Publik {theme}", agency, stage, -150 + 14 * number)
        writer.place("fkp", row["id"], _HALLS[number % len(_HALLS)], "Antasan Besar")
        writer.papers("fkp", row["id"], row["mulai"])


def _neighbourhoods(writer: _Writer) -> None:
    for place in kelurahan():
        days = writer.random.randrange(-30, 60)
        row = writer.event("musrenbang", f"Musrenbang Kelurahan {place.name}", f"Kelurahan {place.name}", 1, days)
        writer.place("musrenbang", row["id"], f"Kantor Kelurahan {place.name}", place.name)
    for name in dict.fromkeys(place.kecamatan for place in kelurahan()):
        row = writer.event("musrenbang", f"Musrenbang Kecamatan {name}", f"Kecamatan {name}", 2, 75)
        writer.place("musrenbang", row["id"], f"Kantor Kecamatan {name}", None)


def _contributions(writer: _Writer) -> None:
    for number in range(1, _FORUMS + 1):
        for _ in range(writer.random.randrange(2, 9)):
            writer.contribute("fkp", number, writer.random.choice((0, 1, 1, 1, 1, 2, 3, 4, 5)))
    for number in range(1, 53):
        writer.contribute("musrenbang", number, writer.random.choice((0, 1, 1, 2)))


def _add_quirks(writer: _Writer) -> None:
    forums, local = writer.events["fkp"], writer.events["musrenbang"]
    resident = DEMONSTRATION["resident"]
    forums[2] |= {"mulai": ZERO}  # Q27
    forums[4] |= {"selesai": ZERO}
    local[6] |= {"mulai": f"{writer.today.year}-00-00 00:00:00"}
    forums[8] |= {"tahap": 9, "status": "X"}
    forums[10] |= {"status": "B", "terima_masukan": 0}
    agenda = "\n".join(_agenda(writer))
    forums[5] |= {"isian": writer.form(f"Notulen lengkap:\n{agenda}", "Bapperida")}  # Q55
    writer.place("fkp", 4, "Dermaga Siring", "Gadang")  # Q39: a second, different place
    writer.places.append(next(one for one in writer.places if one["id_kegiatan"] == 8))  # Q39: the same place again
    writer.place(
        "fkp", 10, "Pasar Terapung Lok Baintan", None, lintang="114.60", bujur="-3.30"
    )  # latitude and longitude swapped
    writer.contribute("fkp", 1, 1, isian="Ditulis tangan, disalin petugas: jalan berlubang di depan pasar.")
    writer.contribute("fkp", 2, 1, isian=json.dumps({"isi": f"Lampiran panjang: {agenda}"}))
    writer.contribute(
        "fkp", 17, 1, nik=resident.nik, nama=resident.name, jawaban=None,
        isian=json.dumps({"isi": "Mohon dermaga Mantuil diberi atap. [GB-DEMO0001]"}),
    )  # fmt: skip


def _agenda(writer: _Writer) -> Iterator[str]:
    for number in range(1, 1200):
        yield f"{number}. {writer.random.choice(_WISHES)}; {writer.random.choice(_ANSWERS)}"
