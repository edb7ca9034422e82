"""Commands to the fields of the service. Pure. The client adds the card number."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from adapters.contract import Refused, Subject
from adapters.e_puskesmas.codes import BY_CLINIC, CLINICS, OUTPATIENT
from adapters.legacy.receipts import with_code
from adapters.legacy.texts import plain_text
from schemas.health import BookAppointment, CancelAppointment

_KEY: Final = re.compile(
    r"(?P<day>[0-3][0-9])-(?P<month>[01][0-9])-(?P<year>20[0-9]{2})"
    r"/(?P<clinic>[0-9A-Za-z]{1,10})/(?P<number>[0-9A-Za-z-]{1,10})~[0-9a-f]{16}"
)
_OWN_CLINIC: Final = re.compile(r"[0-9A-Za-z-]{1,20}")
_FROM_US: Final = "Pendaftaran lewat Gerbang"
_NO_REASON: Final = "Dibatalkan oleh peserta"


def booking(command: BookAppointment, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    """Return the fields of a registration; the complaint contains its origin and the receipt code only."""
    if subject is None or not subject.nik:
        return Refused("nik-missing", "Pendaftaran memerlukan NIK.")
    own = BY_CLINIC.get(command.clinic, command.clinic)
    if command.clinic in CLINICS or not _OWN_CLINIC.fullmatch(own):
        return Refused("clinic-unknown", "Poli ini tidak ada di puskesmas.")
    return {
        "kdProviderPeserta": command.facility_key,
        "tglDaftar": f"{command.day:%d-%m-%Y}",
        "kdPoli": own,
        "keluhan": with_code(_FROM_US, code),
        "kunjSakit": True,
        "kdTkp": OUTPATIENT,
    }


def cancellation(command: CancelAppointment, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    """Return the fields of a cancellation; the receipt code is appended to the reason in brackets."""
    if subject is None or not subject.nik:
        return Refused("nik-missing", "Pembatalan memerlukan NIK.")
    found = _KEY.fullmatch(command.appointment_key)
    day = _day(found) if found else None
    if found is None or day is None:
        return Refused("appointment-unknown", "Antrean tidak ditemukan.")
    reason = plain_text(command.reason, placeholders=frozenset()).value or _NO_REASON
    return {
        "tanggalperiksa": day.isoformat(),
        "kodepoli": found["clinic"],
        "nomorantrean": found["number"],
        "alasan": with_code(reason, code),
    }


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
