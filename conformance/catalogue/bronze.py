"""The package and its table are in shape, its golden pairs hold, and hostile answers do no harm."""

from typing import Final

from conformance import databases, folders, golden, hostile, rows, targets
from conformance.catalogue.declaration import rules_of
from conformance.mutation import list_damage_rules
from conformance.rules import Rule
from conformance.shape import fields, import_rules, package_files, table
from schemas.system import QualityLevel

rule = rules_of(QualityLevel.BRONZE)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "shape-files",
        package_files.files,
        ("Berkas paket lengkap", "The package's files are all there"),
        package_files.in_the_tree,
    ),
    rule("shape-spec", table.spec, ("SPEC berlaku", "The SPEC is valid")),
    rule("shape-rows", table.rows, ("Baris SPEC berlaku", "The rows of the SPEC are valid")),
    rule(
        "shape-datasheet",
        package_files.datasheet,
        ("Lembar data lengkap", "The datasheet is complete"),
        package_files.in_the_tree,
    ),
    rule(
        "shape-readme",
        package_files.readme,
        ("Tabel README memuat semua kolom", "The README's table covers every wire field"),
        package_files.in_the_tree,
    ),
    rule(
        "shape-settings",
        fields.settings,
        ("Pengaturan diuraikan, rahasia terlindung", "Settings are described, and secrets are secrets"),
    ),
    rule(
        "shape-classes",
        fields.bodies,
        ("Setiap kolom berkelas data", "Every field of the bodies has a data class"),
    ),
    rule(
        "shape-walls",
        import_rules.walls,
        ("Dinding antarmodul utuh", "The walls between modules stand"),
        package_files.in_the_tree,
    ),
    rule("golden", golden.pairs, ("Pasangan contoh", "Golden pairs"), must=True),
    rule(
        "rows-answer",
        rows.answer,
        ("Setiap baris menjawab", "Every row answers, and can be normalised"),
        rows.needs_simulator,
        must=True,
    ),
    rule("rows-keys", rows.keys, ("Kunci unik", "Keys are unique"), rows.needs_simulator, must=True),
    rule("rows-documents", rows.documents, ("Dokumen dapat diambil", "Documents can be fetched"), rows.needs_simulator),
    rule(
        "hostile-connection",
        hostile.group("connection"),
        ("Sambungan macet, putus, rusak", "Connections that hang, break, or speak no HTTP"),
        targets.over_http,
    ),
    rule(
        "hostile-statuses",
        hostile.group("statuses"),
        ("Status penolakan dan gangguan", "Statuses of refusal and failure"),
        targets.over_http,
    ),
    rule(
        "hostile-pages",
        hostile.group("pages"),
        ("Halaman alih-alih data", "Pages in place of data"),
        targets.over_http,
    ),
    rule("hostile-bodies", hostile.group("bodies"), ("Isi rusak", "Damaged bodies"), targets.over_http),
    rule(
        "hostile-bombs",
        hostile.group("bombs"),
        ("Isi terlalu besar, terlalu dalam, atau bom", "Bodies too large or too deep, and bombs"),
        targets.over_http,
    ),
    rule(
        "hostile-redirect",
        hostile.redirects,
        ("Pengalihan ke tempat lain tidak diikuti", "A redirect elsewhere is not followed"),
        targets.over_http,
    ),
    rule("hostile-files", folders.group("contents"), ("Berkas rusak", "Damaged files"), folders.of_files),
    rule(
        "hostile-file-bombs",
        folders.group("bombs"),
        ("Berkas terlalu besar, terlalu dalam, atau bom", "Files too large or too deep, and bombs"),
        folders.of_files,
    ),
    rule(
        "hostile-folder",
        folders.away,
        ("Folder kosong atau hilang", "A folder that is empty or gone"),
        folders.of_files,
    ),
    rule(
        "hostile-database",
        databases.contents,
        ("Basis data rusak, berubah, terkunci, hilang", "Databases that are damaged, changed, held, or gone"),
        databases.of_databases,
    ),
    rule(
        "hostile-fields",
        list_damage_rules.fields,
        ("Kolom hilang atau baru, tanggal nol, kunci ganda", "Fields missing or new, zero dates, doubled keys"),
        rows.needs_simulator,
    ),
)
