"""Doubts about a record, as codes."""

from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general
from schemas.codes import Code


class DoubtCode(Code):
    """A doubt about a record. The record is shown with its doubts; doubts never hide it."""

    DATE_ZERO = "date-zero", "Tanggal kosong (0000-00-00)", "Empty date (0000-00-00)"
    DATE_IMPOSSIBLE = "date-impossible", "Tanggal tidak mungkin", "Impossible date"
    DATE_DEFAULT_1970 = "date-default-1970", "Tanggal bawaan 1970", "Default date of 1970"
    DATE_UNTRUSTED = "date-untrusted", "Tanggal tidak terpercaya", "Unreliable date"
    NIK_FORM = "nik-form", "NIK tidak berbentuk NIK", "Malformed NIK"
    NIK_LEADING_ZERO_LOST = "nik-leading-zero-lost", "NIK kehilangan nol di depan", "NIK lost its leading zero"
    NIK_DATE_MISMATCH = (
        "nik-date-mismatch",
        "NIK tidak cocok dengan tanggal lahir",
        "NIK does not match the date of birth",
    )
    NIK_SEX_MISMATCH = "nik-sex-mismatch", "NIK tidak cocok dengan jenis kelamin", "NIK does not match the sex"
    REGION_SCHEME_MISSING = "region-scheme-missing", "Kode wilayah tanpa skema", "Region code without a scheme"
    REGION_UNKNOWN = "region-unknown", "Wilayah tidak dikenal", "Unknown region"
    CODE_UNKNOWN = "code-unknown", "Kode tidak dikenal", "Unknown code"
    STATUS_UNKNOWN = "status-unknown", "Status tidak dikenal", "Unknown status"
    NUMBER_AMBIGUOUS = "number-ambiguous", "Angka bermakna ganda", "Ambiguous number"
    NUMBER_OVERFLOW = "number-overflow", "Angka melampaui batas kolom", "Number exceeds the column's range"
    NUMBER_FORM = "number-form", "Angka tidak berbentuk", "Malformed number"
    POSITION_OUTSIDE = "position-outside", "Letak di luar kota", "Position outside the city"
    TEXT_ENCODING = "text-encoding", "Huruf rusak", "Damaged characters"
    HTML_DISCARDED = "html-discarded", "HTML dibuang", "HTML was discarded"
    ID_DUPLICATE = "id-duplicate", "Nomor dipakai dua kali", "Id used twice"
    TIME_ZONE_MISSING = "time-zone-missing", "Zona waktu tidak disebut", "Time zone not stated"
    FIELD_MISSING = "field-missing", "Kolom tidak ada", "Missing field"
    PLACEHOLDER = "placeholder", "Isian pengganti, bukan nilai", "Placeholder instead of a value"
    PHONE_FORM = "phone-form", "Nomor telepon tidak berbentuk", "Malformed telephone number"
    KBLI_LEADING_ZERO_LOST = "kbli-leading-zero-lost", "KBLI kehilangan nol di depan", "KBLI lost its leading zero"
    RECORD_OUTDATED = "record-outdated", "Catatan usang", "Outdated record"


class Doubt(Classed):
    """One doubt about one record."""

    code: Annotated[DoubtCode, general("Kode keraguan", "Code of the doubt")]
    field: Annotated[
        str | None, general("Kolom", "The field in doubt, as a JSON pointer", examples=["/birth_date"])
    ] = None
    original: Annotated[
        str | None,
        general("Kata asli", "The system's own word, where it is unknown and the field is not personal data"),
        Field(max_length=80),
    ] = None
