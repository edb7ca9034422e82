"""Client of the system of school admission: a login, then one POST for each list."""

import json
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.contract import Batch, Call, SessionKeys
from adapters.errors import CredentialsRefusedError, QueryRefusedError
from adapters.legacy.envelopes import read_json, read_rows, read_value
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from invented.ppdb.settings import Settings
from invented.ppdb.wire import Daftar, Envelope, Pendaftaran, Sesi
from invented.shared import subject_nik
from schemas.case import CaseQuery

OurCall = Call[Settings, HttpUpstream]
T = TypeVar("T")

_ENVELOPE: Final = TypeAdapter(Envelope)
_SESI, _DAFTAR, _PENDAFTARAN = TypeAdapter(Sesi), TypeAdapter(Daftar), TypeAdapter(Pendaftaran)
_ENDED: Final = b"SESI HABIS"


def has_expired(answer: HttpAnswer) -> bool:
    """Return whether the answer states that the session has ended."""
    return len(answer.content) < 1000 and _ENDED in answer.content


async def log_in(call: OurCall) -> SessionKeys:
    """Log in, and return the header of the session."""
    settings = call.settings
    sesi = await _data(
        call, "/api/masuk", _SESI, pengguna=settings.username, sandi=settings.password.get_secret_value()
    )
    return SessionKeys(headers={"x-sesi": sesi.token})


async def _data(call: OurCall, path: str, shape: TypeAdapter[T], **asked: str) -> T:
    request = HttpRequest(
        "POST", path, headers={"content-type": "application/json"}, content=json.dumps(asked).encode()
    )
    answer = await call.up.send(request)
    raise_for_status(answer, call.now)
    envelope = read_json(answer, _ENVELOPE)
    if envelope.status == "success":
        return read_value(envelope.data, shape)
    if envelope.message in {"AKUN DITOLAK", "SESI HABIS"}:
        raise CredentialsRefusedError("the system refuses our account, its password or its session")
    raise QueryRefusedError("the system refuses the request")


async def probe(call: OurCall) -> None:
    """Request an empty list behind the login."""
    await _data(call, "/api/pendaftaran/wali", _DAFTAR, nik="")


async def registrations(call: OurCall, query: CaseQuery, mark: str | None) -> Batch[Pendaftaran]:
    """Return the registrations that the subject made as a parent."""
    del query, mark
    nik = subject_nik(call)
    if nik is None:
        return Batch(())
    daftar = await _data(call, "/api/pendaftaran/wali", _DAFTAR, nik=nik)
    rows = read_rows(daftar.list, _PENDAFTARAN)
    return Batch(rows)
