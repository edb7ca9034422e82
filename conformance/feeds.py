"""Feeds: they must end, close a snapshot, and resume from a mark."""

from collections import Counter
from typing import Any

from adapters.contract import Bad, Batch
from conformance.check_context import WITHIN, CheckContext
from conformance.questions import EndlessError, Row, batches, items_of
from conformance.rules import NotApplicableError, Violations
from conformance.simulator_process import SimulatorOffice


def has_feeds(context: CheckContext) -> str | None:
    """Applies to adapters with feeds."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if any(row.feed is not None for row in context.spec.reads) else "no row is fed"


async def ends(context: CheckContext) -> str:
    """Require that the last batch has no mark and closes a snapshot, and that no mark is repeated."""
    violations, counted = Violations(), 0
    for office in context.offices:
        for row in _fed_rows(context):
            read = await _read_feed(context, office, row, violations)
            if read is None:
                continue
            counted += len(read)
            name, marks = row.resource.name, [batch.next for batch in read]
            violations.require(marks and marks[-1] is None, f"{name}: the last batch has a mark, or there is no batch")
            violations.require(len(set(marks)) == len(marks), f"{name}: a mark is repeated")
            violations.require(read and read[-1].whole, f"{name}: the last batch does not close a snapshot")
    return violations.finish(f"{counted} batches")


async def resume(context: CheckContext) -> str:
    """Interrupt a feed after k batches and resume from its mark: no record may be lost or repeated."""
    violations, breaks, office = Violations(), 0, context.offices[0]
    for row in _fed_rows(context):
        read = await _read_feed(context, office, row, violations) or []
        last = len(read) - 1
        for count in sorted({1, (last + 1) // 2, last} & set(range(1, last + 1))):
            breaks += 1
            violations.extend(await _interrupted(context, office, row, count, _count_keys(row, read)))
    violations.finish("")
    if not breaks:
        raise NotApplicableError("every feed of the simulator has one batch only")
    return f"{breaks} interruptions"


async def _read_feed(
    context: CheckContext, office: SimulatorOffice, row: Row, violations: Violations
) -> list[Batch[Any]] | None:
    """Return every batch of a feed. Return None, and add a violation, for a feed that fails or does not end."""
    async with context.route(office) as route:
        try:
            return await batches(row, route.call(row.transport, WITHIN))
        except Exception as error:  # noqa: BLE001 - any exception of the adapter is part of the result
            ended = "does not end" if isinstance(error, EndlessError) else f"raises {type(error).__name__}"
            violations.add(f"{row.resource.name}: the feed {ended}")
            return None


async def _interrupted(
    context: CheckContext, office: SimulatorOffice, row: Row, kept_batches: int, expected: "Counter[str]"
) -> list[str]:
    """Return the violations when the feed is interrupted after `kept_batches` batches and resumed."""
    where = f"{row.resource.name}: resumed after {kept_batches} batches, the feed"
    try:
        async with context.route(office) as route:
            first = await batches(row, route.call(row.transport, WITHIN), at_most=kept_batches)
        async with context.route(office) as route:
            rest = await batches(row, route.call(row.transport, WITHIN), first[-1].next)
    except Exception as error:  # noqa: BLE001 - any exception of the adapter is part of the result
        return [f"{where} raises {type(error).__name__}"]
    together = _count_keys(row, [*first, *rest])
    lost, twice = (expected - together).total(), (together - expected).total()
    return [f"{where} {count} records {what}" for count, what in ((lost, "loses"), (twice, "repeats")) if count]


def _count_keys(row: Row, batch_list: list[Batch[Any]]) -> "Counter[str]":
    """Count the records by key; bad rows count by their reason."""
    return Counter(item.reason if isinstance(item, Bad) else row.key(item) for item in items_of(batch_list))


def _fed_rows(context: CheckContext) -> list[Row]:
    return [row for row in context.spec.reads if row.feed is not None]
