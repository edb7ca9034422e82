"""The initial data of the complaints service: all residents as reporters, and some four hundred reports.

The data depends only on the seed and on the time of the clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Final

from simulators.kelurahan import Kelurahan, kelurahan
from simulators.lapor.store import Row
from simulators.lapor.topics import STAGES
from simulators.people import DEMONSTRATION, Person

SIZE: Final = 400
_DAYS: Final = 90
_WIB: Final = timezone(timedelta(hours=7))
_STAGE_WEIGHTS: Final = (14, 12, 16, 18, 10, 30, 2, 4, 3, 1)
_AGENCIES: Final = {
    "1": "Dinas Pekerjaan Umum dan Penataan Ruang",
    "2": "Dinas Lingkungan Hidup",
    "3": "Dinas Perhubungan",
    "4": "Dinas Kependudukan dan Pencatatan Sipil",
    "5": "Satuan Polisi Pamong Praja",
    "6": "Dinas Komunikasi, Informatika dan Statistik",
    "7": "Badan Penanggulangan Bencana Daerah",
}
_COMPLAINTS: Final = {
    "13": ("Jalan berlubang", "Jalan berlubang cukup dalam di depan pasar, sudah dua pengendara jatuh bulan ini."),
    "14": ("Genangan setiap hujan", "Setiap hujan air tergenang\nsampai ke teras rumah karena drainase tersumbat."),
    "15": ("Lampu jalan padam", "Lampu penerangan jalan padam sudah seminggu, gang jadi gelap dan rawan."),
    "16": ("Titian rusak", "Titian kayu menuju langgar patah dua papan, anak-anak sulit lewat berangkat sekolah."),
    "22": ("Sampah menumpuk", "Sampah di TPS tidak diangkut tiga hari, bau sampai ke permukiman."),
    "23": ("Air sungai berbusa", "Air sungai berbusa dan berwarna hitam sejak pagi, ikan di keramba mati."),
    "32": ("Parkir liar", "Parkir liar di badan jalan setiap sore membuat macet panjang."),
    "33": ("Lampu merah mati", "Lampu lalu lintas mati di simpang, kendaraan saling serobot."),
    "42": ("KTP belum jadi", "Sudah sebulan KTP belum selesai dicetak, mohon kejelasan."),
    "43": ("Antrean puskesmas lama", "Antrean di puskesmas sangat lama padahal datang sejak pagi."),
    "44": ("Air tidak mengalir", "Air bersih tidak mengalir sejak kemarin sore di satu gang."),
    "52": ("Suara musik larut malam", "Suara musik keras sampai larut malam dari ruko, mengganggu warga."),
    "61": ("", "Mohon papan nama gang diperbaiki karena sudah tidak terbaca."),
    "77": ("Kabut asap", "Kabut asap tebal sejak subuh, jarak pandang sangat pendek."),
}
_ANSWERS: Final = (
    "Terima kasih atas laporannya, petugas kami akan memeriksa lokasi.",
    "Laporan telah ditindaklanjuti oleh tim di lapangan.",
    "Pekerjaan dijadwalkan pada pekan depan.",
)
# Topic, stage, days ago, secret, anonymous: the reports of the demonstration people, the oldest first.
_OWN: Final[Mapping[str, tuple[tuple[str, str, int, bool, bool], ...]]] = {
    "resident": (
        ("13", "Selesai", 84, False, False),
        ("22", "Selesai", 76, False, False),
        ("15", "Digabung", 63, False, False),
        ("44", "Selesai", 58, False, False),
        ("61", "Arsip Daerah", 51, False, False),
        ("42", "Ditolak", 40, False, False),
        ("14", "Ditanggapi", 22, False, False),
        ("32", "Dibuka Kembali", 17, False, False),
        ("43", "Tindak Lanjut", 12, True, False),
        ("23", "Disposisi", 6, False, True),
        ("16", "Belum Diverifikasi", 1, False, False),
    ),
    "resident-damaged": (("22", "Selesai", 30, False, False), ("52", "Terverifikasi", 4, True, True)),
    "resident-renamed": (("13", "Tindak Lanjut", 9, False, False),),
    "resident-no-nik": (("44", "Terverifikasi", 3, False, False),),
}


def written(moment: datetime) -> str:
    """Format a time as the service does: the server's zone is Jakarta, and the application adds an hour (Q30)."""
    return f"{moment.astimezone(_WIB) + timedelta(hours=1):%Y-%m-%d %H:%M:%S}"


