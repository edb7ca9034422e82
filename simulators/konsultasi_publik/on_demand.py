"""Consultations and contributions that the control API adds and removes."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from simulators.clock import Clock
from simulators.kelurahan import kelurahan
from simulators.konsultasi_publik.damage import FileFaults
from simulators.konsultasi_publik.store import TABLES, Store
from simulators.spec import SAMPLE, RecordRefusedError

_STATES: Final = frozenset("RPB")


def _text(record: Mapping[str, Any], field: str, default: str | None = None) -> str:
    value = record.get(field, default)
    if not isinstance(value, str) or not value.strip():
        raise RecordRefusedError(f"{field} is a text")
    return value


def _small(record: Mapping[str, Any], field: str, default: int) -> int:
    value = record.get(field, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 9:
        raise RecordRefusedError(f"{field} is a number from 0 to 9")
    return value


class OnDemand:
    """Adds and removes events and contributions."""

    def __init__(self, store: Store, faults: FileFaults | None, clock: Clock) -> None:
        self._store = store
        self._faults = faults
        self._clock = clock
        self._kinds: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "consultation": self._event,
            SAMPLE: lambda _record: self._event({"title": "Kegiatan contoh"}),
            "contribution": self._contribution,
        }

    def add(self, record: Mapping[str, Any]) -> str:
        """Add the record; return its key. Raises `RecordRefusedError`."""
        self._refuse_under_a_fault()
        add = self._kinds.get(str(record.get("kind")))
        if add is None:
            raise RecordRefusedError(f"kind is one of: {', '.join(self._kinds)}")
        return add(record)

    def withdraw(self, key: str) -> bool:
        """Remove an event by `<table>/<id>`; return whether there was one."""
        self._refuse_under_a_fault()
        table, _, number = key.partition("/")
        if table not in TABLES or not (number.isascii() and number.isdigit()):
            return False
        return self._store.remove(table, int(number))

    def _refuse_under_a_fault(self) -> None:
        if self._faults is not None and self._faults.active:
            raise RecordRefusedError("a fault is active: the database cannot be used")

    def _event(self, record: Mapping[str, Any]) -> str:
        table = _table(record)
        number = self._store.next_id(f"{table}_kegiatan")
        starts = self._starts(record)
        status = _text(record, "status", "P")
        if status not in _STATES:
            raise RecordRefusedError("status is R, P or B")
        home = _text(record, "kelurahan", "Mantuil")
        if home not in {one.name for one in kelurahan()}:
            raise RecordRefusedError("kelurahan is the name of one of the 52")
        form = {"uraian": _text(record, "description", "Kegiatan tambahan."), "penyelenggara": "Sekretariat Daerah"}
        self._store.add(
            f"{table}_kegiatan",
            [
                {
                    "id": number,
                    "nomor": f"{number:03d}/TAMBAHAN/{starts.year}",
                    "judul": _text(record, "title"),
                    "tahap": _small(record, "stage", 5),
                    "status": status,
                    "mulai": f"{starts:%Y-%m-%d %H:%M:%S}",
                    "selesai": f"{starts + timedelta(hours=2):%Y-%m-%d %H:%M:%S}",
                    "terima_masukan": _small(record, "open", 1),
                    "isian": json.dumps(form),
                }
            ],
        )
        place = {"tabel": table, "id_kegiatan": number, "tempat": "Balai warga", "kelurahan": home}
        self._store.add("tempat_kegiatan", [{**place, "lintang": "", "bujur": ""}])
        return f"{table}/{number}"

    def _contribution(self, record: Mapping[str, Any]) -> str:
        number = self._store.next_id("masukan")
        event = _small(record, "event", 1)
        self._store.add(
            "masukan",
            [
                {
                    "id": number,
                    "tabel": _table(record),
                    "id_kegiatan": event,
                    "nik": "",
                    "nama": "Warga",
                    "isian": json.dumps({"isi": _text(record, "text")}),
                    "jawaban": record.get("answer"),
                    "tampil": _small(record, "shown", 1),
                    "masuk": f"{self._clock.now():%Y-%m-%d %H:%M:%S}",
                }
            ],
        )
        return f"masukan/{number}"

    def _starts(self, record: Mapping[str, Any]) -> datetime:
        days = record.get("in_days", 7)
        if not isinstance(days, int) or isinstance(days, bool) or not abs(days) < 3650:
            raise RecordRefusedError("in_days is a number of days")
        return self._clock.now() + timedelta(days=days)


def _table(record: Mapping[str, Any]) -> str:
    table = _text(record, "table", TABLES[0])
    if table not in TABLES:
        raise RecordRefusedError(f"table is one of: {', '.join(TABLES)}")
    return table
