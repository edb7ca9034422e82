"""Speaks to the NIK service: one question, one envelope, and errors wherever a person could stand."""

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
from adapters.legacy.dates import WITA
from adapters.legacy.envelopes import read_json, read_rows
from adapters.legacy.statuses import refuse_status
from adapters.upstream import HttpRequest, HttpUpstream
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
    """The civil record of the resident whom the question is about: one, or none."""
    del query, mark
    if call.subject is None:
        raise QueryRefusedError("the civil registry is asked about one resident at a time")
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
    """Ask without a NIK: the service knows us if it misses nothing else. That costs nothing of the quota."""
    refusal = _refusal(await _content(call, ""))
    if refusal is None:
        raise UpstreamMalformedError("a question without a NIK was answered")
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
    refuse_status(answer, call.now)
    content = read_json(answer, _ENVELOPE).content
    if not content:
        raise UpstreamMalformedError("the list that should hold a person or an error is empty")
    return content


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _code(refusal: Refusal) -> str:
    """The code as two digits; as a JSON number it has lost the zero in front."""
    written = (refusal.RESPONSE_CODE or "").strip()
    return written.zfill(len(_GOOD)) if written else ""


def _refusal(content: list[JsonValue]) -> Refusal | None:
    """The error among the items, if there is one."""
    for item in content:
        try:
            found = Refusal.model_validate(item)
        except ValidationError:
            continue
        if found.RESPON is not None or (found.RESPONSE_CODE is not None and _code(found) != _GOOD):
            return found
    return None


def _error(refusal: Refusal, now: datetime) -> AdapterError:
    """What a refusal means. Its own words stay here: nobody knows what may stand in them."""
    text = _folded(refusal.RESPON)
    if text == _QUOTA_SPENT:
        midnight = datetime.combine(now.astimezone(WITA).date() + timedelta(days=1), time(), WITA)
        return UpstreamUnavailableError("today's quota is spent", retry_at=midnight, cause=Cause.QUOTA_SPENT)
    if text in _WE_ARE_REFUSED:
        return CredentialsRefusedError("the registry refuses our user, password or address")
    if _code(refusal) in _CODES_THAT_REFUSE_US:
        return CredentialsRefusedError(f"the registry refuses us with code {_code(refusal)}")
    return QueryRefusedError("the registry refuses the question for a reason that we do not know")


def _people(content: list[JsonValue], nik: str) -> tuple[Biodata | Bad, ...]:
    """The rows that are about the resident who was asked for; another's is not passed on."""
    rows = read_rows(content, _BIODATA)
    return tuple(
        row if isinstance(row, Bad) or row.digits == nik else Bad("not the record that was asked for") for row in rows
    )
