"""Compute the quality level from the findings."""

from collections.abc import Sequence
from typing import Final

from conformance.rules import Finding, Result
from schemas.system import QualityLevel

LADDER: Final = (QualityLevel.BRONZE, QualityLevel.SILVER, QualityLevel.GOLD, QualityLevel.PLATINUM)


def earned_level(findings: Sequence[Finding]) -> QualityLevel | None:
    """Return the highest level such that, on it and on every level below, no rule failed and at least one passed.

    None without bronze. A compulsory rule that does not apply counts as failed.
    """
    reached: QualityLevel | None = None
    for level in LADDER:
        own = [finding for finding in findings if finding.rule.level is level]
        if any(finding.result is Result.FAILED or _withheld(finding) for finding in own):
            break
        if not any(finding.result is Result.PASSED for finding in own):
            break
        reached = level
    return reached


def _withheld(finding: Finding) -> bool:
    return finding.rule.compulsory and finding.result is Result.NOT_APPLICABLE


def complete(findings: Sequence[Finding]) -> bool:
    """Whether only live checks remain; an adapter without writes has no gold rules to pass."""
    wrong = [found for found in findings if found.result is Result.FAILED or _withheld(found)]
    return bool(findings) and all(
        found.result is not Result.FAILED and found.rule.level is QualityLevel.GOLD for found in wrong
    )
