"""Redaction: nothing that was asked, answered or agreed on secretly stands in a log, a reason or a `repr`."""

from conformance.check_context import CheckContext
from conformance.damages.answers import GROUPS
from conformance.hostile import attacked
from conformance.rules import Flaws
from conformance.targets import over_http


async def redaction(context: CheckContext) -> str:
    """Look through everything that has been told since the check began."""
    await context.explored()
    if over_http(context) is None and not context.attacked:
        await attacked(context, GROUPS["pages"] + GROUPS["bodies"])
    secrets, flaws = context.secrets(), Flaws()
    flaws.extend(context.watch.leaks(secrets))
    return flaws.settle(f"{context.watch.heard} texts, {len(secrets)} things that must not stand in them")
