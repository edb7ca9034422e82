"""What each value of an enumeration says to people, in Indonesian and English: shown as `x-value-titles`."""

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


def _said(**texts: str) -> dict[str, Text]:
    """Texts by value; each is written `Indonesian · English`, with `_` for the dash of the value."""
    split = {value.replace("_", "-"): text.split(" · ") for value, text in texts.items()}
    return {value: Text(id=indonesian, en=english) for value, (indonesian, english) in split.items()}


_ENTERPRISE: Final = _said(
    started="Baru dimulai · Just started",
    active="Aktif · Active",
    stopped="Berhenti · Stopped",
    moved="Pindah · Moved away",
    untraced="Tidak terlacak · Cannot be traced",
)

VALUES: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    **city_values(_said),
    SessionKind: _said(
        browser="Peramban di halaman masuk · A browser at the sign-in",
        web="Halaman web · A web page",
        app="Aplikasi · An app",
    ),
    Actor: _said(
        self="Diri sendiri · Oneself",
        officer="Petugas · Officer",
        resident="Warga lain · Another resident",
    ),
    AgencyKind: _said(agency="Dinas · Agency", secretariat="Sekretariat · Secretariat", partner="Mitra · Partner"),
    ApplicationStatus: _said(
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
    AppointmentStatus: _said(
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
    CircuitState: _said(
        closed="Ditanya seperti biasa · Asked as usual",
        open="Dijeda · Paused",
        half_open="Dicoba lagi · Being tried again",
    ),
    DocumentStatus: _said(
        draft="Draf · Draft", issued="Terbit · Issued", revoked="Dicabut · Revoked", expired="Kedaluwarsa · Expired"
    ),
    EnrolmentStatus: _ENTERPRISE,
    EnterpriseScale: _said(
        micro="Mikro · Micro", small="Kecil · Small", medium="Menengah · Medium", large="Besar · Large"
    ),
    EnterpriseStatus: _ENTERPRISE,
    FacilityKind: _said(
        puskesmas="Puskesmas · Health centre",
        pustu="Puskesmas pembantu · Branch of a health centre",
        clinic="Klinik · Clinic",
        hospital="Rumah sakit · Hospital",
    ),
    IdentifierScheme: _said(
        nik="Nomor induk kependudukan · Civil number",
        kk="Nomor kartu keluarga · Family card number",
        insurance_card="Nomor kartu jaminan · Insurance card number",
        nib="Nomor induk berusaha · Business identification number",
        queue_code="Kode antrean · Queue code",
        record_number="Nomor rekam medis · Medical record number",
    ),
    Precision: _said(year="Tahun saja · Year only", month="Sampai bulan · To the month", day="Lengkap · To the day"),
    AuthMethod: {
        "none": Text(id="Tanpa bukti, aplikasi publik", en="By nothing, a public app"),
        "client_secret_basic": Text(id="Rahasia, sebagai pengecualian", en="A secret, as an exception"),
        "private_key_jwt": Text(id="Kunci sendiri", en="A key of its own"),
        "in-process": Text(id="Halaman gerbang sendiri", en="The gateway's own pages"),
    },
    ClientState: _said(
        standing="Berlaku · Standing", expired="Lewat waktu · Expired", withdrawn="Diakhiri · Withdrawn"
    ),
    GrantType: {
        "authorization_code": Text(id="Warga masuk", en="People sign in"),
        "refresh_token": Text(id="Perpanjangan", en="Renewal"),
        "client_credentials": Text(id="Atas nama mesin sendiri", en="For the machine itself"),
    },
    Purpose: {purpose.value: PURPOSE_TEXTS[purpose] for purpose in Purpose},
    QualityCode: DOUBTS,
    SystemState: _said(live="Ditanya · Live", failed="Adaptor tidak dapat dimuat · Its adapter could not be loaded"),
    LevelState: _said(
        current="Berlaku · Current",
        old="Sudah lama · Old",
        stale="Kode lain yang diuji · Other code was checked",
    ),
    QualityLevel: _said(
        bronze="Perunggu · Bronze", silver="Perak · Silver", gold="Emas · Gold", platinum="Platina · Platinum"
    ),
    RegionLevel: _said(city="Kota · City", district="Kecamatan · District", subdistrict="Kelurahan · Subdistrict"),
    ServiceStatus: _said(
        active="Berlaku · Offered",
        under_development="Sedang disiapkan · Being prepared",
        withdrawn="Tidak dilayani lagi · No longer offered",
    ),
    Evidence: _said(identity_card="Kartu tanda penduduk · Identity card", family_card="Kartu keluarga · Family card"),
    RequirementState: _said(
        met="Sudah ada · Met",
        missing="Harus dibawa · To be brought",
        unknowable_now="Belum dapat diketahui · Cannot be known now",
    ),
    Sex: _said(male="Laki-laki · Male", female="Perempuan · Female", unknown="Tidak diketahui · Unknown"),
    SourceState: _said(
        fresh="Baru ditanyakan · Asked just now",
        held="Dari salinan yang masih baru · From a snapshot within its age",
        stale="Dari salinan lama, sebab sistem gagal · From an older snapshot, since the system failed",
        failed="Gagal, tidak ada yang dapat ditampilkan · Failed, with nothing to show",
        unlinked="Belum terbukti milik siapa · Not proven yet whose it is",
        denied="Tidak berhak · Not entitled",
        not_asked="Tidak ditanyakan · Not asked",
    ),
}
"""Every enumeration of the document, each with a text for every value."""
