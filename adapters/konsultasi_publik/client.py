"""Client of the database: reads the views page by page, and inserts into the inbox. It contains all SQL statements.

Every date is cast to text, because drivers convert a zero date in different ways; to every tinyint(1) 0 is added,
because some drivers convert it to a boolean.
"""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from adapters.contract import Absent, Bad, Batch, Call, Refused, Stored
from adapters.errors import UpstreamMalformedError
from adapters.konsultasi_publik.settings import Settings
from adapters.konsultasi_publik.wire import Konsultasi, Kotak
from adapters.legacy.envelopes import read_rows
from adapters.legacy.receipts import ends_with_code, mark
from adapters.legacy.texts import refusal_text
from adapters.upstream import Declined, SqlUpstream, SqlValue
from schemas.consultation import Contribute

OurCall = Call[Settings, SqlUpstream]
Row = Mapping[str, object]
Key = tuple[object, object]

PAGE: Final = 25
MOST_DOCUMENTS: Final = 2_000
MOST_CONTRIBUTIONS: Final = 5_000
_MOST_FOUND: Final = 20

_EVENTS: Final = """
    SELECT tabel, id, nomor, judul, tahap + 0 AS tahap, status, CAST(mulai AS CHAR(32)) AS mulai,
    CAST(selesai AS CHAR(32)) AS selesai, terima_masukan + 0 AS terima_masukan, isian, tempat, kelurahan, lintang, bujur
    FROM v_konsultasi WHERE tabel > :tabel OR (tabel = :tabel AND id > :id) ORDER BY tabel, id LIMIT :banyak"""
_DOCUMENTS: Final = """
    SELECT tabel, id_kegiatan, urut, nama, jenis, mime, ukuran, CAST(terbit AS CHAR(32)) AS terbit FROM v_dokumen
    WHERE (tabel > :dari OR (tabel = :dari AND id_kegiatan >= :dari_id))
    AND (tabel < :sampai OR (tabel = :sampai AND id_kegiatan <= :sampai_id))
    ORDER BY tabel, id_kegiatan, urut"""
_CONTRIBUTIONS: Final = """
    SELECT tabel, id_kegiatan, id, isian, jawaban, tampil + 0 AS tampil, CAST(masuk AS CHAR(32)) AS masuk FROM v_masukan
    WHERE tampil + 0 = 1 AND (tabel > :dari OR (tabel = :dari AND id_kegiatan >= :dari_id))
    AND (tabel < :sampai OR (tabel = :sampai AND id_kegiatan <= :sampai_id))
    ORDER BY tabel, id_kegiatan, id"""
CONTRIBUTE: Final = "INSERT INTO kotak_masuk (tabel, id_kegiatan, nik, isi) VALUES (:tabel, :id_kegiatan, :nik, :isi)"
_CONTRIBUTED: Final = "SELECT id, isi FROM v_kotak_masuk WHERE isi LIKE :akhir ESCAPE '!' ORDER BY id LIMIT :banyak"
_THERE: Final = "SELECT tabel FROM v_konsultasi LIMIT 1"
_INBOX_THERE: Final = "SELECT id FROM v_kotak_masuk LIMIT 1"

