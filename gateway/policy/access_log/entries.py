"""Access entries: what stands on record for every access to personal data. No personal data stands in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.ground.errors import GerbangError
from schemas.classes import DataClass


class AccessLogUnavailableError(GerbangError):
    """The access log cannot be written, so no personal data may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessContext:
    """The request on whose behalf data is seen: its number, a digest of what was asked, and the operation's name."""

    request_id: str
    request_digest: str
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogEntry:
    """One access: who, about whom, why, what, and with what result.

    `subject` is the account the data is about, when that is known; `subject_fingerprint` stands for their NIK.
    """

    at: datetime
    principal: str
    client: str
    acr: int
    role: str
    subject: str | None
    subject_fingerprint: str | None
    purpose: str
    occasion: AccessContext
    resource: str
    systems: tuple[str, ...]
    records: int
    classes: tuple[DataClass, ...]
    result: str


class AccessLog(Protocol):
    """Where access entries go."""

    async def record(self, entries: tuple[AccessLogEntry, ...]) -> None:
        """Return when the entries are committed; raise `AccessLogUnavailableError` when they cannot be."""
        ...
