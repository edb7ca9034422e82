"""Reader of the folder: lists its files, and parses them in a thread, outside the event loop."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.errors import AdapterError, UpstreamMalformedError, UpstreamUnavailableError
from adapters.legacy.envelopes import read_rows
from adapters.upstream import FileEntry, FileUpstream
from adapters.wirausaha_baru.lists import Cells, ParticipantList, read_participants, read_programmes
from adapters.wirausaha_baru.settings import Charset, WirausahaSettings
from adapters.wirausaha_baru.wire import PesertaRow, ProgramRow, Row, UsahaRow, fold_cell
from schemas.dates import WITA

WORKBOOKS: Final = "peserta_*.xlsx"
PROGRAMMES: Final = "program_*.csv"

_WORKBOOK: Final = re.compile(r"peserta_(?P<skpd>[a-z][a-z-]*)_(?P<tahun>20[0-9]{2})\.xlsx")
_PROGRAMME: Final = re.compile(r"program_(?P<skpd>[a-z][a-z-]*)\.csv")
_MISNAMED: Final = Bad("a file is not named as agreed")

Folder = Call[WirausahaSettings, FileUpstream]
R = TypeVar("R", bound=Row)
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class _File:
    """A file whose name has the agreed form."""

    entry: FileEntry
    skpd: str
    tahun: int = 0


async def look(call: Folder) -> None:
    """Check that the folder contains files. Raises `UpstreamUnavailableError`."""
    if not await call.up.list():
        raise UpstreamUnavailableError("the folder is empty")


async def participants(call: Folder, mark: str | None) -> AsyncIterator[Batch[PesertaRow]]:
    """Yield every participant, one workbook a batch. The mark is the name of the next file."""
    async for batch in _from_workbooks(call, mark, TypeAdapter(PesertaRow)):
        yield batch


async def enterprises(call: Folder, mark: str | None) -> AsyncIterator[Batch[UsahaRow]]:
    """Yield every business that the lists name or number, without its owner, one workbook a batch."""
    async for batch in _from_workbooks(call, mark, TypeAdapter(UsahaRow)):
        yield replace(batch, items=tuple(item for item in batch.items if isinstance(item, Bad) or item.states_business))


async def programmes(call: Folder, mark: str | None) -> AsyncIterator[Batch[ProgramRow]]:
    """Yield every programme, one CSV file a batch, with the number of participants in its workbook, if there is one."""
    entries = await call.up.list()
    files, misnamed = _chosen(entries, _PROGRAMME, ".csv")
    counted = await _counts(call, _chosen(entries, _WORKBOOK, ".xlsx")[0])
    reading = _Reading(call.now, _agreed(files), misnamed)
    for file in reading.after(mark):
        charset = call.settings.charsets.get(file.skpd, Charset.UTF_8)
        lines = await _read(call, file, partial(read_programmes, charset=charset))
        rows = [{**line, "skpd": file.skpd, "jumlah_peserta": counted.get(_place(file.skpd, line))} for line in lines]
        yield reading.batch(file, marked(read_rows(rows, TypeAdapter(ProgramRow))), None)
    if reading.nothing_left:
        yield Batch(items=(), whole=True)


async def _from_workbooks(call: Folder, mark: str | None, shape: TypeAdapter[R]) -> AsyncIterator[Batch[R]]:
    files, misnamed = _chosen(await call.up.list(), _WORKBOOK, ".xlsx")
    reading = _Reading(call.now, _agreed(files), misnamed)
    for file in reading.after(mark):
        found = await _workbook(call, file)
        named = {"skpd": file.skpd, "tahun": file.tahun, "program": found.programme}
        items = await asyncio.to_thread(read_rows, ({**cells, **named} for cells in found.rows), shape)
        yield reading.batch(file, marked(items), found.as_of)
    if reading.nothing_left:
        yield Batch(items=(), whole=True)


def _chosen(entries: Sequence[FileEntry], pattern: re.Pattern[str], ending: str) -> tuple[list[_File], int]:
    """Return the files of one kind by name, and the number of files with a similar but invalid name.

    A file with an invalid name may contain a list, so it is counted.
    """
    alike = sorted((one for one in entries if one.name.endswith(ending)), key=lambda one: one.name)
    files = [
        _File(entry, found["skpd"], int(found.groupdict().get("tahun") or 0))
        for entry in alike
        if (found := pattern.fullmatch(entry.name))
    ]
    return files, len(alike) - len(files)


def _agreed(files: list[_File]) -> list[_File]:
    """Return the files. Raises for an empty list: an empty folder is more likely not mounted than withdrawn."""
    if not files:
        raise UpstreamUnavailableError("the folder holds no file of the agreed names")
    return files


async def _workbook(call: Folder, file: _File) -> ParticipantList:
    def read(content: bytes) -> ParticipantList:
        found = read_participants(content)
        if found.year not in (None, file.tahun):
            raise UpstreamMalformedError("a workbook's title names another year than the file's name")
        return found

    return await _read(call, file, read)


async def _read(call: Folder, file: _File, parse: Callable[[bytes], P]) -> P:
    """Return the parsed file. A file that violates the agreed format is set aside, where the office has a quarantine.

    Raises `UpstreamMalformedError` in either case: the next call reads the version before it.
    """
    try:
        return await asyncio.to_thread(parse, await call.up.read(file.entry))
    except UpstreamMalformedError:
        with suppress(AdapterError):
            await call.up.set_aside(file.entry)
        raise


async def _counts(call: Folder, files: list[_File]) -> Mapping[tuple[str, str, str], int]:
    """Return the number of participants by agency, year and programme."""
    counted = {}
    for file in files:
        found = await _workbook(call, file)
        counted[file.skpd, str(file.tahun), fold_cell(found.programme)] = len(found.rows)
    return counted


def _place(skpd: str, line: Cells) -> tuple[str, str, str]:
    return skpd, fold_cell(line.get("TAHUN")), fold_cell(line.get("NAMA PROGRAM"))


class _Reading:
    """One pass through the files of a kind."""

    def __init__(self, now: datetime, files: list[_File], misnamed: int) -> None:
        self.nothing_left = False
        self._now = now
        self._files = files
        self._misnamed = misnamed

    def after(self, mark: str | None) -> list[_File]:
        """Return the files from the mark on; those before it were in the first part of the feed."""
        if mark is not None:
            self._misnamed = 0
            self._files = [file for file in self._files if file.entry.name >= mark]
        self.nothing_left = not self._files
        return self._files

    def batch(self, file: _File, items: tuple[R | Bad, ...], titled: date | None) -> Batch[R]:
        """Return the batch of one file, with the time of this file only: other files may be years older or newer."""
        following = self._files[self._files.index(file) + 1 :]
        misnamed, self._misnamed = (_MISNAMED,) * self._misnamed, 0
        mark = following[0].entry.name if following else None
        as_of = self._time_of(file.entry, titled)
        return Batch(items=(*misnamed, *items), as_of=as_of, next=mark, whole=mark is None)

    def _time_of(self, entry: FileEntry, titled: date | None) -> datetime:
        """Return the day in the title; the file's own time if the title has none, or one in the future."""
        if titled is not None:
            day = datetime.combine(titled, time(), WITA)
            if day <= self._now:
                return day
        return min(entry.modified_at, self._now)


def marked(items: Sequence[R | Bad]) -> tuple[R | Bad, ...]:
    """Return the same rows; rows that share a key get a suffix derived from their content. See `Row.key`."""
    shared = Counter(item.key for item in items if isinstance(item, Row))
    seen: Counter[str] = Counter()
    found: list[R | Bad] = []
    for item in items:
        if isinstance(item, Bad) or shared[item.key] == 1:
            found.append(item)
            continue
        suffix = item.content
        seen[item.key + suffix] += 1
        # Equal rows are interchangeable, so a running number is a stable suffix.
        repeated = seen[item.key + suffix]
        found.append(item.model_copy(update={"ganda": suffix if repeated == 1 else f"{suffix}.{repeated}"}))
    return tuple(found)
