"""Client of the system of market levies: one form for each list, answered in XML."""

from typing import Final, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.errors import CredentialsRefusedError, QueryRefusedError, UpstreamMalformedError
from adapters.legacy.envelopes import read_rows
from adapters.legacy.markup import read_xml, text_at
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpRequest, HttpUpstream
from invented.retribusi_pasar.settings import Settings
from invented.retribusi_pasar.wire import Izin, Skrd
from invented.shared import subject_nik
from schemas.bill import BillQuery
from schemas.entitlement import EntitlementQuery

OurCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_SKRD, _IZIN = TypeAdapter(Skrd), TypeAdapter(Izin)


async def _rows(call: OurCall, action: str, element: str, shape: TypeAdapter[W], nik: str) -> tuple[W | Bad, ...]:
    settings = call.settings
    form = {
        "aksi": action,
        "pemakai": settings.username,
        "sandi": settings.password.get_secret_value(),
        "nik": nik,
    }
    answer = await call.up.send(
        HttpRequest("POST", "/retribusi/servis.asp", headers=_FORM, content=urlencode(form).encode())
    )
    raise_for_status(answer, call.now)
    root = read_xml(answer, "jawaban")
    code = text_at(root, "kode")
    if code == "91":
        raise CredentialsRefusedError("the market office refuses our user or password")
    if code is None:
        raise UpstreamMalformedError("the answer has no code")
    if code != "00":
        raise QueryRefusedError("the market office refuses the request")
    return read_rows(({column.tag: column.text for column in row} for row in root.iter(element)), shape)


async def probe(call: OurCall) -> None:
    """Send the action that only checks user and password."""
    await _rows(call, "cek", "skrd", _SKRD, "")


async def levies(call: OurCall, query: BillQuery, mark: str | None) -> Batch[Skrd]:
    """Return the levies of the subject."""
    del query, mark
    nik = subject_nik(call)
    return Batch(await _rows(call, "tagihan", "skrd", _SKRD, nik) if nik else ())


async def licences(call: OurCall, query: EntitlementQuery, mark: str | None) -> Batch[Izin]:
    """Return the licences of the subject."""
    del query, mark
    nik = subject_nik(call)
    return Batch(await _rows(call, "izin", "izin", _IZIN, nik) if nik else ())
