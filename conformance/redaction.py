"""Redaction: nothing that was asked, answered or agreed on secretly stands in a log, a reason or a `repr`."""

from conformance.bench import CheckContext
from conformance.damages.answers import GROUPS
from conformance.hostile import attacked
from conformance.rules import Flaws
from conformance.targets import over_http


async def redaction(bench: CheckContext) -> str:
    """Look through everything that has been told since the check began."""
    await bench.explored()
    if over_http(bench) is None and not bench.attacked:
        await attacked(bench, GROUPS["pages"] + GROUPS["bodies"])
    secrets, flaws = bench.secrets(), Flaws()
    flaws.extend(bench.watch.leaks(secrets))
    return flaws.settle(f"{bench.watch.heard} texts, {len(secrets)} things that must not stand in them")
