"""The service's code tables."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.health import AppointmentStatus, VisitStatus
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
"""The payer of every booking: the service contains bookings of insured patients only."""

PAYERS: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        "bpjs kesehatan": INSURED,
        "umum": Coded(system="payer", code="self", display=Text(id="Umum (bayar sendiri)", en="Patient pays")),
    }
)
"""The payer of a visit, by the name of the insurance in lower case."""

OWN_PAYER_LIST: Final = "e-puskesmas/asuransi"

KINDS: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        "10": Coded(system="v3-ActCode", code="AMB", display=Text(id="Rawat jalan", en="Outpatient")),
        "20": Coded(system="v3-ActCode", code="IMP", display=Text(id="Rawat inap", en="Inpatient")),
        "50": Coded(system="e-puskesmas/tkp", code="50", display=Text(id="Promotif", en="Promotive")),
    }
)
"""The class of a visit by `kdTkp`; v3-ActCode has none for promotive ones."""

OWN_KIND_LIST: Final = "e-puskesmas/tkp"

EXAMINED: Final[Mapping[str, VisitStatus]] = MappingProxyType({"2": VisitStatus.ARRIVED, "3": VisitStatus.FINISHED})

SERVED: Final[Mapping[str, AppointmentStatus]] = MappingProxyType(
    {"belum dilayani": AppointmentStatus.ARRIVED, "sudah dilayani": AppointmentStatus.FULFILLED}
)
CALLED: Final[Mapping[str, AppointmentStatus]] = MappingProxyType(
    {"1": AppointmentStatus.CALLED, "2": AppointmentStatus.NO_SHOW}
)

BY_CLINIC: Final[Mapping[str, str]] = MappingProxyType({coded.code: own for own, coded in CLINICS.items()})
"""The service's code of a clinic by ours, for bookings."""

OUTPATIENT: Final = "10"

FEW_PLACEHOLDERS: Final = frozenset({"-", "--", "."})
"""Placeholders of columns in which a single digit or letter may be a value."""

REFUSED_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kdPoli": "clinic-unknown",
        "kdProviderPeserta": "facility-unknown",
        "noKartu": "no-card",
        "tglDaftar": "day-refused",
    }
)
"""The code of a refused booking, by the field of the objection."""

REFUSED_CANCELLATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "antrean tidak ditemukan": "appointment-unknown",
        "antrean sudah dibatalkan": "too-late",
        "antrean sudah dilayani": "too-late",
    }
)
"""The code of a refused cancellation, by the service's text in lower case."""
