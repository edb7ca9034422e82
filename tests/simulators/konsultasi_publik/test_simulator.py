"""The simulator's database follows its interface description, as a file and on a MariaDB server."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import DatabaseError

from simulators.clock import Clock
from simulators.faults import Fault, FaultKind, FaultRefusedError
from simulators.konsultasi_publik import schema
from simulators.konsultasi_publik.simulator import DATABASE, SIMULATOR, build, build_on
from simulators.overlay import overlay
from simulators.server import running
from simulators.spec import RecordRefusedError, SimulatorState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def fresh(folder: Path) -> SimulatorState:
    return SimulatorState(SIMULATOR, None, folder, clock=Clock(frozen_at=NOW), seed=637199)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded")
    state = fresh(folder)
    build(None, state)
    state.closing.close()
    return folder


@pytest.fixture
def state(tmp_path: Path, seeded: Path) -> Iterator[SimulatorState]:
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    found = fresh(tmp_path)
    with found.closing:
        build(None, found)
        yield found


def opened(state: SimulatorState) -> sqlite3.Connection:
    return sqlite3.connect(state.folder / DATABASE, isolation_level=None, timeout=0.1)


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.mariadb)])
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    """A connection to the agency's database."""
    if request.param == "file":
        found: SimulatorState = request.getfixturevalue("state")
        url = URL.create("sqlite+pysqlite", database=str(found.folder / DATABASE))
    else:
        found, url = fresh(tmp_path), request.getfixturevalue("mariadb")
        build_on(url, found)
    engine = create_engine(url, poolclass=NullPool)
    with found.closing, engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(connection: Connection, statement: str, **parameters: object) -> list[Any]:
    return [tuple(row) for row in connection.execute(text(statement), parameters)]


def test_the_quirks_of_the_data(inside: Connection) -> None:
    # Q39: numbers in both tables, one number twice.
    shared = "SELECT count(*) FROM v_konsultasi a JOIN v_konsultasi b ON a.id = b.id WHERE a.tabel < b.tabel"
    assert rows(inside, shared)[0][0] > 18
    twice = "SELECT tabel, id FROM v_konsultasi GROUP BY tabel, id HAVING count(*) > 1 ORDER BY id"
    assert rows(inside, twice) == [("fkp", 4), ("fkp", 8), ("fkp", 10)]
    # Q27
    zero = "SELECT tabel, id FROM v_konsultasi WHERE CAST(mulai AS CHAR(32)) LIKE '%-00-00 00:00:00' ORDER BY tabel"
    assert rows(inside, zero) == [("fkp", 3), ("musrenbang", 7)]
    # Q25
    stages = {stage for (stage,) in rows(inside, "SELECT DISTINCT tahap + 0 FROM v_konsultasi")}
    assert stages == {0, 1, 2, 3, 4, 5, 9}
    assert {shown for (shown,) in rows(inside, "SELECT DISTINCT tampil + 0 FROM v_masukan")} == set(range(6))
    # Q55
    for view in ("v_konsultasi", "v_masukan"):
        ((form,),) = rows(inside, f"SELECT isian FROM {view} WHERE length(isian) > 60000")  # noqa: S608 - two views
        assert 65_500 < len(form.encode()) <= 65_535
        with pytest.raises(json.JSONDecodeError):
            json.loads(form)


def test_the_insert_is_guarded(inside: Connection) -> None:
    insert = "INSERT INTO kotak_masuk (tabel, id_kegiatan, nik, isi) VALUES ('fkp', :id, '6371994502900011', :isi)"
    for number, words, said in (
        (999, "Mohon titian diganti", schema.UNKNOWN),
        (1, "Mohon titian diganti", schema.CLOSED),
        (14, "Mohon titian diganti", schema.CLOSED),
        (15, "   pendek   ", schema.TOO_SHORT),
    ):
        with pytest.raises(DatabaseError, match=said):
            inside.execute(text(insert), {"id": number, "isi": words})
        inside.rollback()
    # Q50: nothing prevents the same twice.
    for _ in range(2):
        inside.execute(text(insert), {"id": 15, "isi": "Mohon titian diganti [GB-SAMA0001]"})
    inside.commit()
    assert rows(inside, "SELECT count(*) FROM v_kotak_masuk WHERE isi LIKE '%[GB-SAMA0001]'") == [(2,)]


