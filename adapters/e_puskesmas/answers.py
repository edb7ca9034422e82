"""Answers of e-puskesmas: the envelope, its sealed content, and the errors for refusals."""

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
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpAnswer

_ENVELOPE: Final = TypeAdapter(Envelope)
_CONTENT: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)


def enveloped(answer: HttpAnswer) -> Envelope:
    """Parse the envelope. Raises `UpstreamMalformedError`."""
    return read_json(answer, _ENVELOPE)


def opened(content: JsonValue, settings: Settings, stamp: str) -> JsonValue:
    """Return the content of the answer to a request made at `stamp`, decrypted if sealed; None when it is empty."""
    if isinstance(content, str) and content:
        return read_text(unsealed(content, settings, stamp), _CONTENT)
    return content or None


def let_in(answer: HttpAnswer, now: datetime) -> HttpAnswer:
    """Return the answer if its status is a success; otherwise raise the error that the status stands for."""
    if answer.status in (401, 403):
        raise _not_let_in(_meta_of_refusal(answer), answer, now)
    raise_for_status(answer, now)
    return answer


def _meta_of_refusal(answer: HttpAnswer) -> Meta:
    """Return the metadata of a refusal; only its status, when the body cannot be parsed."""
    try:
        return read_json(answer, _ENVELOPE).meta
    except UpstreamMalformedError:
        return Meta(code=answer.status)


def refusal(
    meta: Meta, answer: HttpAnswer, now: datetime
) -> CredentialsRefusedError | QueryRefusedError | UpstreamUnavailableError | UpstreamMalformedError:
    """Return the error for an envelope whose code is not a success. The service's message is not passed on."""
    message = (meta.message or "").casefold()
    if meta.code == 429 or "kuota" in message:
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        return UpstreamUnavailableError("today's quota is spent", retry_at=midnight, cause=Cause.QUOTA_SPENT)
    if meta.code in (401, 403):
        return _not_let_in(meta, answer, now)
    if 400 <= meta.code < 500 or meta.code == 201:
        return QueryRefusedError(f"the health centre refuses the request with code {meta.code}")
    if 500 <= meta.code < 600:
        return UpstreamUnavailableError(f"the health centre answers code {meta.code}")
    return UpstreamMalformedError("the answer has a code that the interface does not define")


def _not_let_in(meta: Meta, answer: HttpAnswer, now: datetime) -> CredentialsRefusedError:
    message = (meta.message or "").casefold()
    if "timestamp" not in message and "waktu" not in message:
        return CredentialsRefusedError(f"the health centre refuses our credentials (code {meta.code})")
    try:
        ahead = parsedate_to_datetime(answer.headers.get("date", "")) - now
    except (ValueError, TypeError):
        return CredentialsRefusedError("the health centre's clock and ours differ by more than the permitted time")
    seconds = round(ahead.total_seconds())
    side = "ahead of" if seconds >= 0 else "behind"
    return CredentialsRefusedError(f"the health centre's clock is {abs(seconds)} s {side} ours, more than it allows")