_KONSULTASI: Final = TypeAdapter(Konsultasi)
_KOTAK: Final = TypeAdapter(Kotak)
_MARK: Final = re.compile(r"([a-z_]{1,20})/([0-9]{1,10})")
_REFUSALS: Final[Mapping[str, str]] = {
    "Kegiatan tidak ditemukan": "consultation-unknown",
    "Masukan sudah ditutup": "consultation-closed",
    "Isi masukan wajib diisi": "text-refused",
}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A page of rows that is not cut within the rows of one number."""

    rows: Sequence[Row]
    more: bool

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "_Stretch":
        """Drop the last number if the next page may have more rows of it. Raises `UpstreamMalformedError`."""
        if len(rows) <= PAGE:
            return cls(rows, more=False)
        last = _key(rows[-1])
        whole = [row for row in rows if _key(row) != last]
        if not whole:
            raise UpstreamMalformedError("one number has more rows than a page")
        return cls(whole, more=True)


async def probe(call: OurCall) -> None:
    """Check that the views are readable by our account."""
    await call.up.rows(_THERE, {}, 1)
    await call.up.rows(_INBOX_THERE, {}, 1)


async def feed(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Konsultasi]]:
    """Yield every event with its documents and contributions, one page a batch; the mark is the last event's code.

    There is no total: a page that is not full is the last one.
    """
    found = _MARK.fullmatch(mark or "")
    after: dict[str, SqlValue] = {"tabel": found[1], "id": int(found[2])} if found else {"tabel": "", "id": 0}
    while True:
        rows = await call.up.rows(_EVENTS, {**after, "banyak": PAGE + 1}, PAGE + 1)
        stretch = _Stretch.of(rows)
        items = read_rows(await _filled(call, stretch.rows), _KONSULTASI)
        if not stretch.more:
            yield Batch(_told_apart(items), whole=True)
            return
        table, number = _key(stretch.rows[-1])
        if not (isinstance(table, str) and isinstance(number, int)):
            raise UpstreamMalformedError("the last row of a page has no number after which to continue")
        after = {"tabel": table, "id": number}
        yield Batch(_told_apart(items), next=f"{table}/{number}", whole=True)


async def _filled(call: OurCall, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the events with their documents and contributions."""
    numbered = [(table, id_) for table, id_ in map(_key, rows) if isinstance(table, str) and isinstance(id_, int)]
    if not numbered:
        return [dict(row) for row in rows]
    # From the first to the last row with a number: a row without one has no documents, and is not used as a bound.
    first, last = numbered[0], numbered[-1]
    bound: dict[str, SqlValue] = {"dari": first[0], "dari_id": first[1], "sampai": last[0], "sampai_id": last[1]}
    documents = _by_event(await call.up.rows(_DOCUMENTS, bound, MOST_DOCUMENTS))
    contributions = _by_event(await call.up.rows(_CONTRIBUTIONS, bound, MOST_CONTRIBUTIONS))
    return [{**row, "dokumen": documents[_key(row)], "masukan": contributions[_key(row)]} for row in rows]


def _by_event(rows: Iterable[Row]) -> defaultdict[Key, list[Row]]:
    found: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.get("tabel"), row.get("id_kegiatan")].append(row)
    return found


def _key(row: Row) -> Key:
    return row.get("tabel"), row.get("id")


def _told_apart(items: Iterable[Konsultasi | Bad]) -> tuple[Konsultasi | Bad, ...]:
    """Merge equal rows; rows that share a number but differ all get a suffix (Q39)."""
    contents: defaultdict[str, dict[str, None]] = defaultdict(dict)
    kept: list[Konsultasi | Bad] = []
    for item in items:
        if isinstance(item, Konsultasi):
            if item.content in contents[item.code]:
                continue
            contents[item.code][item.content] = None
        kept.append(item)
    return tuple(
        item.model_copy(update={"ganda": item.content})
        if isinstance(item, Konsultasi) and len(contents[item.code]) > 1
        else item
        for item in kept
    )


async def contribute(call: OurCall, columns: Mapping[str, SqlValue], code: str) -> Stored | Refused:
    """Insert a contribution into the inbox."""
    done = await call.up.execute(CONTRIBUTE, columns)
    if isinstance(done, Declined):
        return Refused(_REFUSALS.get(done.message, "refused"), refusal_text(done.message))
    if done.number is not None:
        return _stored(done.number)
    found = await _look(call, code)
    if isinstance(found, Absent):
        raise UpstreamMalformedError("the inbox does not show the row that was just inserted")
    return found


async def look(call: OurCall, _command: Contribute, code: str) -> Stored | Absent:
    """Find the contribution whose text ends with the receipt code."""
    return await _look(call, code)


async def _look(call: OurCall, code: str) -> Stored | Absent:
    pattern = "%" + re.sub(r"([!%_])", r"!\1", mark(code))
    rows = await call.up.rows(_CONTRIBUTED, {"akhir": pattern, "banyak": _MOST_FOUND}, _MOST_FOUND)
    found = read_rows(rows, _KOTAK)
    for row in found:
        # The comparison of the database may ignore case.
        if isinstance(row, Kotak) and ends_with_code(row.isi, code):
            return _stored(row.id)
    if any(isinstance(row, Bad) for row in found) or len(rows) == _MOST_FOUND:
        raise UpstreamMalformedError("the inbox does not show whether the contribution exists")
    return Absent()


def _stored(number: int) -> Stored:
    return Stored(str(number), f"M-{number:06d}")
