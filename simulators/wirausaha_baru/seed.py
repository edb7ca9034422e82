"""Invents who took part in which programme, and how it came to be written down. The same seed, the same lists."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from random import Random
from types import MappingProxyType
from typing import Final

from simulators.people import DEMONSTRATION, Person
from simulators.wirausaha_baru import participant_cells
from simulators.wirausaha_baru.agencies import AGENCIES, Agency
from simulators.wirausaha_baru.register import Cells, Participant, Programme, Register

PARTICIPANTS: Final = 600
_TWICE: Final = 18  # people who are in the lists of two agencies
_DOUBLED: Final = 10  # businesses that stand twice in one list
_LOST: Final = "resident-damaged"
_PLACES: Final = (("resident", "dinas-koperasi", 2024), (_LOST, "dinas-koperasi", 2024),
                  ("resident-renamed", "dinas-perindag", 2025))  # fmt: skip

List = tuple[Agency, int]


def programme(agency: Agency, year: int) -> Programme:
    """The agency's programme of that year."""
    return Programme(
        agency=agency.id,
        year=year,
        name=agency.programme,
        quota=None if agency.id == "dinas-sosial" else 50 + 5 * (year % 3),
        aid=agency.aid,
        deadline=date(year, 3, 1) + timedelta(days=year % 28) if year < 2026 else date(year, 12, 18),
        description=agency.description,
    )


def _chosen(people: Sequence[Person], random: Random) -> Iterator[Person]:
    """Adults from every kelurahan in turn, as many as there are participants, less the demonstration people."""
    adults = [one for one in people if one.relation != "child" and one not in DEMONSTRATION.values()]
    by_home = [list(group) for _, group in groupby(adults, key=lambda one: one.kelurahan_code)]
    for homes in by_home:
        random.shuffle(homes)
    wanted = PARTICIPANTS - _TWICE - _DOUBLED - len(_PLACES)
    for number in range(wanted):
        homes = by_home[number % len(by_home)]
        yield homes[number // len(by_home) % len(homes)]


def _as_of(year: int) -> date:
    """The day of a cohort's last survey; nobody looks after it any more then."""
    return date(year + 1, 12, 31) if year < 2025 else date(2026, 6, 30)


class _Scribe:
    """Puts people down in the register, each in a list, one group of five after the other."""

    def __init__(self, register: Register, random: Random) -> None:
        self._register = register
        self._random = random
        self._written: dict[tuple[str, int], int] = {}

    def put(self, person: Person, where: List, certain: Cells = MappingProxyType({})) -> Participant:
        """Write one line; the cells in `certain` do not depend on habits."""
        agency, year = where
        place = (agency.id, year)
        self._written[place] = self._written.get(place, 0) + 1
        cells = participant_cells.line(
            person, agency, year, (self._written[place] - 1) // 5 + 1, _as_of(year), self._random
        )
        participant = Participant(person.kelurahan, {**cells, **certain})
        self._register.add_participant(*place, participant)
        return participant

    def again(self, participant: Participant, where: List) -> None:
        """The same business once more, with the owner spelt differently, as happens when lists are put together."""
        cells = {**participant.cells, "NAMA": participant_cells.misspelt(str(participant.cells["NAMA"]))}
        if self._random.random() < 0.5:
            cells["NIK"] = "-"
        self._register.add_participant(where[0].id, where[1], Participant(participant.kelurahan, cells))


def seed(register: Register, people: Sequence[Person], number: int) -> None:
    """Fill an empty register: programmes, lists, and about 600 participants from all kelurahan."""
    with register.at_once():
        _fill(register, people, Random(number))


def _fill(register: Register, people: Sequence[Person], random: Random) -> None:
    lists: list[List] = [(agency, year) for agency in AGENCIES for year in agency.years]
    for agency, year in lists:
        register.add_programme(programme(agency, year))
        register.date_list(agency.id, year, _as_of(year))
    scribe = _Scribe(register, random)
    by_place = {(agency.id, year): (agency, year) for agency, year in lists}
    for account, agency_id, year in _PLACES:
        person = DEMONSTRATION[account]
        cell: str | int = participant_cells.as_number(person.nik) if account == _LOST else f"'{person.nik}"
        certain: Cells = {"NIK": cell, "NO. HP": person.phone, "TANGGAL DAFTAR": f"{year}-02-19", "STATUS": "Aktif"}
        scribe.put(person, by_place[agency_id, year], certain)
    lines = [(person, where := random.choice(lists), scribe.put(person, where)) for person in _chosen(people, random)]
    for person, where, _ in lines[:_TWICE]:
        others = [one for one in lists if one[0] is not where[0]]
        scribe.put(person, random.choice(others))
    for _, where, participant in [one for one in lines[_TWICE:] if participant_cells.has_business(one[2].cells)][
        :_DOUBLED
    ]:
        scribe.again(participant, where)
