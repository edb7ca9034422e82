"""The service's code tables."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.health import AppointmentStatus
from schemas.texts import Coded, Text

CLINIC_LIST: Final = "clinic"
OWN_CLINIC_LIST: Final = "e-puskesmas/poli"

CLINICS: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        "001": Coded(system=CLINIC_LIST, code="general", display=Text(id="Poli Umum", en="General clinic")),
        "002": Coded(system=CLINIC_LIST, code="dental", display=Text(id="Poli Gigi dan Mulut", en="Dental clinic")),
        "003": Coded(
            system=CLINIC_LIST, code="mother-and-child", display=Text(id="Poli KIA", en="Mother and child clinic")
        ),
        "008": Coded(system=CLINIC_LIST, code="family-planning", display=Text(id="Poli KB", en="Family planning")),
    }
)

INSURED: Final = Coded(
    system="payer", code="bpjs", display=Text(id="BPJS Kesehatan", en="National health insurance (BPJS Kesehatan)")
)
"""Who pays: all bookings that this service knows are insured ones."""

SERVED: Final[Mapping[str, AppointmentStatus]] = MappingProxyType(
    {"belum dilayani": AppointmentStatus.ARRIVED, "sudah dilayani": AppointmentStatus.FULFILLED}
)
CALLED: Final[Mapping[str, AppointmentStatus]] = MappingProxyType(
    {"1": AppointmentStatus.CALLED, "2": AppointmentStatus.NO_SHOW}
)
