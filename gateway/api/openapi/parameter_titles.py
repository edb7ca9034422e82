"""Titles of the parameters of operations, in Indonesian and English.

Building the document fails if a parameter has no title.
"""

from typing import Final

from gateway.api.openapi.titles import UntitledError, bilingual
from schemas.texts import Text

PARAMETER_TITLES: Final = bilingual(
    bbox="Kotak batas: barat,selatan,timur,utara · Bounding box: west,south,east,north",
    bill_id="Nomor tagihan · Id of the bill",
    camera_id="Nomor kamera · Id of the camera",
    condition_id="Nomor keadaan lalu lintas · Id of the traffic condition",
    enrolment_id="Nomor kepesertaan · Id of the enrolment",
    enterprise_id="Nomor usaha · Id of the enterprise",
    incident_id="Nomor kejadian · Id of the incident",
    plan_id="Nomor baris rencana · Id of the line of the plan",
    case_id="Nomor perkara · Id of the case",
    entitlement_id="Nomor hak · Id of the entitlement",
    booking_id="Nomor pemesanan · Id of the booking",
    place_id="Nomor tempat · Id of the place",
    notice_id="Nomor pemberitahuan · Id of the notice",
    proposal_id="Nomor usulan · Id of the proposal",
    resident_id="Nomor data diri · Id of the civil record",
    route_id="Nomor rute · Id of the route",
    vehicle_id="Nomor kendaraan · Id of the vehicle",
    visit_id="Nomor kunjungan · Id of the visit",
    client_id="Nama aplikasi · Id of the application",
    session_id="Nomor sesi · Id of the session",
    complaint_id="Nomor aduan · Id of the complaint",
    congestion="Kelancaran · Degree of congestion",
    departs_from="Berangkat sejak · Departs from",
    departs_until="Berangkat sampai · Departs until",
    kind="Kode jenis · Code of the kind",
    mode="Moda · Mode of transport",
    accepts_contributions="Masih menerima masukan · Whether contributions are accepted",
    route="Nomor rute · Id of the route",
    stage="Tahap · Stage",
    starts_from="Mulai sejak · Starts from",
    starts_until="Mulai sampai · Starts until",
    stop_id="Nomor halte · Id of the stop",
    text="Kata yang dicari · Words to search for",
    agency="Kode dinas · Id of the agency",
    appointment_id="Nomor janji temu · Id of the appointment",
    closes_from="Pendaftaran ditutup sejak tanggal · Registration closes on or after this date",
    closes_until="Pendaftaran ditutup sampai tanggal · Registration closes on or before this date",
    consultation_id="Nomor konsultasi · Id of the consultation",
    due_from="Jatuh tempo sejak tanggal · Due on or after this date",
    due_until="Jatuh tempo sampai tanggal · Due on or before this date",
    observed_from="Diamati sejak · Observed from",
    observed_until="Diamati sampai · Observed until",
    programme="Nomor program · Id of the programme",
    programme_id="Nomor program · Id of the programme",
    q="Kata yang dicari, tanpa nomor pribadi · Words to search for, without personal numbers",
    seen_from="Terlihat sejak · Seen from",
    seen_until="Terlihat sampai · Seen until",
    scheme="Nama daftar kode · Id of the code list",
    service_id="Nomor layanan · Id of the service",
    severity="Keparahan · Severity",
    application_id="Nomor permohonan · Id of the application",
    cursor="Kursor halaman, dari next halaman sebelumnya · Cursor of the page: `next` of the previous page",
    facility_id="Nomor fasilitas · Id of the facility",
    level="Tingkat wilayah · Level of the region",
    limit="Paling banyak per halaman · Maximum number of items on a page",
    document_id="Nomor dokumen · Id of the document",
    day_from="Sejak tanggal · On or after this day",
    day_until="Sampai tanggal · On or before this day",
    parent="Kode wilayah induk · Code of the parent region",
    region="Kode wilayah, bertitik, dengan semua di bawahnya · Dotted code of a region, with all below it",
    status="Status · Status",
    submitted_from="Diajukan sejak tanggal · Submitted on or after this date",
    submitted_until="Diajukan sampai tanggal · Submitted on or before this date",
    system_id="Kode sistem · Id of the system",
    year="Tahun · Year",
) | {"Gerbang-Purpose": Text(id="Tujuan akses, wajib bagi petugas", en="Purpose of the access, required for officers")}

_COHORT: Final = Text(id="Angkatan (tahun)", en="Cohort (year)")
_CLIENT: Final = Text(id="Nama klien", en="Id of the client")
OPERATION_PARAMETER_TITLES: Final = {
    ("listPlans", "code"): Text(id="Awal kode", en="Prefix of the code"),
    ("listPlans", "level"): Text(id="Tingkat rencana", en="Level of the plan"),
    ("listProgrammes", "year"): _COHORT,
    ("listEnterprises", "year"): _COHORT,
    ("getClient", "client_id"): _CLIENT,
    ("replaceClientCredentials", "client_id"): _CLIENT,
    ("setClientExpiry", "client_id"): _CLIENT,
    ("withdrawClient", "client_id"): _CLIENT,
}
"""Titles of parameters whose meaning differs in one operation, by operation and name."""


def title_of_parameter(name: str, operation: str) -> Text:
    """Return the title of a parameter of an operation."""
    title = OPERATION_PARAMETER_TITLES.get((operation, name)) or PARAMETER_TITLES.get(name)
    if title is None:
        raise UntitledError(f"The parameter {name} has no title in gateway/api/openapi/parameter_titles.py.")
    return title
