"""Records that the control API can add to the complaints service."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from simulators.kelurahan import kelurahan
from simulators.lapor import answers
from simulators.lapor.callbacks import ADDRESS, CallbackSender
from simulators.lapor.rate import RateLimit
from simulators.lapor.seed import report_of, written
from simulators.lapor.store import Store
from simulators.lapor.topics import FIRST_STAGE
from simulators.people import DEMONSTRATION
from simulators.spec import PUSH, SAMPLE, RecordRefusedError, SimulatorState

_CHANGEABLE: Final = ("tahap", "rahasia", "anonim", "isi", "topik")


class OnDemand:
    """Adds, changes and removes records."""

    def __init__(self, store: Store, state: SimulatorState, callbacks: CallbackSender, rate: RateLimit) -> None:
        self._store = store
        self._state = state
        self._callbacks = callbacks
        self._rate = rate

    def add(self, record: Mapping[str, Any]) -> str:
        """Handle `POST /records`; the README lists the kinds."""
        kinds = {"callback": self._callback, "stage": self._stage, "report": self._report, "rate": self._limit}
        kinds[SAMPLE], kinds[PUSH] = self._report, self._push
        kind = record.get("kind")
        if kind not in kinds:
            raise RecordRefusedError(f"kind is one of: {', '.join(kinds)}")
        return kinds[kind](record)

    def withdraw(self, key: str) -> bool:
        """Handle `DELETE /records/{key}`."""
        if key == "rate":
            self._rate.per_minute = None
            return True
        if key == ADDRESS:
            found = self._store.setting(ADDRESS) is not None
            self._store.set(ADDRESS, None)
            return found
        return self._store.remove(key)

    def _callback(self, record: Mapping[str, Any]) -> str:
        url = record.get("url")
        if not isinstance(url, str) or not url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]")):
            raise RecordRefusedError("url must be an address of this machine: a simulator calls no other host")
        self._store.set(ADDRESS, url)
        self._callbacks.wake()
        return ADDRESS

    def _stage(self, record: Mapping[str, Any]) -> str:
        tracking = str(record.get("trackingid", ""))
        changes = {name: str(record[name]) for name in _CHANGEABLE if name in record}
        now = written(self._state.clock.now())
        if not self._store.change(tracking, {**changes, "perubahan": now}):
            raise RecordRefusedError("no report has this trackingid")
        if "tanggapan" in record:
            agency = (self._store.report(tracking) or {}).get("instansi", "")
            self._store.answer(tracking, {"tanggal": now, "instansi": agency, "isi": str(record["tanggapan"])})
        report = self._store.report(tracking)
        if report is not None:
            self._callbacks.call_back(answers.report(report, self._store.answers(tracking)))
        return tracking

    def _push(self, record: Mapping[str, Any]) -> str:
        """Push a change of the newest report."""
        del record
        _, (newest, *_) = self._store.reports(1, 1)
        return self._stage({"trackingid": newest["trackingid"], "tahap": newest["tahap"]})

    def _report(self, record: Mapping[str, Any]) -> str:
        nik = str(record.get("nik", DEMONSTRATION["resident"].nik))
        name = str(record.get("kelurahan", "Mantuil"))
        place = next((one for one in kelurahan() if one.name == name), None)
        if place is None or not nik.startswith("637199"):
            raise RecordRefusedError("kelurahan is not known, or nik is not of the reserved range")
        stage = str(record.get("tahap", FIRST_STAGE))
        topic = str(record.get("topik", "13"))
        made = self._state.clock.now()
        row = report_of(Random(made.timestamp()), place, topic, made=made, stage=stage, flags=(False, False))
        given = {column: str(record[column]) for column in _CHANGEABLE if column in record}
        return self._store.add({**row, **given, "nik": nik})

    def _limit(self, record: Mapping[str, Any]) -> str:
        per_minute = record.get("per_minute")
        if not isinstance(per_minute, int) or isinstance(per_minute, bool) or per_minute < 0:
            raise RecordRefusedError("per_minute is a number of requests")
        self._rate.per_minute = per_minute
        return "rate"
