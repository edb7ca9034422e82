"""Titles of the quality codes (doubts about records), in Indonesian and English."""

from collections.abc import Mapping
from typing import Final

from schemas.quality import QualityCode
from schemas.texts import Text

DOUBTS: Final[Mapping[str, Text]] = {
    QualityCode.DATE_ZERO: Text(id="Tanggal kosong (0000-00-00)", en="Empty date (0000-00-00)"),
    QualityCode.DATE_IMPOSSIBLE: Text(id="Tanggal tidak mungkin", en="Impossible date"),
    QualityCode.DATE_DEFAULT_1970: Text(id="Tanggal bawaan 1970", en="Default date of 1970"),
    QualityCode.DATE_UNTRUSTED: Text(id="Tanggal tidak terpercaya", en="Unreliable date"),
    QualityCode.NIK_FORM: Text(id="NIK tidak berbentuk NIK", en="Malformed NIK"),
    QualityCode.NIK_LEADING_ZERO_LOST: Text(id="NIK kehilangan nol di depan", en="NIK lost its leading zero"),
    QualityCode.NIK_DATE_MISMATCH: Text(
        id="NIK tidak cocok dengan tanggal lahir", en="NIK does not match the date of birth"
    ),
    QualityCode.NIK_SEX_MISMATCH: Text(id="NIK tidak cocok dengan jenis kelamin", en="NIK does not match the sex"),
    QualityCode.REGION_SCHEME_MISSING: Text(id="Kode wilayah tanpa skema", en="Region code without a scheme"),
    QualityCode.REGION_UNKNOWN: Text(id="Wilayah tidak dikenal", en="Unknown region"),
    QualityCode.CODE_UNKNOWN: Text(id="Kode tidak dikenal", en="Unknown code"),
    QualityCode.STATUS_UNKNOWN: Text(id="Status tidak dikenal", en="Unknown status"),
    QualityCode.NUMBER_AMBIGUOUS: Text(id="Angka bermakna ganda", en="Ambiguous number"),
    QualityCode.NUMBER_OVERFLOW: Text(id="Angka melampaui batas kolom", en="Number exceeds the column's range"),
    QualityCode.TEXT_ENCODING: Text(id="Huruf rusak", en="Damaged characters"),
    QualityCode.HTML_DISCARDED: Text(id="HTML dibuang", en="HTML was discarded"),
    QualityCode.ID_DUPLICATE: Text(id="Nomor dipakai dua kali", en="Id used twice"),
    QualityCode.TIME_ZONE_MISSING: Text(id="Zona waktu tidak disebut", en="Time zone not stated"),
    QualityCode.FIELD_MISSING: Text(id="Kolom tidak ada", en="Missing field"),
    QualityCode.PLACEHOLDER: Text(id="Isian pengganti, bukan nilai", en="Placeholder instead of a value"),
    QualityCode.PHONE_FORM: Text(id="Nomor telepon tidak berbentuk", en="Malformed telephone number"),
    QualityCode.KBLI_LEADING_ZERO_LOST: Text(id="KBLI kehilangan nol di depan", en="KBLI lost its leading zero"),
    QualityCode.RECORD_OUTDATED: Text(id="Catatan usang", en="Outdated record"),
}
