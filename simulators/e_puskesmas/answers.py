"""The answers of both parts of the service, each with its own formats (README, 4 and 5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from simulators.clock import WITA
from simulators.e_puskesmas.offices import CLINICS, HOURS, OWN_CLINICS, HealthCentre
from simulators.e_puskesmas.store import Booking, Patient

Json = dict[str, Any]

_OPENS: Final = 8
_MINUTES_EACH: Final = 12


def profile(centre: HealthCentre) -> Json:
    """`faskes/profil`: every value is text, including numbers and coordinates (Q22)."""
    return {
        "kdProvider": centre.code,
        "nmProvider": centre.name,
        "alamat": centre.street,
        "kdKelurahan": centre.kelurahan,
        "kodePos": centre.postcode,
        "telp": centre.phone,
        "lintang": centre.latitude,
        "bujur": centre.longitude,
        "kapasitas": "120",
        "jadwal": [{"hari": day, "buka": opens, "tutup": closes} for day, opens, closes in HOURS],
    }


def participant(patient: Patient, centre: HealthCentre) -> Json:
    """`peserta/nik`: dates are dd-mm-yyyy (Q26)."""
    return {
        "noKartu": patient.card,
        "nama": patient.name,
        "hubunganKeluarga": "Peserta",
        "sex": patient.sex,
        "tglLahir": f"{patient.born:%d-%m-%Y}",
        "kdProviderPst": {"kdProvider": centre.code, "nmProvider": centre.name},
        "jnsPeserta": {"kode": "14", "nama": "PBPU"},
        "golDarah": "-",
        "noHP": patient.phone,
        "noKTP": patient.nik,
        "aktif": True,
        "ketAktif": "AKTIF",
        "tunggakan": "0",
    }


def called_now(numbers: Sequence[int], now: datetime) -> int:
    """Return the number being served: one is called every twelve minutes from eight o'clock; 0 before."""
    minutes = (now.hour - _OPENS) * 60 + now.minute
    return 0 if minutes < 0 or not numbers else min(minutes // _MINUTES_EACH + 1, numbers[-1])


def label(clinic: str, number: int) -> str:
    """Return a queue number as shown to patients: `A-001`."""
    return f"{'ABCDEFGH'[list(CLINICS).index(clinic)]}-{number:03d}"


def queue_status(clinic: str, numbers: Sequence[int], now: datetime) -> Json:
    """`antrean/status`: counts are text (Q22); the called number is "-" before the first call."""
    called = called_now(numbers, now)
    waiting = sum(number > called for number in numbers)
    if clinic in OWN_CLINICS:
        # The software release of these clinics writes the request time in place of the number of people.
        waiting = int(now.timestamp() * 1000)
    return {
        "namapoli": CLINICS[clinic],
        "totalantrean": str(len(numbers)),
        "sisaantrean": str(waiting),
        "antreanpanggil": label(clinic, called) if called else "-",
        "keterangan": "" if called else "Pelayanan belum dimulai",
    }


def clinics(centre: HealthCentre) -> list[Json]:
    """`ref/poli`."""
    return [{"kodepoli": code, "namapoli": CLINICS[code], "kdProvider": centre.code} for code in centre.clinics]


def appointments(
    patient: Patient, found: Sequence[tuple[Booking, Sequence[int]]], count: int, centre: HealthCentre, now: datetime
) -> Json:
    """`pendaftaran/peserta`: a page of one card's bookings, each with the issued numbers of its day."""
    rows = [_appointment(patient, booking, centre, called_now(numbers, now), now) for booking, numbers in found]
    return {"list": rows, "count": str(count)}


def _appointment(patient: Patient, booking: Booking, centre: HealthCentre, called: int, now: datetime) -> Json:
    opens = datetime(booking.day.year, booking.day.month, booking.day.day, _OPENS, tzinfo=WITA)
    expected = opens + timedelta(minutes=_MINUTES_EACH * (booking.number - 1))
    status, called_flag = _progress(booking, called, now)
    return {
        "noUrut": label(booking.clinic, booking.number),
        "tglDaftar": f"{booking.day:%d-%m-%Y}",
        "providerPelayanan": {"kdProvider": centre.code, "nmProvider": centre.name},
        "peserta": {"noKartu": patient.card, "nama": patient.name, "noKTP": patient.nik, "sex": patient.sex},
        "poli": {"kdPoli": booking.clinic, "nmPoli": CLINICS[booking.clinic], "poliSakit": "true"},
        "keluhan": booking.complaint,
        "kunjSakit": "true",
        "status": status,
        "panggil": called_flag,
        "batal": "Y" if booking.cancelled else "T",
        "alasanBatal": booking.reason,
        "waktuCheckIn": _check_in(booking, now),
        "estimasiDilayani": str(int(expected.timestamp() * 1000)),
    }


def visits(
    patient: Patient, bookings: Sequence[tuple[Booking, Sequence[int]]], centre: HealthCentre, now: datetime
) -> list[Json]:
    """Return the visits of one card: its bookings whose patient registered at the desk."""
    rows = [_visit(patient, booking, centre, called_now(numbers, now), now) for booking, numbers in bookings]
    return [row for row in rows if row["waktuDaftar"]]


def _visit(patient: Patient, booking: Booking, centre: HealthCentre, called: int, now: datetime) -> Json:
    opens = datetime(booking.day.year, booking.day.month, booking.day.day, _OPENS, tzinfo=WITA)
    begins = opens + timedelta(minutes=_MINUTES_EACH * (booking.number - 1))
    status, called_flag = _progress(booking, called, now)
    over = status == "Sudah dilayani"
    # Some patients register at the desk, and leave before they are called.
    left = booking.cancelled and booking.number % 2 == 0 and booking.day < now.date()
    came = begins - timedelta(minutes=_MINUTES_EACH)
    registered = f"{came:%Y-%m-%d %H:%M:%S}" if left else _check_in(booking, now)
    return {
        "noKunjungan": f"{centre.code}{booking.day:%d%m%y}P{booking.clinic}{booking.number:03d}{patient.card[-5:]}",
        "tglKunjungan": f"{booking.day:%d-%m-%Y}",
        "waktuDaftar": registered,
        "tanggalMulai": f"{begins:%Y-%m-%d %H:%M:%S}" if over or called_flag == "1" else "",
        "tanggalSelesai": f"{begins + timedelta(minutes=_MINUTES_EACH - 3):%Y-%m-%d %H:%M:%S}" if over else "",
        "providerPelayanan": {"kdProvider": centre.code, "nmProvider": centre.name},
        "peserta": {"noKartu": patient.card, "nama": patient.name, "noKTP": patient.nik, "sex": patient.sex},
        "poli": {"kdPoli": booking.clinic, "nmPoli": CLINICS[booking.clinic]},
        "kdTkp": "50" if booking.clinic in OWN_CLINICS else "10",
        "statusPeriksa": "3" if over else "2",
        "batal": "Y" if left else "T",
        "asuransi": {"id": "0002", "nama": "BPJS KESEHATAN"} if booking.number % 9 else {"id": "0001", "nama": "UMUM"},
        # Diagnosis and therapy: health data for the centre's own use only.
        "keluhan": booking.complaint,
        "kdDiag1": "J06.9",
        "nmDiag1": "Acute upper respiratory infection, unspecified",
        "terapi": "Parasetamol 3 x 500 mg",
        "kdStatusPulang": "3" if over else "",
    }


def _progress(booking: Booking, called: int, now: datetime) -> tuple[str, str]:
    """Return the status of a booking in words, and its call flag (1 attended, 2 did not attend)."""
    waiting, served = "Belum dilayani", "Sudah dilayani"
    if booking.cancelled or booking.day > now.date():
        return waiting, ""
    over = booking.day < now.date() or booking.number < called
    if over:
        return (waiting, "2") if booking.missed else (served, "1")
    return waiting, "1" if booking.number == called else ""


def _check_in(booking: Booking, now: datetime) -> str:
    """Return when the patient registered at the desk, in naive local time (Q30); empty if they have not."""
    at = datetime(booking.day.year, booking.day.month, booking.day.day, 7, tzinfo=WITA)
    at += timedelta(minutes=booking.number)
    came = at <= now and not booking.missed and not booking.cancelled
    return f"{at:%Y-%m-%d %H:%M:%S}" if came else ""
