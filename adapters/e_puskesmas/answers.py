"""What an answer of e-puskesmas is: its envelope, what was sealed in it, and which refusal stands in its place."""

from datetime import datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic import JsonValue, TypeAdapter

from adapters.e_puskesmas.sealing import unsealed
from adapters.e_puskesmas.settings import Settings
from adapters.e_puskesmas.wire import Envelope, Meta
from adapters.errors import (
    Cause,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.envelopes import read_json, read_text
from adapters.legacy.statuses import refuse_status
from adapters.upstream import HttpAnswer

_ENVELOPE: Final = TypeAdapter(Envelope)
_CONTENT: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)


def enveloped(answer: HttpAnswer) -> Envelope:
    """The envelope. Raises `UpstreamMalformedError`."""
    return read_json(answer, _ENVELOPE)


def opened(content: JsonValue, settings: Settings, stamp: str) -> JsonValue:
    """The content of the answer to a request made at `stamp`, opened if it was sealed; None when there is none."""
    if isinstance(content, str) and content:
        return read_text(unsealed(content, settings, stamp), _CONTENT)
    return content or None


def let_in(answer: HttpAnswer, now: datetime) -> HttpAnswer:
    """The answer, when its status is one of success. Raises what another status stands for."""
    if answer.status in (401, 403):
        raise _not_let_in(_meta_of_refusal(answer), answer, now)
    refuse_status(answer, now)
    return answer


def _meta_of_refusal(answer: HttpAnswer) -> Meta:
    """What a refusal says; only its status, when it says nothing that can be read."""
    try:
        return read_json(answer, _ENVELOPE).meta
    except UpstreamMalformedError:
        return Meta(code=answer.status)


def refusal(
    meta: Meta, answer: HttpAnswer, now: datetime
) -> CredentialsRefusedError | QueryRefusedError | UpstreamUnavailableError | UpstreamMalformedError:
    """The error for an envelope whose code is none of success; the message itself is not passed on."""
    said = (meta.message or "").casefold()
    if meta.code == 429 or "kuota" in said:
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        return UpstreamUnavailableError("today's quota is spent", retry_at=midnight, cause=Cause.QUOTA_SPENT)
    if meta.code in (401, 403):
        return _not_let_in(meta, answer, now)
    if 400 <= meta.code < 500 or meta.code == 201:
        return QueryRefusedError(f"the health centre refuses the question with code {meta.code}")
    if 500 <= meta.code < 600:
        return UpstreamUnavailableError(f"the health centre answers code {meta.code}")
    return UpstreamMalformedError("the answer has a code that the interface does not know")


def _not_let_in(meta: Meta, answer: HttpAnswer, now: datetime) -> CredentialsRefusedError:
    said = (meta.message or "").casefold()
    if "timestamp" not in said and "waktu" not in said:
        return CredentialsRefusedError(f"the health centre does not let us in (code {meta.code})")
    try:
        ahead = parsedate_to_datetime(answer.headers.get("date", "")) - now
    except (ValueError, TypeError):
        return CredentialsRefusedError("the health centre's clock and ours differ by more than it allows")
    seconds = round(ahead.total_seconds())
    side = "ahead of" if seconds >= 0 else "behind"
    return CredentialsRefusedError(f"the health centre's clock is {abs(seconds)} s {side} ours, more than it allows")
