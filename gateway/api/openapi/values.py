"""Titles of every enumeration value in Indonesian and English, shown as `x-value-titles`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gateway.api.openapi.city_values import city_values
from gateway.api.openapi.doubts import DOUBTS
from gateway.api.problems.problem_types import PROBLEMS
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.oidc.clients.registration import GrantType
from gateway.oidc.clients.views import ClientState
from gateway.policy.purposes import PURPOSE_TEXTS, Purpose
from schemas.access import Actor
from schemas.account import SessionKind
from schemas.agency import AgencyKind
from schemas.application import ApplicationStatus
from schemas.dates import Precision
from schemas.document import DocumentStatus
from schemas.enterprise import EnterpriseScale, EnterpriseStatus
from schemas.envelope import Cause, SourceState
from schemas.facility import FacilityKind
from schemas.health import AppointmentStatus
from schemas.identifiers import IdentifierScheme
from schemas.places import RegionLevel
from schemas.programme import EnrolmentStatus
from schemas.quality import QualityCode
from schemas.readiness import RequirementState
from schemas.resident import Sex
from schemas.service import Evidence, ServiceStatus
from schemas.system import CircuitState, LevelState, QualityLevel, SystemState
from schemas.texts import Text


def _texts(**texts: str) -> dict[str, Text]:
    """Return titles by value from texts `Indonesian · English`; `_` in a name stands for the `-` of the value."""
    split = {value.replace("_", "-"): text.split(" · ") for value, text in texts.items()}
    return {value: Text(id=indonesian, en=english) for value, (indonesian, english) in split.items()}


_ENTERPRISE: Final = _texts(
    started="Baru dimulai · Started recently",
    active="Aktif · Active",
    stopped="Berhenti · Stopped",
    moved="Pindah · Moved away",
    untraced="Tidak terlacak · Cannot be traced",
)

VALUES: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    **city_values(_texts),
    SessionKind: _texts(
        browser="Peramban di halaman masuk · A browser at the sign-in",
        web="Halaman web · A web page",
        app="Aplikasi · An app",
    ),
    Actor: _texts(
        self="Diri sendiri · The account holder",
        officer="Petugas · Officer",
        resident="Warga lain · Another resident",
    ),
    AgencyKind: _texts(agency="Dinas · Agency", secretariat="Sekretariat · Secretariat", partner="Mitra · Partner"),
    ApplicationStatus: _texts(
        draft="Draf · Draft",
        submitted="Diajukan · Submitted",
        needs_completion="Perlu dilengkapi · Needs completion",
        under_review="Sedang diperiksa · Under review",
        awaiting_signature="Menunggu tanda tangan · Awaiting signature",
        approved="Disetujui · Approved",
        ready="Siap diambil · Ready to be collected",
        collected="Sudah diambil · Collected",
        rejected="Ditolak · Rejected",
        withdrawn="Dibatalkan pemohon · Withdrawn by the applicant",
        revoked="Dicabut · Revoked",
    ),
    AppointmentStatus: _texts(
        booked="Terdaftar · Booked",
        arrived="Sudah datang · Arrived",
        called="Dipanggil · Called",
        in_progress="Sedang dilayani · In progress",
        fulfilled="Selesai · Fulfilled",
        cancelled="Dibatalkan · Cancelled",
        no_show="Tidak datang · Did not come",
        unknown="Tidak diketahui · Unknown",
    ),
    Cause: {cause.value: PROBLEMS[cause].title for cause in Cause},
    CircuitState: _texts(
        closed="Ditanya seperti biasa · Calls are sent",
        open="Dijeda · Calls are paused",
        half_open="Dicoba lagi · A trial call is sent",
    ),
    DocumentStatus: _texts(
        draft="Draf · Draft", issued="Terbit · Issued", revoked="Dicabut · Revoked", expired="Kedaluwarsa · Expired"
    ),
    EnrolmentStatus: _ENTERPRISE,
    EnterpriseScale: _texts(
        micro="Mikro · Micro", small="Kecil · Small", medium="Menengah · Medium", large="Besar · Large"
    ),
    EnterpriseStatus: _ENTERPRISE,
    FacilityKind: _texts(
        puskesmas="Puskesmas · Health centre",
        pustu="Puskesmas pembantu · Branch of a health centre",
        clinic="Klinik · Clinic",
        hospital="Rumah sakit · Hospital",
    ),
    IdentifierScheme: _texts(
        nik="Nomor induk kependudukan · Civil number",
        kk="Nomor kartu keluarga · Family card number",
        insurance_card="Nomor kartu jaminan · Insurance card number",
        nib="Nomor induk berusaha · Business identification number",
        queue_code="Kode antrean · Queue code",
        record_number="Nomor rekam medis · Medical record number",
    ),
    Precision: _texts(year="Tahun saja · Year only", month="Sampai bulan · To the month", day="Lengkap · To the day"),
    AuthMethod: {
        "none": Text(id="Tanpa bukti, aplikasi publik", en="None (public app)"),
        "client_secret_basic": Text(id="Rahasia, sebagai pengecualian", en="Client secret, as an exception"),
        "private_key_jwt": Text(id="Kunci sendiri", en="Private key"),
        "in-process": Text(id="Halaman gerbang sendiri", en="Pages of the gateway"),
    },
    ClientState: _texts(standing="Berlaku · Active", expired="Lewat waktu · Expired", withdrawn="Diakhiri · Withdrawn"),
    GrantType: {
        "authorization_code": Text(id="Warga masuk", en="A person signs in"),
        "refresh_token": Text(id="Perpanjangan", en="Renewal"),
        "client_credentials": Text(id="Atas nama mesin sendiri", en="The machine acts for itself"),
    },
    Purpose: {purpose.value: PURPOSE_TEXTS[purpose] for purpose in Purpose},
    QualityCode: DOUBTS,
    SystemState: _texts(
        live="Ditanya · In service", failed="Adaptor tidak dapat dimuat · The adapter could not be loaded"
    ),
    LevelState: _texts(
        current="Berlaku · Current",
        old="Sudah lama · Checked long ago",
        stale="Kode lain yang diuji · Another version of the code was checked",
    ),
    QualityLevel: _texts(
        bronze="Perunggu · Bronze", silver="Perak · Silver", gold="Emas · Gold", platinum="Platina · Platinum"
    ),
    RegionLevel: _texts(city="Kota · City", district="Kecamatan · District", subdistrict="Kelurahan · Subdistrict"),
    ServiceStatus: _texts(
        active="Berlaku · Offered",
        under_development="Sedang disiapkan · Being prepared",
        withdrawn="Tidak dilayani lagi · No longer offered",
    ),
    Evidence: _texts(identity_card="Kartu tanda penduduk · Identity card", family_card="Kartu keluarga · Family card"),
    RequirementState: _texts(
        met="Sudah ada · Met",
        missing="Harus dibawa · Must be brought",
        unknowable_now="Belum dapat diketahui · Cannot be known now",
    ),
    Sex: _texts(male="Laki-laki · Male", female="Perempuan · Female", unknown="Tidak diketahui · Unknown"),
    SourceState: _texts(
        fresh="Baru ditanyakan · Queried for this answer",
        held="Dari salinan yang masih baru · From a snapshot within its maximum age",
        stale="Dari salinan lama, sebab sistem gagal · From an older snapshot, because the system failed",
        failed="Gagal, tidak ada yang dapat ditampilkan · Failed; no records",
        unlinked="Belum terbukti milik siapa · Owner of the records not proven yet",
        denied="Tidak berhak · Access denied",
        not_asked="Tidak ditanyakan · Not queried",
    ),
}
"""Every enumeration of the document, with the title of each value."""
