"""Silver rules: records reach their owner only and completely, limits are kept, and nothing leaks."""

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
        ("Data hanya milik orang yang ditanyakan", "Records belong to the person in question"),
        subjects.has_owned_rows,
    ),
    rule(
        "strangers",
        subjects.strangers,
        ("NIK tak dikenal mendapat jawaban kosong", "An unknown NIK gets an empty answer"),
        subjects.has_personal_rows,
    ),
    rule(
        "unknown-keys",
        subjects.unknown_keys,
        ("Kunci tak dikenal tidak menemukan apa-apa", "Unknown keys find nothing"),
        rows.needs_simulator,
    ),
    rule(
        "filters",
        rows.filters,
        ("Saringan yang diteruskan dipatuhi", "Pushed filters are honoured"),
        rows.needs_simulator,
    ),
    rule(
        "paging",
        paging.ends,
        ("Halaman berakhir, tanpa ulang", "Paging ends, without repeated records"),
        rows.needs_simulator,
    ),
    rule("feed-ends", feeds.ends, ("Salinan berkala berakhir", "Feeds end with a complete snapshot"), feeds.has_feeds),
    rule(
        "feed-resumes",
        feeds.resume,
        ("Salinan berkala dapat dilanjutkan", "Feeds resume from a mark"),
        feeds.has_feeds,
    ),
    rule("probe", probe.answers, ("Pemeriksaan menjawab", "The probe answers"), rows.needs_simulator, must=True),
    rule(
        "paging-moving",
        paging_changes.stable_under_changes,
        ("Halaman saat data berubah", "Paging while records are added and removed"),
        rows.needs_simulator,
    ),
    rule(
        "mutation",
        payload_rules.mutation,
        ("Kerusakan acak pada muatan terekam", "Generated damage to recorded payloads"),
        rows.needs_simulator,
        must=True,
    ),
    rule(
        "mutation-records",
        record_rules.records,
        ("Kerusakan acak pada pasangan contoh", "Generated damage to golden records"),
        must=True,
    ),
    rule("limits", limits.limits, ("Batas yang dinyatakan dipatuhi", "Declared limits are kept"), rows.needs_simulator),
    rule(
        "identity",
        identity.callers,
        ("Token dan pengenal penanya tidak sampai ke sistem", "No token or identity of a caller reaches the system"),
        rows.needs_simulator,
        must=True,
    ),
    rule(
        "webhook-stores",
        webhooks.stored,
        ("Webhook: simpan dahulu, baru jawab", "A push is stored before it is acknowledged"),
        webhooks.has_webhooks,
    ),
    rule(
        "webhook-once",
        webhooks.once,
        ("Webhook: kiriman ulang disimpan sekali", "A repeated push is stored once"),
        webhooks.has_webhooks,
    ),
    rule(
        "webhook-sender",
        webhooks.sender,
        ("Webhook: keaslian pengirim diperiksa", "The sender of a push is authenticated"),
        webhooks.has_webhooks,
    ),
    rule("webhook-damaged", webhooks.damaged, ("Webhook: kiriman rusak", "Damaged pushes"), webhooks.has_webhooks),
)

LAST: Final[tuple[Rule, ...]] = (
    rule(
        "probe-credentials",
        probe.credentials,
        ("Kredensial salah dikenali", "Wrong credentials raise CredentialsRefusedError"),
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
"""Checked last: wrong credentials may lock an account, and redaction searches the logs of all other rules."""
