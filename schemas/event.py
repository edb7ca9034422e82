"""Events in the history of a record."""

from datetime import datetime
from typing import Annotated, Self

from schemas.classes import Classed, general
from schemas.codes import Status
from schemas.money import Money
from schemas.texts import Text


class Event(Classed):
    """One step, reply or recommendation in the history of a record: when, what was reached, by whom, and in words."""

    at: Annotated[datetime | None, general("Pada", "When")] = None
    status: Annotated[str | None, general("Status", "Status reached, a value of the record's status")] = None
    status_text: Annotated[Text | None, general("Status dalam kata", "The status in words")] = None
    by: Annotated[Text | None, general("Oleh", "Role or agency that acted", examples=["Lurah"])] = None
    text: Annotated[str | None, general("Keterangan", "Note, reply or reason")] = None
    amount: Annotated[Money | None, general("Anggaran", "Amount that was recommended")] = None

    @classmethod
    def reached(
        cls, status: Status, *, at: datetime | None = None, by: Text | None = None, text: str | None = None
    ) -> Self:
        """Return the event in which a record reached a status."""
        return cls(at=at, status=status.value, status_text=status.text, by=by, text=text)