def test_the_ledger_is_the_inbox(state: SimulatorState) -> None:
    with opened(state) as database:
        database.execute(
            "INSERT INTO kotak_masuk (tabel, id_kegiatan, nik, isi) VALUES ('fkp', 15, '1', 'Mohon atap [GB-ABCD0001]')"
        )
        database.execute("INSERT INTO kotak_masuk (tabel, id_kegiatan, isi) VALUES ('fkp', 15, 'Tanpa kode sekali')")
    database.close()
    assert [(write["key"], write["code"]) for write in state.ledger.writes] == [("1", "GB-ABCD0001"), ("2", None)]
    state.faults.set(Fault(FaultKind.RESET))
    assert len(state.ledger.writes) == 2
    state.faults.set(Fault())


def test_the_database_survives_a_restart(state: SimulatorState, tmp_path: Path) -> None:
    key = state.add_record({"kind": "consultation", "title": "Forum tambahan"})
    state.faults.set(Fault(FaultKind.MALFORMED))
    again = fresh(tmp_path)
    with again.closing:
        build(None, again)
        with opened(again) as database:
            kept = database.execute("SELECT judul FROM v_konsultasi WHERE id = ?", (int(key.partition("/")[2]),))
            assert ("Forum tambahan",) in kept.fetchall()
        database.close()


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (FaultKind.HANG, "locked"),
        (FaultKind.RESET, "no such table"),
        (FaultKind.MALFORMED, "malformed|not a database|no such"),
        (FaultKind.HTML, "not a database"),
    ],
)
def test_faults_are_carried_out_on_the_file(state: SimulatorState, kind: FaultKind, problem: str) -> None:
    state.faults.set(Fault(kind))
    with pytest.raises(RecordRefusedError):
        state.add_record({"kind": "consultation", "title": "Tidak bisa"})
    database = opened(state)
    with pytest.raises(sqlite3.DatabaseError, match=problem):
        database.execute("SELECT * FROM v_konsultasi").fetchall()
    database.close()
    state.faults.set(Fault())
    database = opened(state)
    assert len(database.execute("SELECT id FROM v_konsultasi").fetchall()) == 78
    database.close()


def test_an_oversized_form_has_80_mb(state: SimulatorState) -> None:
    state.faults.set(Fault(FaultKind.OVERSIZED))
    database = opened(state)
    assert database.execute("SELECT length(isian) FROM v_konsultasi LIMIT 1").fetchone() == (80_000_000,)
    database.close()
    state.faults.set(Fault())


def test_unsupported_faults_and_records_are_refused_with_a_reason(state: SimulatorState) -> None:
    for kind in set(FaultKind) - SIMULATOR.faults - {FaultKind.NONE}:
        with pytest.raises(FaultRefusedError, match="does not apply"):
            state.faults.set(Fault(kind))
    for fault in (Fault(FaultKind.RESET, times=1), Fault(FaultKind.RESET, path="/x")):
        with pytest.raises(FaultRefusedError):
            state.faults.set(fault)
    for record in (
        {"kind": "lain"},
        {"kind": "consultation"},
        {"kind": "consultation", "title": "x", "stage": 10},
        {"kind": "consultation", "title": "x", "table": "dokumen"},
        {"kind": "consultation", "title": "x", "status": "?"},
        {"kind": "consultation", "title": "x", "kelurahan": "Entah"},
        {"kind": "consultation", "title": "x", "in_days": "7"},
        {"kind": "contribution"},
    ):
        with pytest.raises(RecordRefusedError):
            state.add_record(record)
    database = opened(state)
    assert len(database.execute("SELECT id FROM v_konsultasi").fetchall()) == 78, "what is refused is not stored"
    database.close()


@pytest.mark.anyio
async def test_the_overlay_names_the_database(state: SimulatorState) -> None:
    async with (
        running(None, state) as simulator,
        httpx.AsyncClient(base_url=simulator.control, trust_env=False) as client,
    ):
        assert simulator.url == f"sqlite:///{state.folder / DATABASE}"
        ready = {"office": None, "url": simulator.url, "settings": {}}
        assert overlay([ready]) == f'[[offices]]\nurl = "{simulator.url}"\n'
        assert (await client.get("/ledger")).json() == {"writes": []}
        assert (await client.put("/fault", json={"kind": "drip"})).status_code == 422
