"""Client of the water utility: one POST for each table."""

import json
from collections.abc import AsyncIterator
from typing import Final, TypeVar

from pydantic import BaseModel, TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.errors import CredentialsRefusedError, QueryRefusedError, UpstreamMalformedError
from adapters.legacy.envelopes import read_json, read_rows
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpRequest, HttpUpstream
from invented.pdam.settings import Settings
from invented.pdam.wire import Gangguan, Rekening, Sambungan, Tabel
from invented.shared import subject_nik
from schemas.bill import BillQuery
from schemas.entitlement import EntitlementQuery

OurCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

_TABEL: Final = TypeAdapter(Tabel)
_REKENING, _SAMBUNGAN, _GANGGUAN = TypeAdapter(Rekening), TypeAdapter(Sambungan), TypeAdapter(Gangguan)
_GOOD, _NONE, _KEY_REFUSED = "0000", "0063", "0014"


async def _rows(call: OurCall, service: str, shape: TypeAdapter[W], **asked: str) -> tuple[W | Bad, ...]:
    content = json.dumps({"KUNCI": call.settings.access_key.get_secret_value(), "LAYANAN": service, **asked})
    request = HttpRequest("POST", "/h2h", headers={"content-type": "application/json"}, content=content.encode())
    answer = await call.up.send(request)
    raise_for_status(answer, call.now)
    table = read_json(answer, _TABEL)
    if table.rc == _KEY_REFUSED:
        raise CredentialsRefusedError("the water utility refuses our key")
    if table.rc == _NONE:
        return ()
    if table.rc != _GOOD:
        raise QueryRefusedError("the water utility refuses the request")
    if not table.kolom:
        raise UpstreamMalformedError("a table has no columns")
    # A row of another length is not a record: it stays a list, and `read_rows` sets it aside.
    named = (
        dict(zip(table.kolom, row, strict=True)) if isinstance(row, list) and len(row) == len(table.kolom) else row
        for row in table.baris
    )
    return read_rows(named, shape)


async def probe(call: OurCall) -> None:
    """Request the echo, which checks the key."""
    await _rows(call, "ECHO", _GANGGUAN)


async def bills(call: OurCall, query: BillQuery, mark: str | None) -> Batch[Rekening]:
    """Return the bills of the subject."""
    del query, mark
    nik = subject_nik(call)
    return Batch(await _rows(call, "REKENING", _REKENING, NIK=nik) if nik else ())


async def connections(call: OurCall, query: EntitlementQuery, mark: str | None) -> Batch[Sambungan]:
    """Return the connections of the subject."""
    del query, mark
    nik = subject_nik(call)
    return Batch(await _rows(call, "SAMBUNGAN", _SAMBUNGAN, NIK=nik) if nik else ())


async def outages(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Gangguan]]:
    """Yield all outages in one batch."""
    del mark
    yield Batch(await _rows(call, "GANGGUAN", _GANGGUAN), whole=True)
