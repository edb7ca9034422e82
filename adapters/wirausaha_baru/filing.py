"""Registrations: files in the outbox of an agency, and their outcome by the words of the agency's list of receipts.

A folder gives no answer. So a registration is pending until its code is in the list; the agency accepts a code once,
even if the file is put there several times.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from adapters.contract import Bad, Call, Pending, Refused, Stored
from adapters.errors import QueryRefusedError, UpstreamMalformedError
from adapters.legacy.envelopes import read_rows
from adapters.legacy.texts import refusal_text
from adapters.upstream import FileUpstream
from adapters.wirausaha_baru import denormalise
from adapters.wirausaha_baru.lists import read_receipts
from adapters.wirausaha_baru.settings import Charset, WirausahaSettings
from adapters.wirausaha_baru.wire import PesertaRow, TandaTerima, fold_cell
from schemas.programme import Enrol

RECEIPTS: Final = "tanda-terima_*.csv"
REGISTRATIONS: Final = "pendaftaran_*.csv"

_RECEIPT: Final = TypeAdapter(TandaTerima)
_TAKEN: Final = "DITERIMA"
_REFUSED: Final = "DITOLAK"
_REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PROGRAM TAHUN INI TIDAK ADA": "programme-unknown",
        "NIK TIDAK BENAR": "nik-refused",
        "KELURAHAN TIDAK DIKENAL": "region-unknown",
    }
)


async def enrol(call: Call[WirausahaSettings, FileUpstream], command: Enrol, code: str) -> Pending | Refused | Stored:
    """Write the registration file."""
    cells = denormalise.registration(command, call.subject, code)
    if isinstance(cells, Refused):
        return cells
    content = denormalise.file(cells, _charset(call, command.agency))
    if isinstance(content, Refused):
        return content
    await call.up.put(denormalise.file_name(cells), content)
    return Pending()


async def look(call: Call[WirausahaSettings, FileUpstream], command: Enrol, code: str) -> Pending | Refused | Stored:
    """Return the outcome of the code in the agency's list of receipts; pending while it is not there."""
    name = f"tanda-terima_{command.agency}.csv"
    entry = next((entry for entry in await call.up.list() if entry.name == name), None)
    if entry is None:
        return Pending()
    content = await call.up.read(entry)
    rows = await asyncio.to_thread(read_receipts, content, _charset(call, command.agency))
    receipts = read_rows(rows, _RECEIPT)
    mine = [one for one in receipts if isinstance(one, TandaTerima) and fold_cell(one.kode) == fold_cell(code)]
    if not mine and any(isinstance(one, Bad) for one in receipts):
        raise UpstreamMalformedError("the list does not show the outcome of the registration")
    return _outcome(mine[-1], call, command, code) if mine else Pending()


def _outcome(
    receipt: TandaTerima, call: Call[WirausahaSettings, FileUpstream], command: Enrol, code: str
) -> Refused | Stored:
    note = refusal_text(str(receipt.keterangan or ""))
    status = fold_cell(receipt.status)
    if status == _REFUSED:
        return Refused(_REFUSALS.get(fold_cell(note), "refused"), note)
    if status != _TAKEN:
        raise UpstreamMalformedError("the list reports the registration as neither accepted nor refused")
    cells = denormalise.registration(command, call.subject, code)
    if isinstance(cells, Refused):
        raise QueryRefusedError("the look-up of a registration needs its participant")
    return Stored(_key(cells), note or None)


def _key(cells: Mapping[str, Any]) -> str:
    """Return the key of the row in the agency's next list, which repeats the cells."""
    return PesertaRow.model_validate(dict(cells)).key


def _charset(call: Call[WirausahaSettings, FileUpstream], agency: str) -> Charset:
    return call.settings.charsets.get(agency, Charset.UTF_8)
