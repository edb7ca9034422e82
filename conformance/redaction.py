"""Redaction: no secret setting, personal number or personal text may be in a log, a reason or a `repr`."""

from conformance.check_context import CheckContext
from conformance.damages.answers import GROUPS
from conformance.hostile import run_cases
from conformance.rules import Violations
from conformance.targets import over_http


async def redaction(context: CheckContext) -> str:
    """Search every text that was collected since the check began."""
    await context.explored()
    if over_http(context) is None and not context.hostile_answers_sent:
        await run_cases(context, GROUPS["pages"] + GROUPS["bodies"])
    secrets, violations = context.secrets(), Violations()
    violations.extend(context.leak_detector.leaks(secrets))
    return violations.finish(
        f"{context.leak_detector.text_count} texts, {len(secrets)} values that must not be in them"
    )
