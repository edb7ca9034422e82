"""Whoever writes the register's contents into the folder, file by file."""

import re
from typing import Final

from simulators.wirausaha_baru.agencies import BY_ID
from simulators.wirausaha_baru.folder import DropFolder
from simulators.wirausaha_baru.programme_list import programme_list
from simulators.wirausaha_baru.register import Register
from simulators.wirausaha_baru.workbook import COLUMNS, Column, workbook

_LIST: Final = re.compile(r"peserta_([a-z-]+)_(\d{4})\.xlsx")
_PROGRAMMES: Final = re.compile(r"program_([a-z-]+)\.csv")


class Desk:
    """Writes files. While it is paused (a fault is on) it remembers what it has to write when it resumes."""

    def __init__(self, register: Register, folder: DropFolder) -> None:
        self._register = register
        self._folder = folder
        self._paused = False

    @property
    def paused(self) -> bool:
        """Whether a fault is on."""
        return self._paused

    def names(self) -> list[str]:
        """The files that there are when nothing is wrong."""
        programmes = [f"program_{agency}.csv" for agency in BY_ID]
        return programmes + [list_name(agency, year) for agency, year in self._register.lists()]

    def write_programmes(self, agency: str) -> None:
        """Write the agency's programmes."""
        if not self._paused:
            content = programme_list(BY_ID[agency], self._register.programmes(agency))
            self._folder.put(f"program_{agency}.csv", content)

    def write_list(self, agency: str, year: int) -> None:
        """Write the agency's list of that year."""
        if not self._paused:
            self._folder.put(list_name(agency, year), self.list_content(agency, year))

    def list_content(self, agency: str, year: int, columns: tuple[Column, ...] = COLUMNS) -> bytes:
        """The workbook of that list."""
        title = next(
            (one.name for one in self._register.programmes(agency) if one.year == year), BY_ID[agency].programme
        )
        lines = self._register.participants(agency, year)
        return workbook(BY_ID[agency], title, year, self._register.list_day(agency, year), lines, columns)

    def rewrite(self, name: str) -> bool:
        """Write the file of that name as it should be; False when there should be none."""
        if name not in self.names():
            return False
        if found := _LIST.fullmatch(name):
            self.write_list(found[1], int(found[2]))
        elif found := _PROGRAMMES.fullmatch(name):
            self.write_programmes(found[1])
        return True

    def pause(self) -> None:
        """Write nothing until told to resume."""
        self._paused = True

    def resume(self) -> None:
        """Go on, beginning with all that may have been missed or damaged meanwhile."""
        if not self._paused:
            return
        self._paused = False
        for name in self.names():
            self.rewrite(name)


def list_name(agency: str, year: int) -> str:
    """The agreed name of a workbook."""
    return f"peserta_{agency}_{year}.xlsx"
