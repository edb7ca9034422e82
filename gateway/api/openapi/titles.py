"""Titles of the document's schemas, in Indonesian and English.

The titles of fields are declared with the fields, in `schemas`. Building the document fails if a schema has no title.
"""

from typing import Final

from gateway.ground.errors import GerbangError
from schemas.texts import Text


class UntitledError(GerbangError):
    """A schema, field or parameter of the document has no title."""


def bilingual(**titles: str) -> dict[str, Text]:
    """Return titles by name; each is written as `Indonesian · English`."""
    split = {name: text.split(" · ") for name, text in titles.items()}
    return {name: Text(id=indonesian, en=english) for name, (indonesian, english) in split.items()}


SCHEMA_TITLES: Final = bilingual(
    AnyBooking="Pemesanan dari segala jenis · Booking of any kind",
    AnyCase="Perkara dari segala jenis · Case of any kind",
    AnyEntitlement="Hak dari segala jenis · Entitlement of any kind",
    AnyNotice="Pemberitahuan dari segala jenis · Notice of any kind",
    AnyPlace="Tempat dari segala jenis · Place of any kind",
    Booking="Pemesanan · Booking",
    Case="Perkara · Case",
    Entitlement="Hak · Entitlement",
    Notice="Pemberitahuan · Notice",
    Place="Tempat · Place",
    AccountConsent="Persetujuan · Consent",
    AccountLink="Akun terhubung · Linked account",
    AccountSession="Sesi · Session",
    ConsentedScope="Cakupan yang disetujui · Consented scope",
    LinkCode="Kode penghubung · Code for linking",
    SessionKind="Jenis sesi · Kind of session",
    Reference="Rujukan · Reference to a record",
    AgencyReference="Rujukan dinas · Reference to an agency",
    Bill="Tagihan · Bill",
    BilledObject="Objek tagihan · Object of a bill",
    BookingStatus="Status pemesanan · Status of a booking",
    CaseStatus="Status perkara · Status of a case",
    Doubt="Keraguan · Doubt",
    DoubtCode="Kode keraguan · Code of a doubt",
    EntitlementStatus="Status hak · Status of an entitlement",
    Event="Peristiwa · Event",
    Location="Lokasi · Location",
    NoticeStatus="Status pemberitahuan · Status of a notice",
    ParticipantEnterprise="Usaha peserta · Enterprise of a participant",
    Period="Masa · Period",
    Person="Orang · Person",
    Phase="Arti status · Phase",
    ProposalStage="Tahap usulan · Stage of a proposal",
    BillStatus="Status tagihan · Status of a bill",
    Camera="Kamera lalu lintas · Traffic camera",
    CameraStatus="Status kamera · Status of a camera",
    Complaint="Aduan · Complaint",
    Condition="Keadaan lalu lintas · Traffic condition",
    Congestion="Kelancaran lalu lintas · Degree of congestion",
    Consultation="Konsultasi publik · Public consultation",
    ConsultationStage="Tahap konsultasi · Stage of a consultation",
    Contribution="Masukan · Contribution",
    Evidence="Bukti · Evidence",
    RequirementReadiness="Kesiapan atas persyaratan · Readiness regarding a requirement",
    RequirementState="Keadaan persyaratan · State of a requirement",
    Search="Hasil pencarian · Search result",
    SearchItem="Satu hasil pencarian · One search result",
    Witness="Catatan yang menunjukkan · Record that meets a requirement",
    Departure="Keberangkatan · Departure",
    Incident="Kejadian lalu lintas · Traffic incident",
    Plan="Rencana · Plan",
    PlanLevel="Tingkat rencana · Level of a plan",
    Proposal="Usulan · Proposal",
    Route="Rute · Route",
    Severity="Keparahan · Severity",
    Stop="Halte · Stop",
    TransitMode="Moda angkutan · Mode of transport",
    Vehicle="Kendaraan · Vehicle",
    WheelchairBoarding="Naik dengan kursi roda · Boarding in a wheelchair",
    Visit="Kunjungan · Visit",
    VisitStatus="Status kunjungan · Status of a visit",
    Access="Akses · Access",
    Actor="Pelaku akses · Who looked",
    Address="Alamat · Address",
    Agency="Dinas · Agency",
    AgencyKind="Jenis dinas · Kind of agency",
    Application="Permohonan · Application",
    ApplicationAction="Tindakan pemohon · Action of an applicant",
    Appointment="Janji temu · Appointment",
    Cause="Sebab kegagalan atau penolakan · Cause of a failure or denial",
    CircuitState="Keadaan sirkuit · State of a circuit",
    CodeScheme="Daftar kode · Code list",
    CodeValue="Nilai daftar kode · Value of a code list",
    Coded="Nilai berkode · Coded value",
    UnansweredOffice="Kantor yang tidak menjawab utuh · Office that did not answer in full",
    SnapshotStatus="Keadaan salinan · Status of a snapshot",
    Document="Dokumen · Document",
    Enrolment="Kepesertaan · Enrolment",
    Enterprise="Usaha · Enterprise",
    EnterpriseStatus="Status usaha · Status of an enterprise",
    Facility="Fasilitas kesehatan · Health facility",
    Feature="Unsur GeoJSON · GeoJSON feature",
    FeatureCollection="Kumpulan unsur GeoJSON · GeoJSON feature collection",
    FieldProblem="Kesalahan pada satu bagian · Problem with one field",
    Identifier="Pengenal · Identifier",
    IdentifierScheme="Jenis pengenal · Kind of identifier",
    Liveness="Tanda hidup · Liveness",
    ResidentLookup="Pencarian penduduk · Lookup of a resident",
    VerificationCheck="Pemeriksaan di loket · Check at a counter",
    VerificationResult="Hasil pemeriksaan · Result of the check",
    Money="Uang · Money",
    OfficeStatus="Keadaan kantor · Status of an office",
    OpeningHours="Jam buka · Opening hours",
    KeySet="Kumpulan kunci publik · Set of public keys",
    KnownOverviewItem="Isi ikhtisar dari jenis yang dikenal · Item of the overview of a known resource",
    KnownSearchItem="Hasil pencarian dari jenis yang dikenal · Search result of a known resource",
    OtherOverviewItem="Isi ikhtisar dari jenis lain · Item of the overview of another resource",
    OtherSearchItem="Hasil pencarian dari jenis lain · Search result of another resource",
    Overview="Ikhtisar · Overview",
    OverviewItem="Isi ikhtisar · Item of the overview",
    LineString="Garis di peta · Line on the map",
    Point="Titik di peta · Point on the map",
    Problem="Masalah · Problem",
    Programme="Program · Programme",
    Provenance="Asal catatan · Provenance of a record",
    Purpose="Tujuan akses · Purpose of an access",
    LevelState="Keadaan tingkat mutu · State of a quality level",
    QualityLevel="Tingkat mutu adaptor · Quality level of an adapter",
    Queue="Antrean · Queue",
    Readiness="Kesiapan · Readiness",
    AuthMethod="Cara klien membuktikan diri · Client authentication method",
    ClientAnswer="Klien dan rahasianya · Client with its secret",
    ClientExpiry="Akhir klien · Expiry of a client",
    ClientState="Keadaan klien · State of a client",
    Credentials="Bukti diri klien · Credentials of a client",
    GrantType="Cara meminta token · OAuth grant type",
    RegisteredClient="Klien terdaftar · Registered client",
    RegisteredClientList="Daftar klien · List of clients",
    Registration="Pendaftaran klien · Registration of a client",
    ReadinessChecks="Pemeriksaan kesiapan · Readiness checks",
    Region="Wilayah · Region",
    RegionLevel="Tingkat wilayah · Level of a region",
    RegionReference="Rujukan wilayah · Reference to a region",
    Requirement="Persyaratan · Requirement",
    Resident="Penduduk · Resident",
    Service="Layanan · Service",
    ServiceStatus="Status layanan · Status of a service",
    Sex="Jenis kelamin · Sex",
    Source="Sumber · Source",
    SourceState="Keadaan sumber · State of a source",
    System="Sistem · System",
    SystemState="Keadaan sistem · State of a system",
    Text="Teks · Text",
)
_SHAPES: Final = {
    "List": Text(id="Daftar {}", en="List: {}"),
    "Answer": Text(id="{}, sendiri", en="{}, single"),
}


def title_of_schema(name: str) -> Text:
    """Return the title of a schema; that of a record, list or answer is derived from its resource's title."""
    if name in SCHEMA_TITLES:
        return SCHEMA_TITLES[name]
    for suffix, shape in _SHAPES.items():
        inner = SCHEMA_TITLES.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
        if inner:
            return Text(
                id=shape.id.format(inner.id.lower()).capitalize(), en=str(shape.en).format(inner.en).capitalize()
            )
    raise UntitledError(f"The schema {name} has no title in gateway/api/openapi/titles.py.")
