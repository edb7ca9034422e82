"""Client of the system of the sports halls: basic authentication, and the statuses of HTTP."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.legacy.envelopes import read_json, read_rows
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from invented.gor.settings import Settings
from invented.gor.wire import Gedung, Sewa
from invented.shared import subject_nik
from schemas.booking import BookingQuery

OurCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

_ROWS: Final = TypeAdapter(list[JsonValue])
_SEWA, _GEDUNG = TypeAdapter(Sewa), TypeAdapter(Gedung)
_NONE: Final = 404


async def _post(call: OurCall, path: str, **asked: str) -> HttpAnswer:
    account = f"{call.settings.username}:{call.settings.password.get_secret_value()}"
    headers = {
        "authorization": f"Basic {b64encode(account.encode()).decode('ascii')}",
        "content-type": "application/json",
    }
    return await call.up.send(HttpRequest("POST", path, headers=headers, content=json.dumps(asked).encode()))


def _rows(call: OurCall, answer: HttpAnswer, shape: TypeAdapter[W]) -> tuple[W | Bad, ...]:
    raise_for_status(answer, call.now)
    rows = read_json(answer, _ROWS)
    return read_rows(rows, shape)


async def probe(call: OurCall) -> None:
    """Request the halls, which checks user and password."""
    _rows(call, await _post(call, "/v2/gedung"), _GEDUNG)


async def bookings(call: OurCall, query: BookingQuery, mark: str | None) -> Batch[Sewa]:
    """Return the bookings of the subject."""
    del query, mark
    nik = subject_nik(call)
    if nik is None:
        return Batch(())
    answer = await _post(call, "/v2/sewa/cari", nik=nik)
    return Batch(() if answer.status == _NONE else _rows(call, answer, _SEWA))


async def halls(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Gedung]]:
    """Yield all halls in one batch."""
    del mark
    yield Batch(_rows(call, await _post(call, "/v2/gedung"), _GEDUNG), whole=True)
