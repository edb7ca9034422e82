"""Every rule of the suite, in the order of checking."""

from typing import Final

from conformance.catalogue import bronze, gold, silver
from conformance.rules import Rule

RULES: Final[tuple[Rule, ...]] = (*bronze.RULES, *silver.RULES, *gold.RULES, *silver.LAST)
