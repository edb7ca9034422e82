"""Checks of a live system as an operator configured it: probe, public reads, latency, drift. Read-only.

No rule that damages, floods, uses wrong credentials or writes runs against a live system. No question is about a
person, because nobody has consented.
"""

import asyncio
import statistics
import time
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from conformance.catalogue.declaration import rules_of
from conformance.check_context import Adapter, CheckContext
from conformance.outcomes import Outcome
from conformance.question_route import QuestionRoute, SessionCache
from conformance.questions import Question, feed_question, list_question, probe_question
from conformance.report import Report
from conformance.rules import NotApplicableError, Result, Rule, Violations
from conformance.runner import check_rules
from conformance.simulator_process import Simulator, SimulatorOffice
from gateway.demo.home import MARK, demo_settings
from gateway.ground.clock import now
from gateway.observability.drift.store import read_drifts
from gateway.registry.digests import digest_of
from gateway.registry.registry import LiveSystem, load_registry
from gateway.registry.vault.store import secrets_for_commands
from gateway.settings import Settings, load_settings
from gateway.storage.engine import Database
from schemas.system import QualityLevel

_PROBES: Final = 5
_PROBE_SECONDS: Final = "live-seconds"
_DATABASE: Final = "live-database"
_OBJECTIVE: Final = 0.5

rule = rules_of(QualityLevel.PLATINUM)


async def probe(context: CheckContext) -> str:
    """Require that every office answers every probe."""
    violations = Violations()
    for office in context.offices:
        for _ in range(_PROBES):
            outcome = await _ask(context, office, probe_question(context.spec))
            where = f" in {office.id}" if office.id else ""
            violations.require(outcome.error is None, f"the probe raises {type(outcome.error).__name__}{where}")
    return violations.finish(f"{len(context.offices)} offices, {_PROBES} times each")


async def reads(context: CheckContext) -> str:
    """Require that every public row answers with records that can be normalised."""
    rows = [row for row in context.spec.reads if row.resource.public and (row.feed or row.resource.owner is None)]
    if not rows:
        raise NotApplicableError("every record is personal, and nobody has consented to be looked up")
    violations, count = Violations(), 0
    for office in context.offices:
        for row in rows:
            outcome = await _ask(
                context, office, feed_question(row) if row.feed is not None else list_question(row, None)
            )
            name, count = row.resource.name, count + len(outcome.keys)
            violations.require(outcome.error is None, f"{name}: raises {type(outcome.error).__name__}")
            violations.extend(f"{name}: the adapter fails on a record with {fault}" for fault in outcome.faults)
            violations.require(outcome.keys or not outcome.set_aside, f"{name}: every record is set aside")
    return violations.finish(f"{len(rows)} rows, {count} records")


def latency(context: CheckContext) -> str:
    """No probe may take longer than `limits.slowest`, and the median must be at most half of it."""
    seconds: list[float] = context.shared_results.get(_PROBE_SECONDS, [])
    if not seconds:
        raise NotApplicableError("no probe was sent")
    slowest = context.spec.limits.slowest.total_seconds()
    violations, middle = Violations(), statistics.median(seconds)
    violations.require(
        max(seconds) <= slowest, f"an answer took {max(seconds):.1f} s, and {slowest:.0f} s are declared"
    )
    violations.require(
        middle <= slowest * _OBJECTIVE, f"half of the answers took more than {slowest * _OBJECTIVE:.1f} s"
    )
    return violations.finish(
        f"{len(seconds)} probes, median {middle * 1000:.0f} ms, maximum {max(seconds) * 1000:.0f} ms"
    )


async def drift(context: CheckContext) -> str:
    """Require that the gateway of this installation has no open drift report for this system."""
    database = Database(context.shared_results[_DATABASE])
    try:
        found = await read_drifts(database)
    except (SQLAlchemyError, OSError):
        raise NotApplicableError(
            "the gateway's database cannot be read: no gateway has run here, or the database is unavailable"
        ) from None
    finally:
        await database.aclose()
    opened = [one for one in found if one.key.system == context.spec.id and one.closed_at is None]
    violations = Violations()
    violations.extend(f"{one.key.resource}: {one.key.kind} {one.key.field} {one.key.sample}".rstrip() for one in opened)
    return violations.finish(f"{len(found)} drift reports of all systems, none of them open for this one")


RULES: Final[tuple[Rule, ...]] = (
    rule("live-probe", probe, ("Sistem asli menjawab", "The live system answers"), must=True),
    rule("live-reads", reads, ("Data umum sistem asli terbaca", "Public reads of the live system")),
    rule("live-latency", latency, ("Sasaran kecepatan tercapai", "The latency objective is met"), must=True),
    rule("live-drift", drift, ("Tidak ada perubahan jawaban yang terbuka", "No open drift report"), must=True),
)


def live_systems(only: Collection[str] = ()) -> tuple[Settings, dict[str, LiveSystem]]:
    """Return the settings of this installation (of its demo, if one was started here), and its systems.

    `only`: read these systems only, so that a check does not need the secrets of other agencies.
    """
    settings = load_settings()
    if (settings.home / MARK).exists():
        settings = demo_settings()
    secrets = secrets_for_commands(settings)
    registries = [load_registry(settings.systems, only=one, secrets=secrets) for one in only or (None,)]
    return settings, {live.spec.id: live for registry in registries for live in registry}


def check_live(adapter: Adapter, live: LiveSystem, database: str) -> Report:
    """Check one system as configured and return the report."""
    began = time.perf_counter()
    offices = tuple(SimulatorOffice(office.id, office.settings, "") for office in live.offices)
    with TemporaryDirectory(prefix="gerbang-live-") as work:
        context = CheckContext(adapter, Path(work), Simulator(offices, {}))
        context.shared_results[_DATABASE] = database
        findings = asyncio.run(check_rules(context, RULES))
    failed_compulsory = [one for one in findings if one.result is not Result.PASSED and one.rule.compulsory]
    passed = not failed_compulsory and all(one.result is not Result.FAILED for one in findings)
    return Report(
        system=live.spec.id,
        title=live.spec.title,
        version=live.spec.version,
        level=QualityLevel.PLATINUM if passed else None,
        at=now(),
        seconds=time.perf_counter() - began,
        findings=findings,
        digest=digest_of(live.spec),
        live=True,
    )


async def _ask(context: CheckContext, office: SimulatorOffice, question: Question) -> Outcome:
    """Ask within the declared limits: a live system gets no more calls than agreed."""
    within = context.spec.limits.slowest.total_seconds()
    session_cache = context.session_caches.setdefault(office.id, SessionCache())
    async with QuestionRoute(
        context.spec, office.id, office.settings, session_cache, limits=context.spec.limits, read_only=True
    ) as route:
        outcome = await context.ask(question, route, within if question.row is None else max(within, 60.0))
    if question.row is None:
        context.shared_results.setdefault(_PROBE_SECONDS, []).append(outcome.seconds)
    return outcome
