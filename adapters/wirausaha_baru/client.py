"""Reads the folder: which files are there, and what stands in them. Parsing runs in a thread, beside the event loop."""

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
from adapters.legacy.dates import WITA
from adapters.legacy.envelopes import read_rows
from adapters.upstream import FileEntry, FileUpstream
from adapters.wirausaha_baru.lists import Cells, ParticipantList, read_participants, read_programmes
from adapters.wirausaha_baru.settings import Charset, WirausahaSettings
from adapters.wirausaha_baru.wire import PesertaRow, ProgramRow, Row, UsahaRow, said

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
    """A file whose name is as agreed."""

    entry: FileEntry
    skpd: str
    tahun: int = 0


async def look(call: Folder) -> None:
    """Whether the folder is there, with files in it. Raises `UpstreamUnavailableError`."""
    if not await call.up.list():
        raise UpstreamUnavailableError("the folder is empty")


async def participants(call: Folder, mark: str | None) -> AsyncIterator[Batch[PesertaRow]]:
    """Every participant, one workbook a batch. The mark is the name of the next file."""
    async for batch in _from_workbooks(call, mark, TypeAdapter(PesertaRow)):
        yield batch


async def enterprises(call: Folder, mark: str | None) -> AsyncIterator[Batch[UsahaRow]]:
    """Every business that the lists name or number, without its owner, one workbook a batch."""
    async for batch in _from_workbooks(call, mark, TypeAdapter(UsahaRow)):
        yield replace(batch, items=tuple(item for item in batch.items if isinstance(item, Bad) or item.states_business))


async def programmes(call: Folder, mark: str | None) -> AsyncIterator[Batch[ProgramRow]]:
    """Every programme, one CSV file a batch; participants are counted in the workbooks, where there are any."""
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
    """The files of one kind by name, and how many only resemble them: one of those may hold a list that we miss."""
    alike = sorted((one for one in entries if one.name.endswith(ending)), key=lambda one: one.name)
    files = [
        _File(entry, found["skpd"], int(found.groupdict().get("tahun") or 0))
        for entry in alike
        if (found := pattern.fullmatch(entry.name))
    ]
    return files, len(alike) - len(files)


def _agreed(files: list[_File]) -> list[_File]:
    """The same files. Nobody ever takes back everything: an empty folder is one that is not mounted, say."""
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
    """What stands in a file. One that is not as agreed is set aside, where the office has a place for that.

    Raises `UpstreamMalformedError` all the same: the next look finds the version before it.
    """
    try:
        return await asyncio.to_thread(parse, await call.up.read(file.entry))
    except UpstreamMalformedError:
        with suppress(AdapterError):
            await call.up.set_aside(file.entry)
        raise


async def _counts(call: Folder, files: list[_File]) -> Mapping[tuple[str, str, str], int]:
    """How many stand in each workbook, by agency, year and programme."""
    counted = {}
    for file in files:
        found = await _workbook(call, file)
        counted[file.skpd, str(file.tahun), said(found.programme)] = len(found.rows)
    return counted


def _place(skpd: str, line: Cells) -> tuple[str, str, str]:
    return skpd, said(line.get("TAHUN")), said(line.get("NAMA PROGRAM"))


class _Reading:
    """One pass through the files of a kind."""

    def __init__(self, now: datetime, files: list[_File], misnamed: int) -> None:
        self.nothing_left = False
        self._now = now
        self._files = files
        self._misnamed = misnamed
        self._as_of: datetime | None = None

    def after(self, mark: str | None) -> list[_File]:
        """The files from the mark on; a file that came before it was brought in the feed's first part."""
        if mark is not None:
            self._misnamed = 0
            self._files = [file for file in self._files if file.entry.name >= mark]
        self.nothing_left = not self._files
        return self._files

    def batch(self, file: _File, items: tuple[R | Bad, ...], titled: date | None) -> Batch[R]:
        """What one file holds. As of the newest claim so far, since all files together are one snapshot."""
        following = self._files[self._files.index(file) + 1 :]
        misnamed, self._misnamed = (_MISNAMED,) * self._misnamed, 0
        claim = self._claim(file.entry, titled)
        self._as_of = max(self._as_of or claim, claim)
        mark = following[0].entry.name if following else None
        return Batch(items=(*misnamed, *items), as_of=self._as_of, next=mark, whole=mark is None)

    def _claim(self, entry: FileEntry, titled: date | None) -> datetime:
        """The day that the title names; the file's own time where it names none, or one to come: a slip of the pen."""
        if titled is not None:
            day = datetime.combine(titled, time(), WITA)
            if day <= self._now:
                return day
        return min(entry.modified_at, self._now)


def marked(items: Sequence[R | Bad]) -> tuple[R | Bad, ...]:
    """The same rows, those that share a key told apart by what else they say; see `Row.key`."""
    shared = Counter(item.key for item in items if isinstance(item, Row))
    seen: Counter[str] = Counter()
    found: list[R | Bad] = []
    for item in items:
        if isinstance(item, Bad) or shared[item.key] == 1:
            found.append(item)
            continue
        suffix = item.content
        seen[item.key + suffix] += 1
        # Rows that are alike in everything are interchangeable, so that counting them is stable enough.
        repeated = seen[item.key + suffix]
        found.append(item.model_copy(update={"ganda": suffix if repeated == 1 else f"{suffix}.{repeated}"}))
    return tuple(found)
