"""Feeds: they end, say so, and go on from a mark after they were broken off."""

from collections import Counter
from typing import Any

from adapters.contract import Bad, Batch
from conformance.check_context import WITHIN, CheckContext
from conformance.questions import EndlessError, Row, batches, items_of
from conformance.rules import Flaws, NotApplicableError
from conformance.simulator_process import SimulatorOffice


def has_feeds(context: CheckContext) -> str | None:
    """For rules about feeds."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if any(row.feed is not None for row in context.spec.reads) else "no row is fed"


async def ends(context: CheckContext) -> str:
    """The last batch has no mark and closes a snapshot; no mark is given twice."""
    flaws, counted = Flaws(), 0
    for office in context.offices:
        for row in _fed(context):
            found = await _whole(context, office, row, flaws)
            if found is None:
                continue
            counted += len(found)
            name, marks = row.resource.name, [batch.next for batch in found]
            flaws.unless(marks and marks[-1] is None, f"{name}: the last batch has a mark, or there is none")
            flaws.unless(len(set(marks)) == len(marks), f"{name}: a mark is given twice")
            flaws.unless(found and found[-1].whole, f"{name}: the last batch closes no snapshot")
    return flaws.settle(f"{counted} batches")


async def resume(context: CheckContext) -> str:
    """A feed that is broken off after k batches goes on from its mark: nothing is lost and nothing comes twice."""
    flaws, breaks, office = Flaws(), 0, context.offices[0]
    for row in _fed(context):
        found = await _whole(context, office, row, flaws) or []
        last = len(found) - 1
        for kept in sorted({1, (last + 1) // 2, last} & set(range(1, last + 1))):
            breaks += 1
            flaws.extend(await _broken_after(context, office, row, kept, _told(row, found)))
    flaws.settle("")
    if not breaks:
        raise NotApplicableError("every feed of the simulator comes in one batch")
    return f"{breaks} breaks"


async def _whole(context: CheckContext, office: SimulatorOffice, row: Row, flaws: Flaws) -> list[Batch[Any]] | None:
    """Every batch; None for a feed that does not come to its end, which is a flaw."""
    async with context.way(office) as way:
        try:
            return await batches(row, way.call(row.transport, WITHIN))
        except Exception as error:  # noqa: BLE001 - whatever an adapter raises is what is judged
            ended = "does not end" if isinstance(error, EndlessError) else f"raises {type(error).__name__}"
            flaws.add(f"{row.resource.name}: the feed {ended}")
            return None


async def _broken_after(
    context: CheckContext, office: SimulatorOffice, row: Row, kept: int, undisturbed: "Counter[str]"
) -> list[str]:
    """What is wrong when the feed is broken off after `kept` batches and taken up again."""
    where = f"{row.resource.name}: taken up after {kept} batches, the feed"
    try:
        async with context.way(office) as way:
            first = await batches(row, way.call(row.transport, WITHIN), at_most=kept)
        async with context.way(office) as way:
            rest = await batches(row, way.call(row.transport, WITHIN), first[-1].next)
    except Exception as error:  # noqa: BLE001 - whatever an adapter raises is what is judged
        return [f"{where} raises {type(error).__name__}"]
    together = _told(row, [*first, *rest])
    lost, twice = (undisturbed - together).total(), (together - undisturbed).total()
    return [f"{where} {count} records {what}" for count, what in ((lost, "loses"), (twice, "repeats")) if count]


def _told(row: Row, found: list[Batch[Any]]) -> "Counter[str]":
    """How often each key comes; bad rows count under their reason."""
    return Counter(item.reason if isinstance(item, Bad) else row.key(item) for item in items_of(found))


def _fed(context: CheckContext) -> list[Row]:
    return [row for row in context.spec.reads if row.feed is not None]
