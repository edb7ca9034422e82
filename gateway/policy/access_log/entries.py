"""Access entries: the record of each access to personal data. They contain no personal data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.ground.errors import GerbangError
from schemas.classes import DataClass


class AccessLogUnavailableError(GerbangError):
    """The access log cannot be written, so no personal data may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessContext:
    """The request of an access: its id, a digest of the question, and the operation's name."""

    request_id: str
    request_digest: str
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogEntry:
    """One access: who, about whom, why, what, and with what result.

    `subject` is the account of the data's owner, if known; `subject_fingerprint` is the fingerprint of their NIK.
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
    """Stores access entries."""

    async def record(self, entries: tuple[AccessLogEntry, ...]) -> None:
        """Return when the entries are committed. Raises `AccessLogUnavailableError` when they cannot be."""
        ...
