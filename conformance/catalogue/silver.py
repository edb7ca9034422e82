"""What comes is whose it should be, comes whole, and nothing else is touched or told."""

from typing import Final

from conformance import feeds, identity, limits, paging, paging_changes, probe, redaction, rows, subjects, webhooks
from conformance.catalogue.declaration import rules_of
from conformance.mutation import payload_rules, record_rules
from conformance.rules import Rule
from schemas.system import QualityLevel

rule = rules_of(QualityLevel.SILVER)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "owners",
        subjects.owners,
        ("Yang datang milik yang ditanyakan", "What comes belongs to whom it was asked for"),
        subjects.owned,
    ),
    rule(
        "strangers",
        subjects.strangers,
        ("Orang tak dikenal mendapat jawaban kosong", "A stranger gets an empty answer"),
        subjects.personal,
    ),
    rule(
        "unknown-keys",
        subjects.unknown_keys,
        ("Kunci tak dikenal tidak membawa apa-apa", "Keys that do not exist bring nothing"),
        rows.needs_simulator,
    ),
    rule(
        "filters",
        rows.filters,
        ("Saringan yang dititipkan dipatuhi", "Filters that are pushed are honoured"),
        rows.needs_simulator,
    ),
    rule(
        "paging",
        paging.ends,
        ("Halaman berakhir, tanpa ulang", "Paging ends, and repeats nothing"),
        rows.needs_simulator,
    ),
    rule("feed-ends", feeds.ends, ("Salinan berkala berakhir", "Feeds come to their end"), feeds.has_feeds),
    rule(
        "feed-resumes",
        feeds.resume,
        ("Salinan berkala dapat dilanjutkan", "Feeds go on from a mark"),
        feeds.has_feeds,
    ),
    rule("probe", probe.answers, ("Pemeriksaan menjawab", "The probe answers"), rows.needs_simulator, must=True),
    rule(
        "paging-moving",
        paging_changes.moving,
        ("Halaman saat data berubah", "Paging while records come and go"),
        rows.needs_simulator,
    ),
    rule(
        "mutation",
        payload_rules.mutation,
        ("Muatan terekam yang dirusak", "Generated damage to recorded payloads"),
        rows.needs_simulator,
        must=True,
    ),
    rule(
        "mutation-records",
        record_rules.records,
        ("Rekaman terekam yang dirusak", "Generated damage to recorded records"),
        must=True,
    ),
    rule("limits", limits.limits, ("Batas dipatuhi", "Declared limits are kept"), rows.needs_simulator),
    rule(
        "identity",
        identity.callers,
        ("Token dan pengenal penanya tidak sampai", "Nothing of a caller reaches the system"),
        rows.needs_simulator,
        must=True,
    ),
    rule(
        "webhook-stores",
        webhooks.stored,
        ("Pintu: simpan dahulu, baru jawab", "Webhooks store before they reply"),
        webhooks.has_webhooks,
    ),
    rule(
        "webhook-once",
        webhooks.once,
        ("Pintu: kiriman ulang disimpan sekali", "A repeated push is stored once"),
        webhooks.has_webhooks,
    ),
    rule(
        "webhook-sender",
        webhooks.sender,
        ("Pintu: pengirim dipastikan", "Webhooks know who pushes"),
        webhooks.has_webhooks,
    ),
    rule("webhook-damaged", webhooks.damaged, ("Pintu: kiriman rusak", "Damaged pushes"), webhooks.has_webhooks),
)

LAST: Final[tuple[Rule, ...]] = (
    rule(
        "probe-credentials",
        probe.credentials,
        ("Kredensial salah dikenali", "Wrong credentials are told as such"),
        rows.needs_simulator,
    ),
    rule(
        "redaction",
        redaction.redaction,
        ("Tidak ada yang bocor", "Nothing leaks into logs, reasons or repr"),
        rows.needs_simulator,
        must=True,
    ),
)
"""Wrong credentials and redaction come last: one may lock an account, the other looks through all that was told."""
