"""What happens at a counter: an officer says what they have seen, and is told what came of it and nothing else."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from starlette.requests import Request

from gateway.policy.principal import Principal


class VerificationDocument(StrEnum):
    """What proved the NIK: the card itself, or the national app in which the resident opens it."""

    CARD = "ktp-el"
    APP = "ikd"


class VerificationOutcome(StrEnum):
    """What an officer is told. `not-found`: the register does not have this NIK in the officer's own kelurahan."""

    VERIFIED = "verified"
    NO_CODE = "no-code"
    TAKEN = "taken"
    NOT_FOUND = "not-found"
    WAIT = "wait"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """A resident at the counter: the NIK on their document, the code that they show, and why it is asked for."""

    nik: str = field(repr=False)
    code: str = field(repr=False)
    purpose: str
    document: VerificationDocument


class VerificationService(Protocol):
    """Where a visit is judged, by the register and with an access entry: pages know neither."""

    async def judge(self, request: Request, officer: Principal, visit: VerificationRequest) -> VerificationOutcome:
        """Tie the account behind the code to the NIK, if the NIK is one of the officer's own kelurahan."""
        ...
