"""The code tables of LAPOR, and their canonical equivalents."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.case import CaseStatus as Status
from schemas.code_lists import CodeList
from schemas.codes import Coded
from schemas.texts import Text

CATEGORY: Final = "complaint-category"
OWN_TOPICS: Final = "lapor/topik"

_TOPICS: Final = (
    ("11", "infrastructure", "Infrastruktur", "Infrastructure"),
    ("13", "road", "Jalan Rusak", "Damaged road"),
    ("14", "drainage", "Drainase dan Genangan", "Drainage and standing water"),
    ("15", "street-light", "Lampu Jalan", "Street light"),
    ("16", "bridge", "Jembatan dan Titian", "Bridge or footbridge"),
    ("21", "environment", "Lingkungan Hidup", "Environment"),
    ("22", "waste", "Sampah", "Waste"),
    ("23", "river-pollution", "Pencemaran Sungai", "River pollution"),
    ("31", "transport", "Perhubungan", "Transport"),
    ("32", "parking", "Parkir Liar", "Illegal parking"),
    ("33", "traffic-light", "Lampu Lalu Lintas", "Traffic light"),
    ("41", "public-service", "Pelayanan Publik", "Public service"),
    ("42", "civil-registration", "Administrasi Kependudukan", "Civil registration"),
    ("43", "health", "Kesehatan", "Health"),
    ("44", "water", "Air Bersih", "Clean water"),
    ("51", "public-order", "Ketertiban Umum", "Public order"),
    ("52", "noise", "Kebisingan", "Noise"),
    ("61", "other", "Topik Lainnya", "Another topic"),
)

CATEGORIES: Final[Mapping[str, Coded]] = MappingProxyType(
    {topic: Coded(scheme=CATEGORY, code=code, text=Text(id=name, en=en)) for topic, code, name, en in _TOPICS}
)
"""The canonical category of each known topic."""

CODE_LISTS: Final = (CodeList.of_coded(Text(id="Kategori aduan", en="Category of a complaint"), CATEGORIES.values()),)

TOPICS: Final[Mapping[str, str]] = MappingProxyType({code: topic for topic, code, _, _ in _TOPICS})
"""The topic of each canonical category."""

STAGES: Final[Mapping[str, tuple[Status, Text]]] = MappingProxyType(
    {
        "belum diverifikasi": (Status.SUBMITTED, Text(id="Belum diverifikasi", en="Not verified yet")),
        "terverifikasi": (Status.VERIFIED, Text(id="Terverifikasi", en="Verified")),
        "disposisi": (Status.FORWARDED, Text(id="Disposisi", en="Forwarded to an agency")),
        "tindak lanjut": (Status.IN_PROGRESS, Text(id="Tindak lanjut", en="Being followed up")),
        "ditanggapi": (Status.ANSWERED, Text(id="Ditanggapi", en="Answered")),
        "selesai": (Status.CLOSED, Status.CLOSED.text),
        "dibuka kembali": (Status.IN_PROGRESS, Text(id="Dibuka kembali", en="Reopened")),
        "ditolak": (Status.REJECTED, Status.REJECTED.text),
        "digabung": (Status.MERGED, Status.MERGED.text),
    }
)
"""The status of each stage, in lower case, and its text: LAPOR's own word, where it differs from that of the status."""

TOKEN_REFUSED: Final = "token tidak dikenal"  # noqa: S105 - a message of LAPOR, no secret
NOT_FOUND: Final = "data tidak ditemukan"
BUSY: Final = b"terlalu banyak permintaan"

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pelapor belum terdaftar": "reporter-unknown",
        "topik tidak dikenal": "kind-unknown",
        "kelurahan tidak dikenal": "region-unknown",
        "isi laporan terlalu pendek": "text-refused",
    }
)
"""The code of a refusal, by LAPOR's text in lower case."""


def folded(text: str | None) -> str:
    """Fold a word for comparison: lower case, single blanks."""
    return " ".join((text or "").casefold().split())
