"""The tree of topics, and the names of a report's stages."""

from typing import Final

TOPICS: Final = (
    ("11", "0", "Infrastruktur"),
    ("13", "11", "Jalan Rusak"),
    ("14", "11", "Drainase dan Genangan"),
    ("15", "11", "Lampu Jalan"),
    ("16", "11", "Jembatan dan Titian"),
    ("21", "0", "Lingkungan Hidup"),
    ("22", "21", "Sampah"),
    ("23", "21", "Pencemaran Sungai"),
    ("31", "0", "Perhubungan"),
    ("32", "31", "Parkir Liar"),
    ("33", "31", "Lampu Lalu Lintas"),
    ("41", "0", "Pelayanan Publik"),
    ("42", "41", "Administrasi Kependudukan"),
    ("43", "41", "Kesehatan"),
    ("44", "41", "Air Bersih"),
    ("51", "0", "Ketertiban Umum"),
    ("52", "51", "Kebisingan"),
    ("61", "0", "Topik Lainnya"),
    # Added after the interface description was published.
    ("77", "21", "Kabut Asap"),
)
"""Id, parent and name. Ids are texts, and a root's parent is "0"."""

KNOWN: Final = frozenset(topic for topic, _, _ in TOPICS)

STAGES: Final = (
    "Belum Diverifikasi",
    "Terverifikasi",
    "Disposisi",
    "Tindak Lanjut",
    "Ditanggapi",
    "Selesai",
    "Dibuka Kembali",
    "Ditolak",
    "Digabung",
    # Undocumented.
    "Arsip Daerah",
)
FIRST_STAGE: Final = STAGES[0]
