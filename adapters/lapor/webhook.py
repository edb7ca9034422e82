"""LAPOR's call-backs: authentication, parsing, and the reply that ends the repetition. Pure."""

import json
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, unquote

from pydantic import TypeAdapter

from adapters.contract import Batch, WebhookOutcome, WebhookReply, WebhookRequest
from adapters.errors import UpstreamMalformedError
from adapters.lapor.settings import Settings
from adapters.lapor.wire import Laporan
from adapters.legacy.envelopes import read_text
from adapters.legacy.signatures import equal_in_constant_time, hmac_sha256, is_recent

WINDOW: Final = timedelta(minutes=5)
_AT: Final = "x-lapor-waktu"
_DELIVERY: Final = "x-lapor-kiriman"
_SIGN: Final = "x-lapor-tanda"
_REPORT: Final = TypeAdapter(Laporan)
_WORDS: Final = {
    WebhookOutcome.STORED: "Diterima",
    WebhookOutcome.NOT_AUTHENTICATED: "Tanda tidak sah",
    WebhookOutcome.MALFORMED: "Format tidak dikenal",
    WebhookOutcome.TOO_LARGE: "Kiriman terlalu besar",
    WebhookOutcome.UNAVAILABLE: "Belum tersimpan, silakan kirim ulang",
}


def authenticate(settings: Settings, request: WebhookRequest, now: datetime) -> bool:
    """Return whether time, delivery and body are signed with our token, within five minutes of our clock."""
    at, sent = request.headers.get(_AT), delivery_id(request)
    if at is None or sent is None or not is_recent(at, now, WINDOW):
        return False
    expected = hmac_sha256(settings.token.get_secret_value(), at.encode(), sent.encode(), request.content)
    return equal_in_constant_time(request.headers.get(_SIGN), expected)


def delivery_id(request: WebhookRequest) -> str | None:
    """Return LAPOR's id of this change, equal in every attempt."""
    return request.headers.get(_DELIVERY)


def read(request: WebhookRequest) -> Batch[Laporan]:
    """Return the changed report: JSON in the form's single field, URL-encoded twice. The content type is ignored."""
    try:
        fields = parse_qs(request.content.decode("ascii"), strict_parsing=True, max_num_fields=8)
        (written,) = fields["data"]
    except (ValueError, KeyError):
        written = None
    # Raised outside the handler, so that an error that quotes its input is not attached as context.
    if written is None:
        raise UpstreamMalformedError("the push is not a form with one report")
    return Batch((read_text(unquote(written, errors="replace").encode("utf-8", "replace"), _REPORT),))


def reply(outcome: WebhookOutcome) -> WebhookReply:
    """Return the envelope that LAPOR expects; only status "1" ends the repetition."""
    envelope = {"status": "1" if outcome is WebhookOutcome.STORED else "0", "pesan": _WORDS[outcome]}
    return WebhookReply(json.dumps(envelope).encode(), "application/json")
