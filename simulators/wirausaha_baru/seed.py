"""Generate the participants of each programme and their list entries, reproducibly by seed."""

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
_IN_TWO_LISTS: Final = 18  # people in the lists of two agencies
_DUPLICATES: Final = 10  # businesses that are in one list twice
_LOST: Final = "resident-damaged"
_PLACES: Final = (("resident", "dinas-koperasi", 2024), (_LOST, "dinas-koperasi", 2024),
                  ("resident-renamed", "dinas-perindag", 2025))  # fmt: skip

List = tuple[Agency, int]


def programme(agency: Agency, year: int) -> Programme:
    """Return the agency's programme of that year."""
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
    """Yield adults from every kelurahan in turn, as many as there are participants without the demonstration people."""
    adults = [one for one in people if one.relation != "child" and one not in DEMONSTRATION.values()]
    by_home = [list(group) for _, group in groupby(adults, key=lambda one: one.kelurahan_code)]
    for homes in by_home:
        random.shuffle(homes)
    wanted = PARTICIPANTS - _IN_TWO_LISTS - _DUPLICATES - len(_PLACES)
    for number in range(wanted):
        homes = by_home[number % len(by_home)]
        yield homes[number // len(by_home) % len(homes)]


def _as_of(year: int) -> date:
    """Return the day of a cohort's last survey."""
    return date(year + 1, 12, 31) if year < 2025 else date(2026, 6, 30)


class _ListBuilder:
    """Adds people to the lists of the register, in groups of five."""

    def __init__(self, register: Register, random: Random) -> None:
        self._register = register
        self._random = random
        self._written: dict[tuple[str, int], int] = {}

    def add(self, person: Person, where: List, certain: Cells = MappingProxyType({})) -> Participant:
        """Write one line; the cells in `certain` override the generated ones."""
        agency, year = where
        place = (agency.id, year)
        self._written[place] = self._written.get(place, 0) + 1
        cells = participant_cells.line(
            person, agency, year, (self._written[place] - 1) // 5 + 1, _as_of(year), self._random
        )
        participant = Participant(person.kelurahan, {**cells, **certain})
        self._register.add_participant(*place, participant)
        return participant

    def add_duplicate(self, participant: Participant, where: List) -> None:
        """Write the same business again, with the owner in another spelling, as in merged lists."""
        cells = {**participant.cells, "NAMA": participant_cells.misspelt(str(participant.cells["NAMA"]))}
        if self._random.random() < 0.5:
            cells["NIK"] = "-"
        self._register.add_participant(where[0].id, where[1], Participant(participant.kelurahan, cells))


def seed(register: Register, people: Sequence[Person], number: int) -> None:
    """Seed an empty register: programmes, lists, and about 600 participants from all kelurahan."""
    with register.transaction():
        _fill(register, people, Random(number))


def _fill(register: Register, people: Sequence[Person], random: Random) -> None:
    lists: list[List] = [(agency, year) for agency in AGENCIES for year in agency.years]
    for agency, year in lists:
        register.add_programme(programme(agency, year))
        register.date_list(agency.id, year, _as_of(year))
    builder = _ListBuilder(register, random)
    by_place = {(agency.id, year): (agency, year) for agency, year in lists}
    for account, agency_id, year in _PLACES:
        person = DEMONSTRATION[account]
        cell: str | int = participant_cells.as_number(person.nik) if account == _LOST else f"'{person.nik}"
        certain: Cells = {"NIK": cell, "NO. HP": person.phone, "TANGGAL DAFTAR": f"{year}-02-19", "STATUS": "Aktif"}
        builder.add(person, by_place[agency_id, year], certain)
    lines = [(person, where := random.choice(lists), builder.add(person, where)) for person in _chosen(people, random)]
    for person, where, _ in lines[:_IN_TWO_LISTS]:
        others = [one for one in lists if one[0] is not where[0]]
        builder.add(person, random.choice(others))
    for _, where, participant in [one for one in lines[_IN_TWO_LISTS:] if participant_cells.has_business(one[2].cells)][
        :_DUPLICATES
    ]:
        builder.add_duplicate(participant, where)
