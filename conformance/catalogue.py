"""Every rule of the suite, in the order in which they are checked; and what is not written yet."""

from typing import Final

from conformance import (
    databases,
    feeds,
    folders,
    golden,
    hostile,
    paging,
    probing,
    redaction,
    rows,
    subjects,
    targets,
    writes,
)
from conformance.rules import Applicability, Check, Rule, always
from conformance.shape import fields, parts, table, walls
from schemas.system import QualityLevel
from schemas.texts import Text

BRONZE: Final = QualityLevel.BRONZE
SILVER: Final = QualityLevel.SILVER
GOLD: Final = QualityLevel.GOLD
PLATINUM: Final = QualityLevel.PLATINUM


def _rule(
    level: QualityLevel,
    name: str,
    check: Check,
    titles: tuple[str, str],
    applies: Applicability = always,
    *,
    must: bool = False,
) -> Rule:
    title = Text(id=titles[0], en=titles[1])
    return Rule(id=name, level=level, title=title, check=check, applies=applies, compulsory=must)


RULES: Final[tuple[Rule, ...]] = (
    _rule(
        BRONZE,
        "shape-files",
        parts.files,
        ("Berkas paket lengkap", "The package's files are all there"),
        parts.in_the_tree,
    ),
    _rule(BRONZE, "shape-spec", table.spec, ("SPEC berlaku", "The SPEC is valid")),
    _rule(BRONZE, "shape-rows", table.rows, ("Baris SPEC berlaku", "The rows of the SPEC are valid")),
    _rule(
        BRONZE,
        "shape-datasheet",
        parts.datasheet,
        ("Lembar data lengkap", "The datasheet is complete"),
        parts.in_the_tree,
    ),
    _rule(
        BRONZE,
        "shape-readme",
        parts.readme,
        ("Tabel README memuat semua kolom", "The README's table covers every wire field"),
        parts.in_the_tree,
    ),
    _rule(
        BRONZE,
        "shape-settings",
        fields.settings,
        ("Pengaturan diuraikan, rahasia terlindung", "Settings are described, and secrets are secrets"),
    ),
    _rule(
        BRONZE,
        "shape-classes",
        fields.bodies,
        ("Setiap kolom berkelas data", "Every field of the bodies has a data class"),
    ),
    _rule(
        BRONZE,
        "shape-walls",
        walls.walls,
        ("Dinding antarmodul utuh", "The walls between modules stand"),
        parts.in_the_tree,
    ),
    _rule(BRONZE, "golden", golden.pairs, ("Pasangan contoh", "Golden pairs"), must=True),
    _rule(
        BRONZE,
        "rows-answer",
        rows.answer,
        ("Setiap baris menjawab", "Every row answers, and can be normalised"),
        rows.needs_twin,
        must=True,
    ),
    _rule(BRONZE, "rows-keys", rows.keys, ("Kunci unik", "Keys are unique"), rows.needs_twin, must=True),
    _rule(
        BRONZE, "rows-documents", rows.documents, ("Dokumen dapat diambil", "Documents can be fetched"), rows.needs_twin
    ),
    _rule(
        BRONZE,
        "hostile-connection",
        hostile.group("connection"),
        ("Sambungan macet, putus, rusak", "Connections that hang, break, or speak no HTTP"),
        targets.over_http,
    ),
    _rule(
        BRONZE,
        "hostile-statuses",
        hostile.group("statuses"),
        ("Status penolakan dan gangguan", "Statuses of refusal and failure"),
        targets.over_http,
    ),
    _rule(
        BRONZE,
        "hostile-pages",
        hostile.group("pages"),
        ("Halaman alih-alih data", "Pages in place of data"),
        targets.over_http,
    ),
    _rule(BRONZE, "hostile-bodies", hostile.group("bodies"), ("Isi rusak", "Damaged bodies"), targets.over_http),
    _rule(
        BRONZE,
        "hostile-bombs",
        hostile.group("bombs"),
        ("Isi terlalu besar, terlalu dalam, atau bom", "Bodies too large or too deep, and bombs"),
        targets.over_http,
    ),
    _rule(
        BRONZE,
        "hostile-redirect",
        hostile.redirects,
        ("Pengalihan ke tempat lain tidak diikuti", "A redirect elsewhere is not followed"),
        targets.over_http,
    ),
    _rule(BRONZE, "hostile-files", folders.group("contents"), ("Berkas rusak", "Damaged files"), folders.of_files),
    _rule(
        BRONZE,
        "hostile-file-bombs",
        folders.group("bombs"),
        ("Berkas terlalu besar, terlalu dalam, atau bom", "Files too large or too deep, and bombs"),
        folders.of_files,
    ),
    _rule(
        BRONZE,
        "hostile-folder",
        folders.away,
        ("Folder kosong atau hilang", "A folder that is empty or gone"),
        folders.of_files,
    ),
    _rule(
        BRONZE,
        "hostile-database",
        databases.contents,
        ("Basis data rusak, berubah, terkunci, hilang", "Databases that are damaged, changed, held, or gone"),
        databases.of_databases,
    ),
    _rule(
        SILVER,
        "owners",
        subjects.owners,
        ("Yang datang milik yang ditanyakan", "What comes belongs to whom it was asked for"),
        subjects.owned,
    ),
    _rule(
        SILVER,
        "strangers",
        subjects.strangers,
        ("Orang tak dikenal mendapat jawaban kosong", "A stranger gets an empty answer"),
        subjects.personal,
    ),
    _rule(
        SILVER,
        "unknown-keys",
        subjects.unknown_keys,
        ("Kunci tak dikenal tidak membawa apa-apa", "Keys that do not exist bring nothing"),
        rows.needs_twin,
    ),
    _rule(
        SILVER,
        "filters",
        rows.filters,
        ("Saringan yang dititipkan dipatuhi", "Filters that are pushed are honoured"),
        rows.needs_twin,
    ),
    _rule(
        SILVER,
        "paging",
        paging.ends,
        ("Halaman berakhir, tanpa ulang", "Paging ends, and repeats nothing"),
        rows.needs_twin,
    ),
    _rule(SILVER, "feed-ends", feeds.ends, ("Salinan berkala berakhir", "Feeds come to their end"), feeds.has_feeds),
    _rule(
        SILVER,
        "feed-resumes",
        feeds.resume,
        ("Salinan berkala dapat dilanjutkan", "Feeds go on from a mark"),
        feeds.has_feeds,
    ),
    _rule(SILVER, "probe", probing.answers, ("Pemeriksaan menjawab", "The probe answers"), rows.needs_twin, must=True),
    _rule(
        GOLD,
        "write-once",
        writes.once,
        ("Tersimpan sekali, dapat dicari", "Stored once, and found again"),
        writes.writing,
    ),
    _rule(
        GOLD,
        "write-lost",
        writes.lost,
        ("Sambungan putus: tetap satu", "Connections lost: the ledger holds one"),
        writes.over_connections,
    ),
    _rule(
        GOLD,
        "write-unsent",
        writes.unsent,
        ("Yang tidak terkirim diketahui", "What was not sent is known"),
        writes.writing,
    ),
    _rule(
        GOLD,
        "write-damaged",
        writes.damaged,
        ("Jawaban rusak atas tulisan", "Damaged answers to a write"),
        writes.over_connections,
    ),
    _rule(
        GOLD,
        "write-look-damaged",
        writes.damaged_look,
        ("Jawaban rusak atas pencarian", "Damaged answers to a look-up"),
        writes.over_connections,
    ),
    _rule(
        SILVER,
        "probe-credentials",
        probing.credentials,
        ("Kredensial salah dikenali", "Wrong credentials are told as such"),
        rows.needs_twin,
    ),
    _rule(
        SILVER,
        "redaction",
        redaction.redaction,
        ("Tidak ada yang bocor", "Nothing leaks into logs, reasons or repr"),
        rows.needs_twin,
        must=True,
    ),
)
"""Wrong credentials and redaction come last: one may lock an account, the other looks through all that was told."""
