"""Code lists: enumerations whose values have texts, the phase of a status, and coded values of open lists."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import Field

from schemas.classes import Classed, general, personal, specific
from schemas.texts import Text


class Code(StrEnum):
    """A value of a code list. A member is declared as `NAME = "value", "Indonesian", "English"`."""

    text: Text

    def __new__(cls, value: str, indonesian: str = "", english: str = "") -> Self:
        """Create a member from its value and its text. The defaults are for type checkers, in look-ups by value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = Text(id=indonesian, en=english)
        return member


class Phase(Code):
    """What a status means for the person concerned: the same four values for every resource."""

    OPEN = "open", "Berjalan", "In progress"
    WAITING_FOR_YOU = "waiting-for-you", "Menunggu Anda", "Waiting for you"
    DONE = "done", "Selesai", "Done"
    STOPPED = "stopped", "Dihentikan", "Stopped"


class Status(Code):
    """A status. A member is declared as `NAME = "value", phase, "Indonesian", "English"`.

    The phase of an unknown status is None.
    """

    phase: Phase | None

    def __new__(cls, value: str, phase: Phase | None = None, indonesian: str = "", english: str = "") -> Self:
        """Create a member from its value, its phase and its text."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.phase = phase
        member.text = Text(id=indonesian, en=english)
        return member


class Coded(Classed):
    """A value from a code list (FHIR Coding): the list, the code, and its text.

    An unknown legacy value keeps its own code under the legacy system's list, with the doubt `code-unknown`.
    """

    scheme: Annotated[str, general("Daftar kode", "Code list", examples=["letter-type"])]
    code: Annotated[str, general("Kode", "Code", examples=["domicile"])]
    text: Annotated[Text | None, general("Arti", "The code in words")] = None

    @classmethod
    def of(cls, scheme: str, code: Code) -> Self:
        """Return a value of one of our own lists, with its text."""
        return cls(scheme=scheme, code=code.value, text=code.text)


def _text_of_status(fields: Mapping[str, Any]) -> Text | None:
    status = fields["status"]
    return status.text if isinstance(status, Status) else None


def _phase_of_status(fields: Mapping[str, Any]) -> Phase | None:
    status = fields["status"]
    return status.phase if isinstance(status, Status) else None


_TEXT: Final = ("Status dalam kata", "The status in words")
_PHASE: Final = ("Arti status", "What the status means for the person concerned; null if it is unknown")

StatusText = Annotated[Text | None, general(*_TEXT)]
StatusPhase = Annotated[Phase | None, general(*_PHASE)]
PersonalStatusText = Annotated[Text | None, personal(*_TEXT)]
PersonalStatusPhase = Annotated[Phase | None, personal(*_PHASE)]
SpecificStatusText = Annotated[Text | None, specific(*_TEXT)]
SpecificStatusPhase = Annotated[Phase | None, specific(*_PHASE)]

TEXT_OF_STATUS: Any = Field(default_factory=_text_of_status)
"""The default of `status_text`, in a model whose `status` is declared before it."""
PHASE_OF_STATUS: Any = Field(default_factory=_phase_of_status)
"""The default of `phase`, in a model whose `status` is declared before it."""
