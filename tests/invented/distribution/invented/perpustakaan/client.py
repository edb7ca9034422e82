"""Client of the library system: one POST for each list."""

import json
from collections.abc import AsyncIterator
from typing import Final, TypeVar

from pydantic import BaseModel, TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.errors import CredentialsRefusedError, QueryRefusedError, UpstreamMalformedError
from adapters.legacy.envelopes import read_json, read_rows
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpRequest, HttpUpstream
from invented.perpustakaan.settings import Settings
from invented.perpustakaan.wire import Anggota, Cabang, Denda, Envelope
from invented.shared import subject_nik
from schemas.bill import BillQuery
from schemas.entitlement import EntitlementQuery

OurCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

_ENVELOPE: Final = TypeAdapter(Envelope)
_ANGGOTA, _DENDA, _CABANG = TypeAdapter(Anggota), TypeAdapter(Denda), TypeAdapter(Cabang)


async def _rows(call: OurCall, path: str, shape: TypeAdapter[W], **asked: str) -> tuple[W | Bad, ...]:
    headers = {"x-kunci": call.settings.api_key.get_secret_value(), "content-type": "application/json"}
    answer = await call.up.send(HttpRequest("POST", path, headers=headers, content=json.dumps(asked).encode()))
    raise_for_status(answer, call.now)
    envelope = read_json(answer, _ENVELOPE)
    if envelope.sukses != 1:
        if envelope.pesan == "KUNCI SALAH":
            raise CredentialsRefusedError("the library refuses our key")
        raise QueryRefusedError("the library refuses the request")
    if envelope.hasil is None:
        raise UpstreamMalformedError("a successful answer has no rows")
    return read_rows(envelope.hasil, shape)


async def probe(call: OurCall) -> None:
    """Request the state of the system, which checks the key."""
    await _rows(call, "/layanan/status.php", _ANGGOTA)


async def cards(call: OurCall, query: EntitlementQuery, mark: str | None) -> Batch[Anggota]:
    """Return the library cards of the subject."""
    del query, mark
    nik = subject_nik(call)
    return Batch(await _rows(call, "/layanan/anggota.php", _ANGGOTA, nik=nik) if nik else ())


async def fines(call: OurCall, query: BillQuery, mark: str | None) -> Batch[Denda]:
    """Return the fines of the subject."""
    del query, mark
    nik = subject_nik(call)
    return Batch(await _rows(call, "/layanan/denda.php", _DENDA, nik=nik) if nik else ())


async def branches(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Cabang]]:
    """Yield all branches in one batch."""
    del mark
    yield Batch(await _rows(call, "/layanan/cabang.php", _CABANG), whole=True)
