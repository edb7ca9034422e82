"""Verification of a resident's NIK by an officer: request, outcome, and the service's interface."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from starlette.requests import Request

from gateway.policy.principal import Principal


class VerificationDocument(StrEnum):
    """Document that proved the NIK: the card itself, or the national app opened by the resident."""

    CARD = "ktp-el"
    APP = "ikd"


class VerificationOutcome(StrEnum):
    """Outcome for the officer. `not-found`: the register has no such NIK in the officer's own kelurahan."""

    VERIFIED = "verified"
    NO_CODE = "no-code"
    TAKEN = "taken"
    NOT_FOUND = "not-found"
    WAIT = "wait"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """An officer's request: the NIK on the resident's document, the code that they show, and the purpose."""

    nik: str = field(repr=False)
    code: str = field(repr=False)
    purpose: str
    document: VerificationDocument


class VerificationService(Protocol):
    """Verifies a request by the register, with an access entry. Pages use neither directly."""

    async def verify(self, request: Request, officer: Principal, visit: VerificationRequest) -> VerificationOutcome:
        """Link the NIK to the account of the code, if the NIK belongs to the officer's own kelurahan."""
        ...
