"""The service's code tables."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.booking import BookingStatus
from schemas.code_lists import CodeList
from schemas.codes import Coded
from schemas.health import VisitStatus
from schemas.texts import Text

AGENCY_ID: Final = "dinas-kesehatan"
"""The agency that runs the health centres, in `config/agencies.toml`."""

CLINIC_LIST: Final = "clinic"
OWN_CLINIC_LIST: Final = "e-puskesmas/poli"
COVERAGE_LIST: Final = "coverage"
OWN_COVERAGE_LIST: Final = "e-puskesmas/asuransi"
OWN_KIND_LIST: Final = "e-puskesmas/tkp"

CLINICS: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        "001": Coded(scheme=CLINIC_LIST, code="general", text=Text(id="Poli Umum", en="General clinic")),
        "002": Coded(scheme=CLINIC_LIST, code="dental", text=Text(id="Poli Gigi dan Mulut", en="Dental clinic")),
        "003": Coded(
            scheme=CLINIC_LIST, code="mother-and-child", text=Text(id="Poli KIA", en="Mother and child clinic")
        ),
        "008": Coded(scheme=CLINIC_LIST, code="family-planning", text=Text(id="Poli KB", en="Family planning")),
    }
)

INSURED: Final = Coded(
    scheme=COVERAGE_LIST, code="bpjs", text=Text(id="BPJS Kesehatan", en="National health insurance (BPJS Kesehatan)")
)
"""The coverage of every booking: the service contains bookings of insured patients only."""

COVERAGES: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        "bpjs kesehatan": INSURED,
        "umum": Coded(scheme=COVERAGE_LIST, code="self", text=Text(id="Umum (bayar sendiri)", en="Patient pays")),
    }
)
"""The coverage of a visit, by the name of the insurance in lower case."""

KINDS: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        "10": Coded(scheme="v3-ActCode", code="AMB", text=Text(id="Rawat jalan", en="Outpatient")),
        "20": Coded(scheme="v3-ActCode", code="IMP", text=Text(id="Rawat inap", en="Inpatient")),
        "50": Coded(scheme=OWN_KIND_LIST, code="50", text=Text(id="Promotif", en="Promotive")),
    }
)
"""The class of a visit by `kdTkp`; v3-ActCode has none for promotive ones."""

CODE_LISTS: Final = (
    CodeList.of_coded(Text(id="Poli", en="Clinic"), CLINICS.values()),
    CodeList.of_coded(Text(id="Penjamin", en="Coverage"), COVERAGES.values()),
    CodeList.of_coded(
        Text(id="Kelas kunjungan (HL7 v3)", en="Class of a visit (HL7 v3)"),
        (kind for kind in KINDS.values() if kind.scheme != OWN_KIND_LIST),
        complete=False,
    ),
)

EXAMINED: Final[Mapping[str, VisitStatus]] = MappingProxyType({"2": VisitStatus.ARRIVED, "3": VisitStatus.FINISHED})

SERVED: Final[Mapping[str, BookingStatus]] = MappingProxyType(
    {"belum dilayani": BookingStatus.BOOKED, "sudah dilayani": BookingStatus.FULFILLED}
)
CALLED: Final[Mapping[str, BookingStatus]] = MappingProxyType({"1": BookingStatus.CALLED, "2": BookingStatus.NO_SHOW})

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
