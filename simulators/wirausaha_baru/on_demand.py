"""Records that the control API adds and removes; each change rewrites its file."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from simulators.clock import Clock
from simulators.kelurahan import kelurahan
from simulators.spec import RecordRefusedError
from simulators.wirausaha_baru.agencies import BY_ID, long_date, rupiah
from simulators.wirausaha_baru.folder import DropFolder
from simulators.wirausaha_baru.intake import Intake
from simulators.wirausaha_baru.list_writer import ListWriter
from simulators.wirausaha_baru.register import Participant, Programme, Register
from simulators.wirausaha_baru.workbook import COLUMNS, MOVED

_YEARS: Final = range(2016, 2100)
_CELLS: Final = frozenset(name for _, name in COLUMNS) - {"NO", "KELURAHAN"}


def _text(record: Mapping[str, Any], field: str, default: str | None = None) -> str:
    value = record.get(field, default)
    if not isinstance(value, str) or not value.strip():
        raise RecordRefusedError(f"{field} is a text")
    return value


def _number(record: Mapping[str, Any], field: str, default: int) -> int:
    value = record.get(field, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecordRefusedError(f"{field} is a number")
    return value


def _place(record: Mapping[str, Any]) -> tuple[str, int]:
    agency, year = _text(record, "agency"), _number(record, "year", 0)
    if agency not in BY_ID:
        raise RecordRefusedError(f"agency is one of: {', '.join(BY_ID)}")
    if year not in _YEARS:
        raise RecordRefusedError("year is a year from 2016 on")
    return agency, year


def _cells(record: Mapping[str, Any], agency: str, day: date) -> dict[str, str | int | None]:
    given = record.get("cells", {})
    if not isinstance(given, dict) or not given.keys() <= _CELLS:
        raise RecordRefusedError(f"cells has only these columns: {', '.join(sorted(_CELLS))}")
    if not all(value is None or isinstance(value, str | int) for value in given.values()):
        raise RecordRefusedError("a cell is a text, a whole number or null")
    return {
        "NAMA": _text(record, "name"),
        "NIK": f"'{record['nik']}" if record.get("nik") else "-",
        "L/P": "L",
        "NO. HP": "-",
        "KELOMPOK": "Kelompok 1",
        "NAMA USAHA": "-",
        "JENIS USAHA": "-",
        "KBLI": "-",
        "NIB": "Tidak ada",
        "BANTUAN": rupiah(BY_ID[agency].aid),
        "TANGGAL DAFTAR": day.isoformat(),
        "STATUS": "Rintisan",
        "PER TANGGAL": long_date(day),
        **given,
    }


class OnDemand:
    """Adds and removes enrolments, programmes, and defective files."""

    def __init__(
        self, register: Register, folder: DropFolder, list_writer: ListWriter, clock: Clock, intake: Intake
    ) -> None:
        self._register = register
        self._folder = folder
        self._list_writer = list_writer
        self._clock = clock
        self._intake = intake
        self._kinds: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "enrolment": self._enrolment,
            "programme": self._programme,
            "file": self._file,
            "round": self._round,
        }

    def add(self, record: Mapping[str, Any]) -> str:
        """Add the record; return its key. Raises `RecordRefusedError`."""
        add = self._kinds.get(str(record.get("kind")))
        if add is None:
            raise RecordRefusedError(f"kind is one of: {', '.join(self._kinds)}")
        return add(record)

    def withdraw(self, key: str) -> bool:
        """Remove an added record, or any enrolment or programme; return whether there was one."""
        kind, _, rest = key.partition(":")
        if kind == "file" and rest:
            self._folder.remove(rest)
            return self._list_writer.drop(rest)
        if not rest.isascii() or not rest.isdigit():
            return False
        if kind == "enrolment" and (place := self._register.remove_participant(int(rest))):
            self._date_and_write(*place)
            return True
        if kind == "programme" and (agency := self._register.remove_programme(int(rest))):
            self._list_writer.write_programmes(agency)
            return True
        return False

    def _date_and_write(self, agency: str, year: int) -> None:
        self._register.date_list(agency, year, self._clock.today())
        self._list_writer.write_list(agency, year)

    def _enrolment(self, record: Mapping[str, Any]) -> str:
        agency, year = _place(record)
        home = _text(record, "kelurahan", "Mantuil")
        if home not in {one.name for one in kelurahan()}:
            raise RecordRefusedError("kelurahan is the name of one of the 52")
        participant = Participant(home, _cells(record, agency, self._clock.today()))
        number = self._register.add_participant(agency, year, participant)
        self._date_and_write(agency, year)
        return f"enrolment:{number}"

    def _programme(self, record: Mapping[str, Any]) -> str:
        agency, year = _place(record)
        try:
            deadline = date.fromisoformat(_text(record, "deadline", f"{year}-12-18"))
        except ValueError:
            raise RecordRefusedError("deadline is an ISO date") from None
        programme = Programme(
            agency=agency,
            year=year,
            name=_text(record, "name"),
            quota=_number(record, "quota", 40),
            aid=_number(record, "aid", BY_ID[agency].aid),
            deadline=deadline,
            description=_text(record, "description", "Program tambahan"),
        )
        number = self._register.add_programme(programme)
        self._list_writer.write_programmes(agency)
        return f"programme:{number}"

    def _round(self, _record: Mapping[str, Any]) -> str:
        """Read the inbox folder now."""
        self._intake.collect()
        return "round:now"

    def _file(self, record: Mapping[str, Any]) -> str:
        if self._list_writer.paused:
            raise RecordRefusedError("a fault is active: files cannot be changed")
        name = _text(record, "name", "peserta_dinas-sosial_2019.xlsx")
        places = {f"peserta_{agency}_{year}.xlsx": (agency, year) for agency, year in self._register.lists()}
        if name not in places:
            raise RecordRefusedError("name must be the name of a workbook")
        contents: Mapping[str, Callable[[], None]] = {
            "half-written": lambda: self._folder.half_write(name, self._list_writer.list_content(*places[name])),
            "bomb": lambda: self._folder.bomb(name),
            "header-moved": lambda: self._folder.put(name, self._list_writer.list_content(*places[name], MOVED)),
            "lock": lambda: self._folder.lock(name),
        }
        leave = contents.get(str(record.get("content")))
        if leave is None:
            raise RecordRefusedError(f"content is one of: {', '.join(contents)}")
        leave()
        return f"file:{name}"
