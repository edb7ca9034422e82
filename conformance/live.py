"""Against the live system, as an operator has configured it: probe, public reads, latency, drift. Nothing is written.

No rule that damages, floods, logs in with wrong credentials or writes is ever put to a live system, and no question is
asked about a person: nobody has agreed to be asked about.
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
from conformance.question_route import Keyring, QuestionRoute
from conformance.questions import Question, asked, fed, probing
from conformance.report import Report
from conformance.rules import Flaws, NotApplicableError, Result, Rule
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
_TOOK: Final = "live-seconds"
_DATABASE: Final = "live-database"
_OBJECTIVE: Final = 0.5

rule = rules_of(QualityLevel.PLATINUM)


async def probe(context: CheckContext) -> str:
    """Every office answers the probe, each time."""
    flaws = Flaws()
    for office in context.offices:
        for _ in range(_PROBES):
            outcome = await _put(context, office, probing(context.spec))
            where = f" in {office.id}" if office.id else ""
            flaws.unless(outcome.error is None, f"the probe raises {type(outcome.error).__name__}{where}")
    return flaws.settle(f"{len(context.offices)} offices, {_PROBES} times each")


async def reads(context: CheckContext) -> str:
    """Every public row answers, and what it answers can be normalised."""
    rows = [row for row in context.spec.reads if row.resource.public and (row.feed or row.resource.owner is None)]
    if not rows:
        raise NotApplicableError("every record is personal: nobody has agreed to be asked about")
    flaws, count = Flaws(), 0
    for office in context.offices:
        for row in rows:
            outcome = await _put(context, office, fed(row) if row.feed is not None else asked(row, None))
            name, count = row.resource.name, count + len(outcome.keys)
            flaws.unless(outcome.error is None, f"{name}: raises {type(outcome.error).__name__}")
            flaws.extend(f"{name}: the adapter fails on a record with {fault}" for fault in outcome.faults)
            flaws.unless(outcome.keys or not outcome.set_aside, f"{name}: every record is set aside")
    return flaws.settle(f"{len(rows)} rows, {count} records")


def latency(context: CheckContext) -> str:
    """No probe takes longer than the slowest answer worth waiting for, and one in two not half of that."""
    took: list[float] = context.kept.get(_TOOK, [])
    if not took:
        raise NotApplicableError("nothing was asked")
    slowest = context.spec.limits.slowest.total_seconds()
    flaws, middle = Flaws(), statistics.median(took)
    flaws.unless(max(took) <= slowest, f"an answer took {max(took):.1f} s, and {slowest:.0f} s are declared")
    flaws.unless(middle <= slowest * _OBJECTIVE, f"half of the answers took more than {slowest * _OBJECTIVE:.1f} s")
    return flaws.settle(f"{len(took)} probes, {middle * 1000:.0f} ms in the middle, {max(took) * 1000:.0f} ms at most")


async def drift(context: CheckContext) -> str:
    """The gateway that serves here has noticed no change of the system's answers that nobody has accepted."""
    database = Database(context.kept[_DATABASE])
    try:
        found = await read_drifts(database)
    except (SQLAlchemyError, OSError):
        raise NotApplicableError("the gateway's database cannot be read: none has served here, or it is away") from None
    finally:
        await database.aclose()
    opened = [one for one in found if one.key.system == context.spec.id and one.closed_at is None]
    flaws = Flaws()
    flaws.extend(f"{one.key.resource}: {one.key.kind} {one.key.field} {one.key.sample}".rstrip() for one in opened)
    return flaws.settle(f"{len(found)} changes of all systems, none of them open")


RULES: Final[tuple[Rule, ...]] = (
    rule("live-probe", probe, ("Sistem asli menjawab", "The live system answers"), must=True),
    rule("live-reads", reads, ("Bacaan umum pada sistem asli", "Public reads of the live system")),
    rule("live-latency", latency, ("Sasaran kecepatan tercapai", "The latency objective is kept"), must=True),
    rule("live-drift", drift, ("Tidak ada perubahan terbuka", "No open drift"), must=True),
)


def live_systems(only: Collection[str] = ()) -> tuple[Settings, dict[str, LiveSystem]]:
    """The settings of this installation (of the demo that was started here, if one was), and its systems.

    `only`: these alone are read, so that nobody needs the secrets of other agencies to check a system of their own.
    """
    settings = load_settings()
    if (settings.home / MARK).exists():
        settings = demo_settings()
    secrets = secrets_for_commands(settings)
    registries = [load_registry(settings.systems, only=one, secrets=secrets) for one in only or (None,)]
    return settings, {live.spec.id: live for registry in registries for live in registry}


def check_live(adapter: Adapter, live: LiveSystem, database: str) -> Report:
    """Check one system as it is configured, and say what came of it."""
    began = time.perf_counter()
    offices = tuple(SimulatorOffice(office.id, office.settings, "") for office in live.offices)
    with TemporaryDirectory(prefix="gerbang-live-") as work:
        context = CheckContext(adapter, Path(work), Simulator(offices, {}))
        context.kept[_DATABASE] = database
        findings = asyncio.run(check_rules(context, RULES))
    wanting = [one for one in findings if one.result is not Result.PASSED and one.rule.compulsory]
    passed = not wanting and all(one.result is not Result.FAILED for one in findings)
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


async def _put(context: CheckContext, office: SimulatorOffice, question: Question) -> Outcome:
    """With the declared limits kept: a live system bears no more than was agreed."""
    within = context.spec.limits.slowest.total_seconds()
    keyring = context.keyrings.setdefault(office.id, Keyring())
    async with QuestionRoute(
        context.spec, office.id, office.settings, keyring, limits=context.spec.limits, looks_only=True
    ) as way:
        outcome = await context.put(question, way, within if question.row is None else max(within, 60.0))
    if question.row is None:
        context.kept.setdefault(_TOOK, []).append(outcome.seconds)
    return outcome
