"""Declare a rule in one statement."""

from collections.abc import Callable

from conformance.rules import Applicability, Check, Rule, always
from schemas.system import QualityLevel
from schemas.texts import Text

Declare = Callable[..., Rule]


def rules_of(level: QualityLevel) -> Declare:
    """Return a function that declares rules of one level.

    Its arguments: id, check, titles (Indonesian, English), applicability, and whether the level requires the rule to
    pass.
    """

    def rule(
        name: str, check: Check, titles: tuple[str, str], applies: Applicability = always, *, must: bool = False
    ) -> Rule:
        title = Text(id=titles[0], en=titles[1])
        return Rule(id=name, level=level, title=title, check=check, applies=applies, compulsory=must)

    return rule
