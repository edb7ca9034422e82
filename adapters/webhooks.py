"""Messages of inbound webhooks, by which a system pushes its changes to the gateway.

The gateway reads the push within its size limit, authenticates it with the row's `Webhook` (see `contract`), stores the
records, and only then replies, in the envelope of the system.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One push as received.

    Headers have lower-case names; the values of a repeated header are joined by ", ". `repr` shows nothing of it,
    because the push is not authenticated yet.
    """

    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The media type that the sender states, without parameters, in lower case; empty when it states none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class WebhookOutcome(StrEnum):
    """The outcome of a push. Only after `stored` need the system not push it again."""

    STORED = "stored"  # now, or by an earlier push of the same content
    NOT_AUTHENTICATED = "not-authenticated"
    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    UNAVAILABLE = "unavailable"  # the push is valid, but could not be stored


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """The body of a reply, in the envelope of the pushing system. The gateway adds the status of the outcome."""

    content: bytes
    media_type: str
