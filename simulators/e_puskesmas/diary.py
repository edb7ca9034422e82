"""Generated bookings: a centre's patients, and the initial bookings of each day.

The data depends only on the city's seed, the office and the day, so a day is the same whenever it is first opened.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from simulators.e_puskesmas.offices import HealthCentre
from simulators.e_puskesmas.store import Booking, Patient, Store
from simulators.people import DEMONSTRATION, Person

PATIENTS: Final = 400
DAYS_BACK: Final = 30
DAYS_AHEAD: Final = 10
# Share of bookings with a duplicate number (Q39), of cancelled bookings, and of missed ones.
_RACE, _CANCELLED, _MISSED = 0.06, 0.05, 0.08
_COMPLAINTS: Final = ("batuk", "demam", "sakit gigi", "kontrol", "pusing", "imunisasi", "nyeri sendi")


def patients_of(centre: HealthCentre, people: Sequence[Person]) -> Iterator[Patient]:
    """Yield about 400 patients: the demonstration people of this centre, then card holders of its kecamatan."""
    demonstrated = {person.nik for person in DEMONSTRATION.values()}
    neighbours = [p for p in people if p.kecamatan == centre.kecamatan and p.insurance_card]
    chosen = [DEMONSTRATION[name] for name in centre.visitors]
    chosen += [person for person in neighbours if person.nik not in demonstrated][: PATIENTS - len(chosen)]
    for person in chosen:
        yield Patient(
            card=person.insurance_card,
            nik=person.nik,
            name=person.name.upper(),
            sex=person.sex,
            born=person.birth_date,
            phone=person.phone,
        )


class Diary:
    """Creates the initial bookings of one centre's days."""

    def __init__(self, centre: HealthCentre, office: str, store: Store, seed: int) -> None:
        self._centre = centre
        self._office = office
        self._store = store
        self._seed = seed
        self._opened_on: date | None = None

    def open_days(self, today: date) -> None:
        """Create missing bookings for all days from a month ago to ten days ahead."""
        if self._opened_on == today:
            return
        # Demonstration people visit on their fixed weekday only.
        visitors = {DEMONSTRATION[name].nik for name in self._centre.visitors}
        patients = [patient for patient in self._store.patients() if patient.nik not in visitors]
        for distance in range(-DAYS_BACK, DAYS_AHEAD + 1):
            day = today + timedelta(days=distance)
            if not self._store.is_open(day):
                self._store.open_day(day, list(self._bookings(day, patients)))
        self._opened_on = today

    def _bookings(self, day: date, patients: Sequence[Patient]) -> Iterator[Booking]:
        random = Random(f"{self._seed}/{self._office}/{day.toordinal()}")
        for clinic in self._centre.clinics:
            queue = [*self._visitors(day, clinic), *(p.card for p in random.sample(patients, random.randrange(8, 15)))]
            number = 0
            for card in dict.fromkeys(queue):
                number += 1 if number == 0 or random.random() >= _RACE else 0
                fate = random.random()
                yield Booking(
                    card=card,
                    clinic=clinic,
                    day=day,
                    number=number,
                    complaint=random.choice(_COMPLAINTS),
                    cancelled=fate < _CANCELLED and card not in queue[:1],
                    missed=_CANCELLED <= fate < _CANCELLED + _MISSED,
                )

    def _visitors(self, day: date, clinic: str) -> list[str]:
        """Return the cards of the demonstration people who visit this clinic on this day."""
        return [
            DEMONSTRATION[name].insurance_card
            for name, (visited, weekday) in self._centre.visitors.items()
            if visited == clinic and day.toordinal() % 7 == weekday
        ]
