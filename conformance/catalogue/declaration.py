"""How a rule is declared, on one line or two."""

from collections.abc import Callable

from conformance.rules import Applicability, Check, Rule, always
from schemas.system import QualityLevel
from schemas.texts import Text

Declare = Callable[..., Rule]


def rules_of(level: QualityLevel) -> Declare:
    """Declares rules of one level: id, check, both titles, when it applies, and whether the level needs it passed."""

    def rule(
        name: str, check: Check, titles: tuple[str, str], applies: Applicability = always, *, must: bool = False
    ) -> Rule:
        title = Text(id=titles[0], en=titles[1])
        return Rule(id=name, level=level, title=title, check=check, applies=applies, compulsory=must)

    return rule
