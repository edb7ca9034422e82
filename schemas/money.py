"""Money: an exact decimal amount and its currency."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, PlainSerializer

from schemas.classes import Classed, general

_MOST: Final = Decimal(10) ** 24
_LEAST: Final = -_MOST
_DECIMALS: Final = 6


def _sane(amount: Decimal) -> Decimal:
    """Refuse implausible amounts: `1e999999999` or `1e-999999999`, written out, would exhaust the memory."""
    if not _LEAST < amount < _MOST or _decimals(amount) > _DECIMALS:
        raise ValueError("an amount of money is below 10 to the power of 24 and has at most six decimals")
    return amount


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _written(amount: Decimal) -> str:
    """Format with two decimals, or with more if the amount has more: nothing is rounded."""
    return f"{amount:.{max(2, _decimals(amount))}f}"


Amount = Annotated[
    Decimal,
    AfterValidator(_sane),
    PlainSerializer(_written, return_type=str, when_used="json"),
]


class Money(Classed):
    """An amount of money, as text in JSON, because legacy sums exceed the precision of a JSON number."""

    amount: Annotated[Amount, general("Jumlah", "Amount", examples=["150000.00"])]
    currency: Annotated[str, general("Mata uang", "Currency, ISO 4217", examples=["IDR"])] = "IDR"
