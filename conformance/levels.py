"""The quality level that findings earn."""

from collections.abc import Sequence
from typing import Final

from conformance.rules import Finding, Result
from schemas.system import QualityLevel

LADDER: Final = (QualityLevel.BRONZE, QualityLevel.SILVER, QualityLevel.GOLD, QualityLevel.PLATINUM)


def earned(findings: Sequence[Finding]) -> QualityLevel | None:
    """The highest level of which, as of all below it, no rule failed and at least one passed; None without bronze."""
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
    """Whether nothing but the live system is left to be checked; an adapter without writes has no writes to prove."""
    wrong = [found for found in findings if found.result is Result.FAILED or _withheld(found)]
    return bool(findings) and all(
        found.result is not Result.FAILED and found.rule.level is QualityLevel.GOLD for found in wrong
    )
