"""Filing of applications: by the form, or on demand by the control API."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from simulators.e_kelurahan.letters import TABLES
from simulators.e_kelurahan.pages import steps
from simulators.e_kelurahan.seed import STAGES
from simulators.e_kelurahan.store import ZERO, Row, Store
from simulators.kelurahan import kelurahan
from simulators.spec import SAMPLE, RecordRefusedError, SimulatorState

_CODE: Final = re.compile(r"\[([A-Z]{2}-[0-9A-Z]{4,32})\]\s*$")
_LONGEST: Final = 2000
_STEPS: Final[Mapping[str, tuple[Mapping[str, str], str]]] = {
    "lengkapi": ({"status": "0", "verifikasi": "0", "keterangan": ""}, "Dilengkapi"),
    "batalkan": ({"status": "3"}, "Dibatalkan"),
}


class Desk:
    """Files applications without detecting duplicates (Q50)."""

    def __init__(self, store: Store, state: SimulatorState) -> None:
        self._store = store
        self._state = state

    def save(self, form: Mapping[str, str]) -> tuple[str | None, str]:
        """Store the application of a form; return its key, or None and the error."""
        resident = self._store.resident(form.get("nik", "").strip())
        service = self._store.service(form.get("kode", ""))
        name, _, kecamatan = form.get("kelurahan", "").partition("|")
        purpose = form.get("keperluan", "").strip()
        if resident is None:
            return None, "NIK tidak terdaftar."
        if service is None or service["aktif"] != "Y":
            return None, "Layanan tidak tersedia."
        if not any((one.name, one.kecamatan) == (name, kecamatan) for one in kelurahan()):
            return None, "Kelurahan tidak dikenal."
        if not 3 <= len(purpose) <= _LONGEST:
            return None, "Keperluan wajib diisi."
        row = {"kelurahan": name, "kecamatan": kecamatan, "keperluan": purpose}
        key = self._file(resident, service, row, "diajukan")
        code = _CODE.search(purpose)
        self._state.ledger.add({"key": key, "kode": service["kode"]}, code=code[1] if code else None)
        return key, ""

    def step(self, row: Row, form: Mapping[str, str]) -> str:
        """Carry out an applicant's step on a filed application; return the error, or an empty text.

        Each step adds a stamp. A repeated step is not detected (Q50), but a withdrawn application allows no further
        step.
        """
        step, note = form.get("langkah", ""), form.get("catatan", "").strip()
        if step not in steps(row):
            return "Permohonan sudah diputuskan."
        if not 3 <= len(note) <= _LONGEST:
            return "Catatan wajib diisi."
        table, number = row["tabel"], row["id"]
        changed, word = _STEPS[step]
        self._store.change(table, number, changed if step == "batalkan" or row["status"] == "4" else {})
        stamp = {"pada": f"{self._state.clock.now():%Y-%m-%d %H:%M:%S}", "oleh": "Pemohon", "langkah": word}
        self._store.insert("riwayat", {"tabel": table, "id_surat": int(number), **stamp, "catatan": note})
        self._store.commit()
        code = _CODE.search(note)
        self._state.ledger.add({"key": f"{table}/{number}", "langkah": step}, code=code[1] if code else None)
        return ""

    def _file(self, resident: Row, service: Row, row: Mapping[str, str], stage: str, days: float = 0) -> str:
        at = self._state.clock.now() - timedelta(days=days)
        table = service["tabel"]
        number = self._store.insert(
            table,
            {
                "id_penduduk": int(resident["id"]),
                "jenis": service["jenis"],
                **row,
                "tanggal": f"{at:%Y-%m-%d %H:%M:%S}",
                **STAGES[stage].columns,
                "no_surat": "",
                "tanggal_ambil": f"{at:%Y-%m-%d}" if stage == "diambil" else ZERO,
                "nama_pengambil": "",
                "keterangan": "",
            },
        )
        for who, step in STAGES[stage].stamps:
            stamp = {"pada": f"{at:%Y-%m-%d %H:%M:%S}", "oleh": who, "langkah": step, "catatan": ""}
            self._store.insert("riwayat", {"tabel": table, "id_surat": number, **stamp})
        self._store.commit()
        return f"{table}/{number:04d}"

    def add(self, record: Mapping[str, Any]) -> str:
        """Handle `POST /records`; the README lists the kinds."""
        kind = record.get("kind")
        if kind in {"permohonan", SAMPLE}:
            return self._add_application(record)
        if kind == "layanan":
            return self._add_service(record)
        if kind == "sunting-penduduk":
            nik = str(record.get("nik", ""))
            if not self._store.edit_resident(nik, self._state.clock.now()):
                raise RecordRefusedError("no resident has this nik")
            return "penduduk"
        raise RecordRefusedError("kind is permohonan, layanan or sunting-penduduk")

    def _add_application(self, record: Mapping[str, Any]) -> str:
        place = str(record.get("kelurahan", "Mantuil"))
        nik = record.get("nik")
        resident = self._store.resident_of(place) if nik is None else self._store.resident(str(nik))
        service = self._store.service(str(record.get("kode", "DOM")))
        stage = str(record.get("tahap", "diajukan"))
        home = next((one for one in kelurahan() if one.name == place), None)
        days = record.get("hari", 0)
        if resident is None or service is None or home is None:
            raise RecordRefusedError("nik, kode or kelurahan is not known")
        if stage not in STAGES or not isinstance(days, int | float):
            raise RecordRefusedError(f"tahap is one of {', '.join(STAGES)}; hari is a number of days ago")
        purpose = str(record.get("keperluan", "Melamar pekerjaan"))
        row = {"kelurahan": home.name, "kecamatan": home.kecamatan, "keperluan": purpose}
        return self._file(resident, service, row, stage, days)

    def _add_service(self, record: Mapping[str, Any]) -> str:
        text = {name: str(record.get(name, default)) for name, default in _SERVICE_DEFAULTS.items()}
        number = self._store.insert("layanan", text)
        self._store.commit()
        return f"layanan/{number:04d}"

    def withdraw(self, key: str) -> bool:
        """Handle `DELETE /records/{key}`."""
        table, _, number = key.partition("/")
        return self._store.remove(table, number)


_SERVICE_DEFAULTS: Final = {
    "kode": "BARU",
    "tabel": next(iter(TABLES)),
    "jenis": "99",
    "nama": "Surat Keterangan Baru",
    "klasifikasi": "470",
    "persyaratan": "Fotokopi KTP",
    "jangka_waktu": "paling lama 3 hari kerja",
    "biaya": "Rp. 0,-",
    "produk": "Surat",
    "pengaduan": "Loket kelurahan",
    "aktif": "Y",
}
