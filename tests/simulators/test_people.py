"""The population: consistent, spread over the whole city, and the same each time."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.kelurahan import kelurahan
from simulators.people import DEMONSTRATION, Person, nik_of, population
from simulators.person import REGION
from tests.loops import examples


def _is_consistent(person: Person) -> bool:
    day = person.birth_date.day + (40 if person.sex == "P" else 0)
    written = f"{REGION}{day:02d}{person.birth_date:%m%y}"
    return len(person.nik) == 16 and person.nik.startswith(written) and person.nik[-4:] != "0000"


@settings(max_examples=examples(8), deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(4, 2_600))
def test_every_population_is_consistent(seed: int, size: int) -> None:
    people = population(seed, size)
    registered = [person for person in people if person.nik]
    assert len(people) == size
    assert people[: len(DEMONSTRATION)] == tuple(DEMONSTRATION.values())
    assert [person for person in people if not person.nik] == [DEMONSTRATION["resident-no-nik"]]
    assert all(_is_consistent(person) for person in registered)
    assert len({person.nik for person in registered}) == len(registered)
    assert len({person.insurance_card for person in registered}) == len(registered)
    assert all(person.kk.startswith(REGION) and len(person.kk) == 16 for person in registered)


def test_no_nik_equals_a_rounded_one() -> None:
    # Fifteen significant digits survive in a spreadsheet's number; the sixteenth becomes a 0.
    assert not any(person.nik.endswith("0") for person in population())


def test_a_city_of_the_usual_size_fills_every_kelurahan() -> None:
    people = population()
    living = Counter(person.kelurahan_code for person in people)
    assert len(people) >= 2_000
    assert set(living) == {place.code for place in kelurahan()}
    assert len(living) == 52
    assert min(living.values()) >= 30
    rt_of = {place.code: place.neighbourhoods for place in kelurahan()}
    assert all(1 <= person.rt <= rt_of[person.kelurahan_code] for person in people)


def test_the_same_seed_gives_the_same_people_for_ever() -> None:
    population.cache_clear()
    first = population(7, 500)
    population.cache_clear()
    assert population(7, 500) == first
    assert population(8, 500) != first
    # A fixed sample: another order of the random draws would silently change every seeded simulator.
    assert population()[1_000].nik == "6371990712674158"


def test_a_family_shares_its_card_and_house() -> None:
    families: dict[str, list[Person]] = {}
    for person in population():
        families.setdefault(person.kk, []).append(person)
    for kk, members in families.items():
        if not kk:
            continue
        assert Counter(member.relation for member in members)["head"] == 1
        assert len({(member.street, member.rt, member.kelurahan_code) for member in members}) == 1
        couple = [member for member in members if member.relation != "child"]
        assert len({member.sex for member in couple}) == len(couple)


def test_the_demonstration_people_are_who_the_other_rooms_expect() -> None:
    home = {account: person.kelurahan for account, person in DEMONSTRATION.items()}
    assert home == {
        "resident": "Mantuil",
        "resident-damaged": "Pekauman",
        "resident-renamed": "Mantuil",
        "resident-no-nik": "Pekauman",
    }
    assert [account for account, person in DEMONSTRATION.items() if person.alias] == ["resident-renamed"]


def test_a_womans_day_is_forty_more() -> None:
    assert nik_of(date(1990, 2, 5), "P", 11) == "6371994502900011"
    assert nik_of(date(1990, 2, 5), "L", 11) == "6371990502900011"
