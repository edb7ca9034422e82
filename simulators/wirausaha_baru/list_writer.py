"""Write the register's contents as files into the folder, and keep a copy of each."""

import re
from pathlib import Path
from typing import Final

from simulators.wirausaha_baru.agencies import BY_ID
from simulators.wirausaha_baru.folder import DropFolder
from simulators.wirausaha_baru.programme_list import programme_list, receipt_list
from simulators.wirausaha_baru.register import Register
from simulators.wirausaha_baru.workbook import COLUMNS, Column, workbook

_LIST: Final = re.compile(r"peserta_([a-z-]+)_(\d{4})\.xlsx")
_RECEIPTS: Final = "tanda-terima_"


class ListWriter:
    """Writes files, each first into `copies`. While it is paused (a fault is active) nothing is dropped."""

    def __init__(self, register: Register, folder: DropFolder, copies: Path) -> None:
        self._register = register
        self._folder = folder
        self._copies = copies
        copies.mkdir(exist_ok=True)
        self.paused = False

    def names(self) -> list[str]:
        """Return the names of all files that should exist."""
        programmes = [f"program_{agency}.csv" for agency in BY_ID]
        receipts = [receipts_name(agency) for agency in BY_ID if self._register.receipts(agency)]
        return [*programmes, *receipts, *(list_name(agency, year) for agency, year in self._register.lists())]

    def write_programmes(self, agency: str) -> None:
        """Rewrite the agency's programmes."""
        content = programme_list(BY_ID[agency], self._register.programmes(agency))
        self._write(f"program_{agency}.csv", content)

    def write_list(self, agency: str, year: int) -> None:
        """Rewrite the agency's list of that year."""
        self._write(list_name(agency, year), self.list_content(agency, year))

    def write_receipts(self, agency: str) -> None:
        """Rewrite the agency's list of receipts."""
        self._write(receipts_name(agency), receipt_list(BY_ID[agency], self._register.receipts(agency)))

    def write_half_of_the_receipts(self, agency: str) -> None:
        """Write the list of receipts, truncated to its first half."""
        self.write_receipts(agency)
        self._folder.truncate(receipts_name(agency))

    def list_content(self, agency: str, year: int, columns: tuple[Column, ...] = COLUMNS) -> bytes:
        """Return the workbook of that list."""
        named = (one.name for one in self._register.programmes(agency) if one.year == year)
        title = next(named, BY_ID[agency].programme)
        lines = self._register.participants(agency, year)
        return workbook(BY_ID[agency], title, year, self._register.list_day(agency, year), lines, columns)

    def drop(self, name: str) -> bool:
        """Drop the intact file of that name; return whether it should exist."""
        if name not in self.names():
            return False
        copy = self._copies / name
        if copy.exists():
            self._write(name, copy.read_bytes())
        elif found := _LIST.fullmatch(name):
            self.write_list(found[1], int(found[2]))
        elif name.startswith(_RECEIPTS):
            self.write_receipts(name.removeprefix(_RECEIPTS).removesuffix(".csv"))
        else:
            self.write_programmes(name.removeprefix("program_").removesuffix(".csv"))
        return True

    def drop_all(self) -> None:
        """Drop every intact file."""
        for name in self.names():
            self.drop(name)

    def resume(self) -> None:
        """End a pause, and rewrite every file that may be missing or damaged."""
        if self.paused:
            self.paused = False
            self.drop_all()

    def _write(self, name: str, content: bytes) -> None:
        draft = self._copies / f"{name}.draft"
        draft.write_bytes(content)
        draft.replace(self._copies / name)
        if not self.paused:
            self._folder.put(name, content)


def list_name(agency: str, year: int) -> str:
    """Return the agreed name of a workbook."""
    return f"peserta_{agency}_{year}.xlsx"


def receipts_name(agency: str) -> str:
    """Return the agreed name of a list of receipts."""
    return f"{_RECEIPTS}{agency}.csv"
