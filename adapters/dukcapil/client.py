"""Client of the NIK service: one request, one envelope, in which an error may replace the person."""

import json
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import quote

from pydantic import JsonValue, TypeAdapter, ValidationError

from adapters.contract import Bad, Batch, Call
from adapters.dukcapil.settings import Settings
from adapters.dukcapil.wire import Biodata, Envelope, Refusal
from adapters.errors import (
    AdapterError,
    Cause,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.envelopes import read_json, read_rows
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpRequest, HttpUpstream
from schemas.dates import WITA
from schemas.resident import ResidentQuery

OurCall = Call[Settings, HttpUpstream]

_ENVELOPE: Final = TypeAdapter(Envelope)
_BIODATA: Final = TypeAdapter(Biodata)
_NOT_FOUND: Final = "data tidak ditemukan"
_QUOTA_SPENT: Final = "kuota akses hari ini telah habis"
_WE_ARE_REFUSED: Final = frozenset(
    {"login gagal", "ip address tidak sesuai", "ip client tidak terdaftar", "user id tidak aktif"}
)
_GOOD: Final = "00"
_INCOMPLETE: Final = "08"
_CODES_THAT_REFUSE_US: Final = frozenset({"11", "12", "13", "14", "15"})


async def ask(call: OurCall, query: ResidentQuery, mark: str | None) -> Batch[Biodata]:
    """Return the civil record of the subject: one, or none."""
    del query, mark
    if call.subject is None:
        raise QueryRefusedError("a query of the civil registry needs a resident")
    if call.subject.nik is None:
        return Batch(())
    content = await _content(call, call.subject.nik)
    refusal = _refusal(content)
    if refusal is None:
        return Batch(_people(content, call.subject.nik))
    if _folded(refusal.RESPON) == _NOT_FOUND:
        return Batch(())
    raise _error(refusal, call.now)


async def probe(call: OurCall) -> None:
    """Send a request without a NIK, which the service refuses as incomplete if our credentials are valid.

    Such a request does not count against the quota.
    """
    refusal = _refusal(await _content(call, ""))
    if refusal is None:
        raise UpstreamMalformedError("a request without a NIK was answered")
    if _code(refusal) != _INCOMPLETE:
        raise _error(refusal, call.now)


async def _content(call: OurCall, nik: str) -> list[JsonValue]:
    settings = call.settings
    asked = {
        "nik": nik,
        "user_id": settings.user_id,
        "password": settings.password.get_secret_value(),
        "ip_user": str(settings.ip_user),
    }
    request = HttpRequest(
        "POST",
        f"/dukcapil/get_json/{quote(settings.unit, safe='')}/call_nik",
        headers={"content-type": "application/json", "accept": "application/json"},
        content=json.dumps(asked).encode(),
    )
    answer = await call.up.send(request)
    raise_for_status(answer, call.now)
    content = read_json(answer, _ENVELOPE).content
    if not content:
        raise UpstreamMalformedError("the list contains neither a person nor an error")
    return content


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _code(refusal: Refusal) -> str:
    """Return the code as two digits; a JSON number has lost its leading zero."""
    written = (refusal.RESPONSE_CODE or "").strip()
    return written.zfill(len(_GOOD)) if written else ""


def _refusal(content: list[JsonValue]) -> Refusal | None:
    """Return the error among the items, if there is one."""
    for item in content:
        try:
            found = Refusal.model_validate(item)
        except ValidationError:
            continue
        if found.RESPON is not None or (found.RESPONSE_CODE is not None and _code(found) != _GOOD):
            return found
    return None


def _error(refusal: Refusal, now: datetime) -> AdapterError:
    """Return the error for a refusal. The service's own text is not passed on, because it may contain personal data."""
    text = _folded(refusal.RESPON)
    if text == _QUOTA_SPENT:
        midnight = datetime.combine(now.astimezone(WITA).date() + timedelta(days=1), time(), WITA)
        return UpstreamUnavailableError("today's quota is spent", retry_at=midnight, cause=Cause.QUOTA_SPENT)
    if text in _WE_ARE_REFUSED:
        return CredentialsRefusedError("the registry refuses our user, password or address")
    if _code(refusal) in _CODES_THAT_REFUSE_US:
        return CredentialsRefusedError(f"the registry refuses us with code {_code(refusal)}")
    return QueryRefusedError("the registry refuses the request for an unknown reason")


def _people(content: list[JsonValue], nik: str) -> tuple[Biodata | Bad, ...]:
    """Return the rows of the subject; a row of another person is replaced by `Bad`."""
    rows = read_rows(content, _BIODATA)
    return tuple(
        row if isinstance(row, Bad) or row.digits == nik else Bad("not a record of the subject") for row in rows
    )
