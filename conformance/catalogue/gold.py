"""Gold rules: writes are carried out exactly once, drift is detected, and every fault of the simulator is survived."""

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
        ("Tulisan tersimpan sekali, dapat dicari", "A write is stored once, and found by look-up"),
        writes.has_writes,
        must=True,
    ),
    rule(
        "write-lost",
        writes.lost,
        ("Sambungan putus: tulisan tetap satu", "Lost connection: the write is stored exactly once"),
        writes.writes_over_http,
    ),
    rule(
        "write-unsent",
        writes.unsent,
        ("Tulisan yang tidak terkirim dilaporkan", "An unsent write is reported as not sent"),
        writes.has_writes,
    ),
    rule(
        "write-damaged",
        writes.damaged,
        ("Jawaban rusak atas tulisan", "Damaged answer to a write"),
        writes.writes_over_http,
    ),
    rule(
        "write-look-damaged",
        writes.damaged_look,
        ("Jawaban rusak atas pencarian tulisan", "Damaged answer to a look-up"),
        writes.writes_over_http,
    ),
    rule(
        "write-file-lost",
        file_writes.lost,
        ("Berkas hilang: tidak diketahui, tidak ganda", "Lost file: outcome unknown, never stored twice"),
        file_writes.writes_by_files,
    ),
    rule(
        "write-receipts-damaged",
        file_writes.damaged_look,
        ("Daftar tanda terima rusak", "Damaged list of receipts"),
        file_writes.writes_by_files,
    ),
    rule(
        "drift",
        drift.drift_detected,
        ("Perubahan jawaban sistem terdeteksi", "Changes of the system's answers are detected"),
        rows.needs_simulator,
    ),
    rule(
        "faults", faults.faults, ("Semua gangguan pada simulator", "Every fault of the simulator"), rows.needs_simulator
    ),
)
