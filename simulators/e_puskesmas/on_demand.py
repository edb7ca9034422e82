"""Records that the control API can add to a health centre: a patient, a booking, another daily quota."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from simulators.e_puskesmas.offices import HealthCentre
from simulators.e_puskesmas.store import QUOTA_A_DAY, Booking, Patient, Store
from simulators.spec import RecordRefusedError

_NIK: Final = re.compile(r"637199[0-9]{10}")
_CARD: Final = re.compile(r"0009[0-9]{9}")


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise RecordRefusedError(f"{name} is a text")
    return value


def _day(record: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(record, name))
    except ValueError:
        raise RecordRefusedError(f"{name} is a day, yyyy-mm-dd") from None


class OnDemand:
    """Adds and removes records."""

    def __init__(self, centre: HealthCentre, store: Store) -> None:
        self._centre = centre
        self._store = store

    def add(self, record: Mapping[str, Any]) -> str:
        """Add a record, by its `kind`.

        Kinds: patient (`nik, card, name, sex, born`), appointment (`nik, clinic, day`, optionally `number`), quota
        (`per_day`).
        """
        kinds = {"patient": self._patient, "appointment": self._appointment, "quota": self._quota}
        kind = record.get("kind")
        if kind not in kinds:
            raise RecordRefusedError(f"kind is one of: {', '.join(kinds)}")
        return kinds[kind](record)

    def withdraw(self, key: str) -> bool:
        """Remove the record of this key; for `quota`, reset it to the default."""
        kind, _, which = key.partition("/")
        if kind == "quota":
            self._store.set_quota(QUOTA_A_DAY)
            return True
        if kind == "patient":
            return self._store.remove_patient(which)
        return kind == "appointment" and which.isdecimal() and self._store.remove_booking(int(which))

    def _patient(self, record: Mapping[str, Any]) -> str:
        nik, card = _text(record, "nik"), _text(record, "card")
        if not _NIK.fullmatch(nik) or not _CARD.fullmatch(card):
            raise RecordRefusedError("nik starts with 637199 and card with 0009: the reserved ranges")
        patient = Patient(
            card=card,
            nik=nik,
            name=_text(record, "name"),
            sex=_text(record, "sex"),
            born=_day(record, "born"),
            phone="",
        )
        self._store.add_patients([patient])
        return f"patient/{card}"

    def _appointment(self, record: Mapping[str, Any]) -> str:
        patient = self._store.patient(nik=_text(record, "nik"))
        clinic, day = _text(record, "clinic"), _day(record, "day")
        if patient is None or clinic not in self._centre.clinics:
            raise RecordRefusedError("no such patient or no such clinic in this health centre")
        # Read, then written: two concurrent bookings may get the same number (Q39).
        number = record.get("number") or max(self._store.numbers(clinic, day), default=0) + 1
        if not isinstance(number, int) or not 1 <= number <= 999:
            raise RecordRefusedError("number is 1 to 999")
        booking = Booking(card=patient.card, clinic=clinic, day=day, number=number, complaint="kontrol")
        return f"appointment/{self._store.book(booking)}"

    def _quota(self, record: Mapping[str, Any]) -> str:
        per_day = record.get("per_day")
        if not isinstance(per_day, int) or isinstance(per_day, bool) or per_day < 0:
            raise RecordRefusedError("per_day is a number of requests")
        self._store.set_quota(per_day)
        return "quota"
