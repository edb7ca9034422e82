"""Requests to and replies of inbound webhooks, by which a system pushes its changes to us.

The gateway reads the push within its bounds, asks the row's `Webhook` (see `contract`) whether it is really from the
system, stores what it says, and only then answers, in the words of the system that pushes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One push as it came.

    Headers have lower-case names; one that came more than once is joined by ", ", so that it means nothing special.
    Nothing of it is shown by `repr`: it is not known yet whose it is.
    """

    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The media type as the sender claims it, without parameters, in lower case; empty when it claims none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class WebhookOutcome(StrEnum):
    """What became of a push. Only `stored` means that it need not be pushed again."""

    STORED = "stored"  # now, or by an earlier push that was the same
    NOT_AUTHENTICATED = "not-authenticated"
    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    UNAVAILABLE = "unavailable"  # nothing is wrong with it; it could not be stored


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """An answer in the envelope of the system that pushes; the gateway adds the status that the outcome stands for."""

    content: bytes
    media_type: str