def reporters(people: Sequence[Person]) -> Iterator[Row]:
    """Yield a reporter for each person with a NIK, under the name on their identity card."""
    for person in people:
        if person.nik:
            first, _, last = person.name.partition(" ")
            yield {
                "nik": person.nik,
                "namadepan": first,
                "namabelakang": last,
                "telpon": person.phone,
                "email": f"{first.lower()}@contoh.invalid",
            }


def reports(people: Sequence[Person], seed: int, now: datetime) -> Iterator[tuple[Row, list[Row]]]:
    """Yield the reports, each with its answers, the oldest first."""
    random = Random(f"{seed}/lapor")
    places = {place.code: place for place in kelurahan()}
    drawn = list(_drawn(random, people))
    for days, person, topic, stage, secret, anonymous in sorted(drawn, key=lambda one: -one[0]):
        report = report_of(
            random,
            places[person.kelurahan_code],
            topic,
            made=now - timedelta(days=days),
            stage=stage,
            flags=(secret, anonymous),
        )
        changed = now - timedelta(days=days * 0.4)
        report |= {"nik": person.nik, "perubahan": written(changed) if stage != STAGES[0] else report["tanggal"]}
        yield report, _answers(random, report, stage, changed)


def _drawn(random: Random, people: Sequence[Person]) -> Iterator[tuple[float, Person, str, str, bool, bool]]:
    for name, own in _OWN.items():
        for topic, stage, days, secret, anonymous in own:
            yield float(days), DEMONSTRATION[name], topic, stage, secret, anonymous
    neighbours = people[len(DEMONSTRATION) :]
    for _ in range(SIZE):
        ago = random.random() * _DAYS
        stage = random.choices(STAGES, _STAGE_WEIGHTS)[0]
        secret, anonymous = random.random() < 0.08, random.random() < 0.2
        yield ago, random.choice(neighbours), random.choice(list(_COMPLAINTS)), stage, secret, anonymous


def report_of(
    random: Random, place: Kelurahan, topic: str, *, made: datetime, stage: str, flags: tuple[bool, bool]
) -> Row:
    """Return the columns of a report; some have no place, or the place 0, 0."""
    title, text = _COMPLAINTS.get(topic, _COMPLAINTS["61"])
    located = random.random()
    latitude, longitude = f"{random.uniform(-3.375, -3.275):.6f}", f"{random.uniform(114.53, 114.65):.6f}"
    if located < 0.15:
        latitude, longitude = ("", "") if located < 0.08 else ("0", "0")
    return {
        "nik": "",
        "judul": title,
        "isi": text,
        "topik": topic,
        "tanggal": written(made),
        "perubahan": written(made),
        "tenggat": written(made + timedelta(days=14)) if random.random() < 0.8 else "",
        "kelurahan": place.name,
        "kecamatan": place.kecamatan,
        "lokasi": f"Jl. Contoh Ulin RT {random.randrange(1, 30)}",
        "lat": latitude,
        "lng": longitude,
        "instansi": "" if stage in STAGES[:2] else _AGENCIES[topic[0]],
        "tahap": stage,
        "rahasia": "1" if flags[0] else "0",
        "anonim": "1" if flags[1] else "0",
    }


def _answers(random: Random, report: Row, stage: str, at: datetime) -> list[Row]:
    if stage not in {"Ditanggapi", "Selesai", "Dibuka Kembali"}:
        return []
    return [{"tanggal": written(at), "instansi": report["instansi"], "isi": random.choice(_ANSWERS)}]
