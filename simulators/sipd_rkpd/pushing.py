"""`push_usulan`: always reports success; only its log has the outcome (Q05). Duplicates are not detected (Q50)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from simulators.clock import Clock
from simulators.records import Ledger
from simulators.sipd_rkpd.places import kecamatan_of, numbers
from simulators.sipd_rkpd.store import LEVELS, Row, Store

_CODE: Final = re.compile(r"\[([A-Z]{2}-[0-9A-Z]{4,32})\]\s*$")
_SHORTEST: Final = 10
_MOST: Final = 100


class Desk:
    """Accepts proposals."""

    def __init__(self, store: Store, ledger: Ledger, clock: Clock) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock

    def push(self, pushed: object) -> tuple[int, list[str]]:
        """Store the valid proposals; return the number received, and one log line for each."""
        if not isinstance(pushed, list) or len(pushed) > _MOST:
            return 0, ["ERROR: Format tidak dikenal"]
        return len(pushed), [f"Baris {place}: {self._store_one(one)}" for place, one in enumerate(pushed, start=1)]

    def _store_one(self, pushed: object) -> str:
        if not isinstance(pushed, dict):
            return "ERROR: Format tidak dikenal"
        reason = self._refusal(pushed)
        if reason is not None:
            return f"ERROR: {reason}"
        number = self._store.add_proposal(self._row(pushed))
        code = _CODE.search(str(pushed["masalah"]))
        self._ledger.add({"key": str(number)}, code=code[1] if code else None)
        return f"OK: id_usulan={number}"

    def _refusal(self, pushed: Mapping[str, Any]) -> str | None:
        year = self._clock.today().year
        checks = (
            (self._store.name_of(str(pushed.get("nik", ""))) is not None, "Pengusul tidak terdaftar"),
            (str(pushed.get("tahun", "")) in {str(year + 1), str(year + 2)}, "Tahun usulan ditutup"),
            (_number(pushed.get("id_kelurahan")) in numbers(), "Kelurahan tidak dikenal"),
            (len(_CODE.sub("", str(pushed.get("masalah", ""))).strip()) >= _SHORTEST, "Masalah terlalu pendek"),
        )
        return next((reason for good, reason in checks if not good), None)

    def _row(self, pushed: Mapping[str, Any]) -> Row:
        number = _number(pushed["id_kelurahan"])
        texts = ("nik", "tahun", "masalah", "giat_teks", "alamat_teks", "koefisien")
        places = ("anggaran", "detail_latpeta", "detail_langpeta")
        levels = {f"rekom_{level}_{what}": "" for level in LEVELS for what in ("koefisien", "rekomendasi")}
        return {
            **{name: str(pushed.get(name, "")) for name in texts},
            **{name: str(pushed.get(name, "0")) for name in places},
            "id_kecamatan": kecamatan_of(number),
            "id_kelurahan": number,
            "status_usul": 0,
            "status_usul_teks": "Kelurahan",
            "is_batal": 0,
            "is_tolak": 0,
            "tolak_teks": 0,
            "nip": 0,
            **levels,
            **{f"rekom_{level}_anggaran": "0.00" for level in LEVELS},
            "tgl_usul": f"{self._clock.now():%Y-%m-%d %H:%M:%S}",
        }


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0
