"""Records that the control API can add to the planning system."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from simulators.people import DEMONSTRATION
from simulators.sipd_rkpd.places import kecamatan_of, numbers
from simulators.sipd_rkpd.seed import proposal
from simulators.sipd_rkpd.store import LINE, Store
from simulators.spec import SAMPLE, RecordRefusedError, SimulatorState

_GIVEN: Final = ("nik", "tahun", "masalah", "status_usul_teks", "is_batal", "is_tolak", "anggaran", "tolak_teks")
_TABLES: Final = {"usulan": "usulan", "program": "prog_keg"}


class OnDemand:
    """Adds and removes records."""

    def __init__(self, store: Store, state: SimulatorState) -> None:
        self._store = store
        self._state = state

    def add(self, record: Mapping[str, Any]) -> str:
        """Add a proposal or a plan line, by its `kind`; the README lists the fields."""
        if record.get("kind") in {"usulan", SAMPLE}:
            return self._proposal(record)
        if record.get("kind") == "program":
            return self._line(record)
        raise RecordRefusedError("kind is usulan or program")

    def withdraw(self, key: str) -> bool:
        """Remove the record of this key."""
        kind, _, number = key.partition("/")
        return kind in _TABLES and number.isdecimal() and self._store.remove(_TABLES[kind], int(number))

    def _proposal(self, record: Mapping[str, Any]) -> str:
        now = self._state.clock.now()
        nik = str(record.get("nik", DEMONSTRATION["resident"].nik))
        name = str(record.get("kelurahan", "Mantuil"))
        number = next((number for number, place in numbers().items() if place.name == name), None)
        if number is None or not nik.startswith("637199"):
            raise RecordRefusedError("kelurahan is not known, or nik is not of the reserved range")
        row = proposal(Random(now.timestamp()), DEMONSTRATION["resident"], now.year + 1, now, stage="Kelurahan")
        given = {column: record[column] for column in _GIVEN if column in record}
        place = {"id_kelurahan": number, "id_kecamatan": kecamatan_of(number)}
        return f"usulan/{self._store.add_proposal({**row, **place, **given, 'nik': nik})}"

    def _line(self, record: Mapping[str, Any]) -> str:
        unknown = sorted(set(record) - {"kind", *LINE})
        if unknown:
            raise RecordRefusedError(f"unknown columns: {', '.join(unknown)}")
        row = {column: str(record.get(column, "")) for column in LINE}
        year = row["tahun"] or str(self._state.clock.today().year)
        return f"program/{self._store.add_line({**row, 'tahun': year})}"
