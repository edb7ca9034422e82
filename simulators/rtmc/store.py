"""The centre's storage: incidents by day, generated on the first request for a day and stored from then on."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from simulators.rtmc.roads import ZERO_TIME, Fields
from simulators.rtmc.seed import Incident, incidents

SHOWN_FOR: Final = timedelta(hours=48)
_FIRST_ON_DEMAND: Final = 501
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS hari (tanggal TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS kejadian (
  id TEXT PRIMARY KEY, mulai TEXT NOT NULL, selesai TEXT NOT NULL, kolom TEXT NOT NULL);
"""


class Store:
    """The incidents in one SQLite file; `seed` generates those of a new day."""

    def __init__(self, path: Path, seed: int) -> None:
        self._seed = seed
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def after(self, last: str, count: int, now: datetime) -> list[Fields]:
        """Return at most `count` incidents of the last two days with an id after `last`, in the order of ids."""
        for days in range(SHOWN_FOR.days + 1):
            self._make((now - timedelta(days=days)).date().isoformat())
        rows = self._db.execute(
            "SELECT id, selesai, kolom FROM kejadian WHERE id > ? AND mulai > ? AND mulai <= ? ORDER BY id LIMIT ?",
            (last, (now - SHOWN_FOR).isoformat(), now.isoformat(), count),
        )
        return [_shown(id_, datetime.fromisoformat(over), json.loads(fields), now) for id_, over, fields in rows]

    def add(self, given: Mapping[str, str | None], now: datetime) -> str:
        """Add an incident that begins now and lasts an hour, unless `given` overrides it; return its id."""
        self._make(now.date().isoformat())
        first = f"{now:%Y%m%d}-{_FIRST_ON_DEMAND:03d}"
        (newest,) = self._db.execute(
            "SELECT max(id) FROM kejadian WHERE id >= ? AND id < ?", (first, f"{now:%Y%m%d}-999")
        ).fetchone()
        id_ = first if newest is None else f"{now:%Y%m%d}-{int(newest[-3:]) + 1:03d}"
        like = incidents(now.date(), self._seed)[0]
        fields = like.fields | {"waktu": now.strftime("%d/%m/%Y %H:%M")} | dict(given)
        self._put(Incident(id_, now, now + timedelta(hours=1), fields))
        return id_

    def remove(self, id_: str) -> bool:
        """Delete an incident; return whether there was one."""
        return self._db.execute("DELETE FROM kejadian WHERE id = ?", (id_,)).rowcount == 1

    def _make(self, day: str) -> None:
        if self._db.execute("INSERT OR IGNORE INTO hari VALUES (?)", (day,)).rowcount:
            self._db.execute("BEGIN")
            for incident in incidents(datetime.fromisoformat(day).date(), self._seed):
                self._put(incident)
            self._db.execute("COMMIT")

    def _put(self, incident: Incident) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO kejadian VALUES (?, ?, ?, ?)",
            (incident.id, incident.began.isoformat(), incident.over.isoformat(), json.dumps(incident.fields)),
        )


def _shown(id_: str, over: datetime, fields: Fields, now: datetime) -> Fields:
    """Return the incident in its present state: while it lasts, the status is 1 and the end a zero time."""
    goes_on = now < over
    stands: Fields = {
        "waktuSelesai": ZERO_TIME if goes_on else over.strftime("%d/%m/%Y %H:%M"),
        "status": "1" if goes_on else "0",
    }
    return {"idKejadian": id_, **stands, **fields}
