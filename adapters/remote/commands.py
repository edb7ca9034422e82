"""Every command of the canonical schema, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from schemas.application import SubmitApplication, SupplementApplication, WithdrawApplication
from schemas.complaint import SubmitComplaint
from schemas.consultation import Contribute
from schemas.health import BookAppointment, CancelAppointment
from schemas.planning import SubmitProposal
from schemas.programme import Enrol

COMMANDS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "book-appointment": BookAppointment,
        "cancel-appointment": CancelAppointment,
        "contribute": Contribute,
        "enrol": Enrol,
        "submit-application": SubmitApplication,
        "submit-complaint": SubmitComplaint,
        "submit-proposal": SubmitProposal,
        "supplement-application": SupplementApplication,
        "withdraw-application": WithdrawApplication,
    }
)
"""The commands by the name of their write."""
