"""Writes are carried out once, what changes is noticed, and whatever the simulator can do is borne."""

from typing import Final

from conformance import drift, faults, file_writes, rows, writes
from conformance.catalogue.declaration import rules_of
from conformance.rules import Rule
from schemas.system import QualityLevel

rule = rules_of(QualityLevel.GOLD)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "write-once",
        writes.once,
        ("Tersimpan sekali, dapat dicari", "Stored once, and found again"),
        writes.writing,
        must=True,
    ),
    rule(
        "write-lost",
        writes.lost,
        ("Sambungan putus: tetap satu", "Connections lost: the ledger holds one"),
        writes.over_connections,
    ),
    rule(
        "write-unsent",
        writes.unsent,
        ("Yang tidak terkirim diketahui", "What was not sent is known"),
        writes.writing,
    ),
    rule(
        "write-damaged",
        writes.damaged,
        ("Jawaban rusak atas tulisan", "Damaged answers to a write"),
        writes.over_connections,
    ),
    rule(
        "write-look-damaged",
        writes.damaged_look,
        ("Jawaban rusak atas pencarian", "Damaged answers to a look-up"),
        writes.over_connections,
    ),
    rule(
        "write-file-lost",
        file_writes.lost,
        ("Berkas hilang: tidak diketahui, tidak ganda", "Files lost: unknown, and never twice"),
        file_writes.by_files,
    ),
    rule(
        "write-receipts-damaged",
        file_writes.damaged_look,
        ("Daftar tanda terima rusak", "Damaged lists of receipts"),
        file_writes.by_files,
    ),
    rule(
        "drift",
        drift.noticed,
        ("Perubahan bentuk diketahui", "What the system changes is noticed"),
        rows.needs_simulator,
    ),
    rule("faults", faults.faults, ("Semua gangguan kota tiruan", "Every fault of the simulator"), rows.needs_simulator),
)
