"""Reads the records of residents from the databases of the simulators, as marks that canonical records show too.

| resource | system | mark |
| --- | --- | --- |
| `resident` | dukcapil | the last four digits of the NIK |
| `application` | e-kelurahan | the purpose |
| `appointment` | e-puskesmas | office, day and queue number |
| `enrolment` | wirausaha-baru | the resource: only their number is compared |
| `bill` | pbb | number of the land and year |
| `complaint` | lapor | tracking number |
| `proposal` | sipd-rkpd | number |
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from benchmarks.soak.ledger import PUBLIC, Ledger
from benchmarks.testbed import Resident

OFFICES: Final = ("cempaka", "pekauman", "sungai-jingah")
SYSTEM_OF: Final[Mapping[str, str]] = {
    "resident": "dukcapil",
    "application": "e-kelurahan",
    "appointment": "e-puskesmas",
    "enrolment": "wirausaha-baru",
    "bill": "pbb",
    "complaint": "lapor",
    "proposal": "sipd-rkpd",
}


class SimulatorState:
    """The databases of a running city, opened for reading for each question."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "simulators"

    def records_of(self, nik: str) -> dict[str, list[str]]:
        """The marks of a resident's records, by resource."""
        return {
            "resident": [nik[-4:] for _ in self._rows("dukcapil/registry.sqlite", _RESIDENT, nik)],
            "application": [words(row[0]) for row in self._rows("e-kelurahan/e-kelurahan.sqlite3", _APPLICATIONS, nik)],
            "appointment": [
                f"{office} {day} {number}"
                for office in OFFICES
                for day, number in self._rows(f"e-puskesmas/{office}/puskesmas.sqlite", _APPOINTMENTS, nik)
            ],
            "enrolment": [
                "enrolment"
                for (cells,) in self._rows("wirausaha-baru/register.sqlite3", _PARTICIPANTS)
                if _digits(str(json.loads(cells).get("NIK", ""))) == nik
            ],
            "bill": [f"{_digits(land)} {year}" for land, year in self._rows("pbb/sppt.sqlite", _NOTICES, nik)],
            "complaint": [str(number) for (number,) in self._rows("lapor/lapor.sqlite", _REPORTS, nik)],
            "proposal": [str(number) for (number,) in self._rows("sipd-rkpd/sipd.sqlite", _PROPOSALS, nik)],
        }

    def public_complaints(self) -> list[str]:
        """The marks of the complaints that are not secret."""
        return [str(number) for (number,) in self._rows("lapor/lapor.sqlite", _PUBLIC_REPORTS)]

    def _rows(self, path: str, query: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._folder / path}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(query, values).fetchall()


_RESIDENT: Final = "select nik from biodata where nik = ?"
_APPLICATIONS: Final = "select keperluan from permohonan where rtrim(nik) = ?"
_APPOINTMENTS: Final = "select tanggal, angka from pendaftaran join pasien using (noKartu) where nik = ?"
_PARTICIPANTS: Final = "select cells from participant"
_NOTICES: Final = "select NOP, THN_PAJAK_SPPT from SPPT where NIK_WP = ?"
_REPORTS: Final = "select trackingid from laporan where nik = ?"
_PUBLIC_REPORTS: Final = "select trackingid from laporan where rahasia = '0'"
_PROPOSALS: Final = "select id_usulan from usulan where nik = ?"


def initial_ledger(state: SimulatorState, people: Iterator[Resident] | list[Resident]) -> Ledger:
    """A ledger of what the simulators hold now."""
    ledger = Ledger()
    for resident in people:
        for resource, marks in state.records_of(resident.nik).items():
            ledger.add_initial(resident.account, resource, marks)
    ledger.add_initial(PUBLIC, "complaint", state.public_complaints())
    return ledger


def mark_of(item: Mapping[str, Any]) -> str:
    """The mark of a canonical record. Raises `KeyError` for a resource without one."""
    return _MARKS[item["resource"]](item)


def _appointment(item: Mapping[str, Any]) -> str:
    return f"{item['provenance']['office']} {item['day']} {int(item['number'].rpartition('-')[2])}"


_MARKS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "resident": lambda item: str(item["identifiers"][0]["value"])[-4:],
    "application": lambda item: words(item["text"] or ""),
    "appointment": _appointment,
    "enrolment": lambda _: "enrolment",
    "bill": lambda item: f"{item['object']['number']} {item['period']['start']}",
    "complaint": lambda item: str(item["number"]),
    "proposal": lambda item: str(item["number"]),
}


def words(text: str) -> str:
    """A text in lower case with single spaces: spelling is for the adapter to repair."""
    return " ".join(text.casefold().split())


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
