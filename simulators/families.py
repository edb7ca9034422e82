"""Generate families: a head, possibly a spouse and children, who share a family card and an address."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from random import Random

from simulators.kelurahan import Kelurahan
from simulators.names import EDUCATIONS, MEN, OCCUPATIONS, RELIGIONS, SECOND, STREETS, THIRD, WOMEN
from simulators.person import NumberGenerator, Person, Sex

PLACES = ("Banjarmasin",) * 7 + ("Martapura", "Marabahan", "Banjarbaru")
LAST_BIRTH_YEAR = 2024


class Families:
    """Generates one family after the other, reproducibly for the same `random`."""

    def __init__(self, random: Random, taken: Iterable[str]) -> None:
        self._random = random
        self._numbers = NumberGenerator(random, taken)

    def family(self, place: Kelurahan, size: int) -> Iterator[Person]:
        """Yield `size` people of one family card who live in `place`."""
        head = self._head(place, married=size > 1)
        yield head
        if size == 1:
            return
        spouse = self._spouse(head)
        yield spouse
        parents = (head, spouse) if head.sex == "L" else (spouse, head)
        for _ in range(size - 2):
            yield self._child(head, mother=parents[1])

    def _head(self, place: Kelurahan, *, married: bool) -> Person:
        random = self._random
        rt = random.randrange(1, place.neighbourhoods + 1)
        sex: Sex = "L" if random.random() < (0.9 if married else 0.4) else "P"
        born = self._birth(1948, 1992)
        phone, card = self._numbers.phone_and_card()
        return Person(
            nik=self._numbers.nik(born, sex),
            kk=self._numbers.kk(),
            name=self._name(sex),
            sex=sex,
            birth_date=born,
            birth_place=random.choice(PLACES),
            street=f"{random.choice(STREETS)} No. {random.randrange(1, 120)}",
            kelurahan_code=place.code,
            kelurahan=place.name,
            kecamatan=place.kecamatan,
            postcode=place.postcode,
            rt=rt,
            rw=(rt - 1) // 10 + 1,
            phone=phone,
            religion=random.choice(RELIGIONS),
            occupation=random.choice(OCCUPATIONS),
            education=random.choice(EDUCATIONS[1:]),
            relation="head",
            married=married,
            insurance_card=card,
            mother_name=self._name("P"),
        )

    def _spouse(self, head: Person) -> Person:
        year = head.birth_date.year + self._random.randrange(-4, 7)
        spouse = self._relative(head, "P" if head.sex == "L" else "L", self._birth(year, year + 1))
        return replace(spouse, relation="spouse", married=True, mother_name=self._name("P"))

    def _child(self, head: Person, *, mother: Person) -> Person:
        year = min(mother.birth_date.year + self._random.randrange(20, 40), LAST_BIRTH_YEAR)
        born = self._birth(year, year + 1)
        child = self._relative(head, self._random.choice(("L", "P")), born)
        child = replace(child, relation="child", married=False, mother_name=mother.name)
        if born.year > 2006:
            return replace(child, occupation="Pelajar/Mahasiswa", education=EDUCATIONS[0 if born.year > 2017 else 1])
        return child

    def _relative(self, head: Person, sex: Sex, born: date) -> Person:
        phone, card = self._numbers.phone_and_card()
        return replace(
            head,
            nik=self._numbers.nik(born, sex),
            name=self._name(sex),
            sex=sex,
            birth_date=born,
            birth_place=self._random.choice(PLACES),
            phone=phone,
            occupation=self._random.choice(OCCUPATIONS),
            education=self._random.choice(EDUCATIONS[1:]),
            insurance_card=card,
        )

    def _name(self, sex: Sex) -> str:
        words = [self._random.choice(MEN if sex == "L" else WOMEN), self._random.choice(SECOND)]
        if self._random.random() < 0.7:
            words.append(self._random.choice(THIRD))
        return " ".join(words)

    def _birth(self, first_year: int, before_year: int) -> date:
        random = self._random
        return date(random.randrange(first_year, before_year), random.randrange(1, 13), random.randrange(1, 29))
