"""Bronze rules: the package and its table are well formed, golden pairs hold, hostile answers do no harm."""

from typing import Final

from conformance import code_lists, databases, folders, golden, hostile, rows, targets
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
        ("Berkas paket lengkap", "The package is complete"),
        package_files.has_package,
    ),
    rule("shape-spec", table.spec, ("SPEC berlaku", "The SPEC is valid")),
    rule("shape-rows", table.rows, ("Baris SPEC berlaku", "The rows of the SPEC are valid")),
    rule(
        "shape-datasheet",
        package_files.datasheet,
        ("Lembar data lengkap", "The datasheet is complete"),
        package_files.has_package,
    ),
    rule(
        "shape-readme",
        package_files.readme,
        ("Tabel README memuat semua kolom", "The README's table covers every wire field"),
        package_files.has_package,
    ),
    rule(
        "shape-settings",
        fields.settings,
        ("Pengaturan diuraikan, rahasia terlindung", "Settings are described, and secrets are SecretStr"),
    ),
    rule(
        "shape-classes",
        fields.bodies,
        ("Setiap kolom berkelas data", "Every field of the bodies has a data class"),
    ),
    rule(
        "shape-walls",
        import_rules.forbidden_imports,
        ("Impor terlarang tidak ada", "No forbidden imports, clocks or file access"),
        package_files.has_package,
    ),
    rule("golden", golden.pairs, ("Pasangan contoh cocok", "Golden pairs match"), must=True),
    rule(
        "rows-answer",
        rows.answer,
        ("Setiap baris menjawab dan dapat dinormalkan", "Every row returns records that can be normalised"),
        rows.needs_simulator,
        must=True,
    ),
    rule("rows-keys", rows.keys, ("Kunci unik", "Keys are unique"), rows.needs_simulator, must=True),
    rule(
        "code-lists",
        code_lists.declared,
        ("Nilai berkode ada di daftar kode", "Coded values are in the declared code lists"),
    ),
    rule("rows-documents", rows.documents, ("Dokumen dapat diambil", "Documents can be fetched"), rows.needs_simulator),
    rule(
        "hostile-connection",
        hostile.group("connection"),
        ("Sambungan macet, putus, rusak", "Connections that hang, break, or are not HTTP"),
        targets.over_http,
    ),
    rule(
        "hostile-statuses",
        hostile.group("statuses"),
        ("Status penolakan dan gangguan", "HTTP statuses of refusal and failure"),
        targets.over_http,
    ),
    rule(
        "hostile-pages",
        hostile.group("pages"),
        ("Halaman HTML alih-alih data", "HTML pages instead of data"),
        targets.over_http,
    ),
    rule(
        "hostile-bodies", hostile.group("bodies"), ("Isi jawaban rusak", "Damaged response bodies"), targets.over_http
    ),
    rule(
        "hostile-bombs",
        hostile.group("bombs"),
        ("Isi terlalu besar, terlalu dalam, atau bom", "Oversized or deeply nested bodies, decompression bombs"),
        targets.over_http,
    ),
    rule(
        "hostile-redirect",
        hostile.redirects,
        ("Pengalihan ke asal lain tidak diikuti", "A redirect to another origin is not followed"),
        targets.over_http,
    ),
    rule("hostile-files", folders.group("contents"), ("Berkas rusak", "Damaged files"), folders.of_files),
    rule(
        "hostile-file-bombs",
        folders.group("bombs"),
        ("Berkas terlalu besar, terlalu dalam, atau bom", "Oversized or deeply nested files, decompression bombs"),
        folders.of_files,
    ),
    rule(
        "hostile-folder",
        folders.folder_missing,
        ("Folder kosong atau hilang", "An empty or missing folder"),
        folders.of_files,
    ),
    rule(
        "hostile-database",
        databases.contents,
        ("Basis data rusak, berubah, terkunci, hilang", "Damaged, changed, locked or missing database"),
        databases.of_databases,
    ),
    rule(
        "hostile-fields",
        list_damage_rules.fields,
        (
            "Kolom hilang atau baru, tanggal nol, kunci ganda",
            "Missing or additional fields, zero dates, duplicate keys",
        ),
        rows.needs_simulator,
    ),
)
