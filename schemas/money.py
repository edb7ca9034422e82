"""Money: an exact decimal amount and its currency."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer

from schemas.classes import Classed, general

Amount = Annotated[Decimal, PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json")]


class Money(Classed):
    """An amount of money; the amount travels as text, since legacy sums exceed what a JSON number keeps exact."""

    amount: Annotated[Amount, general("Jumlah", "Amount", examples=["150000.00"])]
    currency: Annotated[str, general("Mata uang", "Currency, ISO 4217", examples=["IDR"])] = "IDR"
