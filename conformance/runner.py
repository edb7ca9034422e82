"""Check one adapter by all rules, in order."""

import asyncio
import inspect
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from conformance.catalogue import RULES
from conformance.check_context import DAMAGES, Adapter, CheckContext
from conformance.levels import earned_level
from conformance.report import Report
from conformance.rules import Finding, NotApplicableError, Result, Rule, RuleBrokenError
from conformance.simulator_process import Simulator, running_simulator
from gateway.ground.clock import now
from gateway.registry.digests import digest_of

RULE_SECONDS: Final = 180.0
STALLED_SECONDS: Final = 90.0
_CANNOT: Final = 2
_BEAT: Final = 5.0
_A_DAMAGE: Final = 0.2


async def check_rules(context: CheckContext, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Check every rule while collecting logs for leak detection."""
    with context.leak_detector:
        return tuple([await _checked(rule, context) for rule in rules])


async def _checked(rule: Rule, context: CheckContext) -> Finding:
    began = time.perf_counter()
    # An adapter that blocks the event loop for ever can only be stopped from another thread.
    beating = asyncio.create_task(_beat(f"{context.spec.id}: {rule.id}"))
    try:
        result, reason = await _outcome(rule, context)
    finally:
        beating.cancel()
    return Finding(rule, result, reason, time.perf_counter() - began)


async def _beat(where: str) -> None:
    """Postpone the abort of the process as long as the event loop runs."""
    while True:
        stalled = threading.Timer(STALLED_SECONDS, _give_up, (where,))
        stalled.daemon = True
        stalled.start()
        try:
            await asyncio.sleep(_BEAT)
        finally:
            stalled.cancel()


def _give_up(where: str) -> None:
    sys.stderr.write(f"{where} did not end: the adapter blocks the event loop.\n")
    sys.stderr.flush()
    os._exit(_CANNOT)


async def _outcome(rule: Rule, context: CheckContext) -> tuple[Result, str]:
    why_not = rule.applies(context)
    if why_not is not None:
        return Result.NOT_APPLICABLE, why_not
    try:
        # A damage takes milliseconds; with large files, up to a fraction of a second.
        async with asyncio.timeout(RULE_SECONDS + (context.damages - DAMAGES) * _A_DAMAGE):
            done = rule.check(context)
            return Result.PASSED, await done if inspect.isawaitable(done) else done
    except NotApplicableError as error:
        return Result.NOT_APPLICABLE, str(error)
    except RuleBrokenError as error:
        return Result.FAILED, str(error)
    except Exception as error:  # noqa: BLE001 - any exception that reaches the check is a failure of the adapter
        return Result.FAILED, f"the check could not be carried out: {type(error).__name__}"


def check_adapter(
    adapter: Adapter, *, systems: Path | None = None, rules: Sequence[Rule] = RULES, damages: int = DAMAGES
) -> Report:
    """Start the adapter's simulator, check every rule, and return the report. Raises `SuiteError`."""
    began = time.perf_counter()
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="gerbang-check-")))
        simulator: Simulator = stack.enter_context(running_simulator(adapter.spec, home, systems))
        findings = asyncio.run(check_rules(CheckContext(adapter, home, simulator, damages=damages), rules))
    return Report(
        system=adapter.spec.id,
        title=adapter.spec.title,
        version=adapter.spec.version,
        level=earned_level(findings),
        at=now(),
        seconds=time.perf_counter() - began,
        findings=findings,
        digest=digest_of(adapter.spec),
    )
