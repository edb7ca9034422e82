"""The SQL engine on real databases: SQLite, MariaDB and PostgreSQL, each by the same statements."""

import asyncio
import logging
import os
import sqlite3
import traceback
import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, make_url

from adapters.contract import AdapterSpec, Limits, Sql, SqlOfficeSettings
from adapters.errors import (
    AdapterError,
    Cause,
    CredentialsRefusedError,
    NotSentError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import Declined, Executed
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.layers.circuit import BreakerState
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.sql.engine import SqlEngine
from gateway.upstream.sql.office import BoundSql
from gateway.upstream.upstreams import Upstreams
from schemas.texts import Text
from tests.gateway.ports import held

pytestmark = pytest.mark.anyio

CANARY = "6371994101900001"
INSERT = "INSERT INTO inbox (note) VALUES (:note)"
SQL: Sql[Any] = Sql(max_bytes=200_000, max_cell=50_000, writes=frozenset({INSERT}))


async def _nothing(_call: Any) -> None:
    return None


SPEC = AdapterSpec(
    id="a-database",
    agency="an-agency",
    title=Text(id="Basis data", en="Database"),
    version="1",
    contact="-",
    settings=SqlOfficeSettings,
    limits=Limits(concurrent=2, slowest=timedelta(seconds=2)),
    needs=frozenset(),
    probe=_nothing,
    probe_transport=SQL,
    reads=(),
)
UNHURRIED = replace(SPEC, limits=replace(SPEC.limits, slowest=timedelta(seconds=60)))

DDL = {
    "sqlite": (
        "CREATE TABLE inbox (id INTEGER PRIMARY KEY, note text NOT NULL)",
        "CREATE TRIGGER guard BEFORE INSERT ON inbox WHEN new.note = 'no' "
        "BEGIN SELECT RAISE(ABORT, 'Tidak boleh'); END",
    ),
    "mariadb": (
        "CREATE TABLE inbox (id int PRIMARY KEY AUTO_INCREMENT, note text NOT NULL)",
        "CREATE TRIGGER guard BEFORE INSERT ON inbox FOR EACH ROW BEGIN IF new.note = 'no' THEN "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Tidak boleh'; END IF; END",
    ),
    "postgresql": (
        "CREATE TABLE inbox (id serial PRIMARY KEY, note text NOT NULL)",
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.note = 'no' THEN "
        "RAISE EXCEPTION 'Tidak boleh'; END IF; RETURN new; END $$",
        "CREATE TRIGGER guard BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION guard()",
    ),
}
SLOW = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS x FROM n",
    "mariadb": "SELECT sleep(30) AS x",
    "postgresql": "SELECT pg_sleep(30) AS x",
}
HUGE = {
    "sqlite": "SELECT replace(hex(zeroblob(25000000)), '0', 'x') AS x",
    "mariadb": "SELECT repeat('x', 16000000) AS x UNION ALL SELECT repeat('y', 16000000)",
    "postgresql": "SELECT repeat('x', 16000000) AS x",
}
MANY = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000) SELECT x FROM n",
    "mariadb": "SELECT seq AS x FROM seq_1_to_3000000",
    "postgresql": "SELECT generate_series(1, 3000000) AS x",
}


@dataclass
class Database:
    """One database, and the gateway's way to it. `own` is the address by which the test itself gets in."""

    kind: str
    url: str
    own: str
    upstreams: Upstreams = field(
        default_factory=lambda: Upstreams(
            MemoryShared(), now, UpstreamSettings(circuit_failures=3, circuit_cool=timedelta(milliseconds=50))
        )
    )

    def up(
        self,
        within: float = 60,
        transport: Sql[Any] = SQL,
        url: str | None = None,
        spec: AdapterSpec[Any] = UNHURRIED,
    ) -> BoundSql:
        settings = SqlOfficeSettings.model_validate({"url": url or self.url})
        deadline = Deadline.after(timedelta(seconds=within))
        bound = self.upstreams.call(spec, None, settings, transport, deadline=deadline).up
        assert isinstance(bound, BoundSql)
        return bound

    def run(self, *statements: str) -> list[Any]:
        engine = create_engine(self.own)
        with engine.begin() as connection:
            results = [connection.exec_driver_sql(statement) for statement in statements]
            found = [tuple(row) for row in results[-1]] if results[-1].returns_rows else []
        engine.dispose()
        return found

    def notes(self) -> list[str]:
        return [note for (note,) in self.run("SELECT note FROM inbox ORDER BY id")]


KINDS = [
    "sqlite",
    pytest.param("mariadb", marks=pytest.mark.mariadb),
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    kind: str = request.param
    if kind == "sqlite":
        found = Database(kind, f"sqlite:///{tmp_path / 'a b.sqlite3'}", f"sqlite:///{tmp_path / 'a b.sqlite3'}")
    elif kind == "mariadb":
        own = request.getfixturevalue("mariadb")
        there = own.set(drivername="mariadb", query={}).render_as_string(hide_password=False)
        found = Database(kind, there, own.render_as_string(hide_password=False))
    else:
        there = request.getfixturevalue("postgres")
        own = make_url(there).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        found = Database(kind, there, own)
    found.run(*DDL[kind])
    yield found
    await found.upstreams.aclose()


async def test_parameters_are_bound_and_rows_come_whole(database: Database) -> None:
    odd = "Titian'; DROP TABLE inbox; -- %s :x \\ é ☃"
    rows = await database.up().rows(
        "SELECT :odd AS a, CAST(:number AS DECIMAL(10, 0)) AS b, NULL AS c WHERE :odd <> 'x'",
        {"odd": odd, "number": 7},
        1,
    )
    assert [{**row, "b": int(str(row["b"]))} for row in rows] == [{"a": odd, "b": 7, "c": None}]
    assert await database.up().rows("SELECT note FROM inbox", {}, 1) == ()
    assert database.notes() == []


async def test_a_session_that_reads_changes_nothing(database: Database) -> None:
    database.run("INSERT INTO inbox (note) VALUES ('kept')")
    for statement in ("DELETE FROM inbox", INSERT.replace(":note", "'new'"), "DROP TABLE inbox"):
        with pytest.raises(AdapterError):
            await database.up().rows(statement, {}, 5)
    assert database.notes() == ["kept"]


async def test_only_declared_statements_change_anything(database: Database) -> None:
    up = database.up()
    with pytest.raises(QueryRefusedError):
        await up.execute("DELETE FROM inbox", {})
    assert not up.wrote
    done = await up.execute(INSERT, {"note": "first"})
    assert up.wrote
    assert done == Executed(1, None if database.kind == "postgresql" else 1)
    assert database.notes() == ["first"]


async def test_what_the_database_declines_is_an_answer(database: Database) -> None:
    assert await database.up().execute(INSERT, {"note": "no"}) == Declined("Tidak boleh")
    with pytest.raises(QueryRefusedError):
        await database.up().execute(INSERT, {"note": None})
    assert database.notes() == []
    assert database.upstreams.status(SPEC.id, None).circuit is BreakerState.CLOSED


async def test_more_rows_than_asked_for_are_an_error(database: Database) -> None:
    database.run("INSERT INTO inbox (note) VALUES ('a'), ('b'), ('c')")
    assert len(await database.up().rows("SELECT note FROM inbox", {}, 3)) == 3
    with pytest.raises(UpstreamMalformedError, match="more rows"):
        await database.up().rows("SELECT note FROM inbox", {}, 2)


@pytest.mark.parametrize("statements", [HUGE, MANY], ids=["a huge cell", "millions of rows"])
async def test_what_is_too_large_costs_little(database: Database, statements: dict[str, str]) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UpstreamMalformedError):
            await database.up().rows(statements[database.kind], {}, 1000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64_000_000
    assert await database.up().rows("SELECT 1 AS x", {}, 1) == ({"x": 1},)


async def test_one_cell_and_all_of_them_are_bounded(database: Database) -> None:
    for _ in range(6):
        assert isinstance(await database.up().execute(INSERT, {"note": "x" * 40_000}), Executed)
    statement = "SELECT note FROM inbox WHERE id <= :last"
    assert len(await database.up().rows(statement, {"last": 4}, 10)) == 4
    with pytest.raises(UpstreamMalformedError):
        await database.up().rows(statement, {"last": 6}, 10)
    narrow: Sql[Any] = Sql(max_bytes=200_000, max_cell=30_000)
    with pytest.raises(UpstreamMalformedError):
        await database.up(transport=narrow).rows(statement, {"last": 1}, 10)


@pytest.mark.slow
@pytest.mark.parametrize("within", [0.4, 60], ids=["deadline", "slowest"])
async def test_a_statement_that_takes_too_long_is_stopped(database: Database, within: float) -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(UpstreamTimeoutError):
        await database.up(within, spec=SPEC).rows(SLOW[database.kind], {}, 1)
    assert asyncio.get_running_loop().time() - began < 25
    # The slot and the connection are free again: long before the statement would have ended.
    async with asyncio.timeout(25):
        assert await database.up().rows("SELECT 1 AS x", {}, 1) == ({"x": 1},)


@pytest.mark.slow
async def test_one_that_hangs_is_waited_for_no_longer_than_the_slowest(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object) -> None:
        await asyncio.sleep(60)

    with monkeypatch.context() as hanging:
        for name in ("rows", "execute"):
            hanging.setattr(SqlEngine, name, hang)
        spec = replace(SPEC, limits=replace(SPEC.limits, slowest=timedelta(seconds=0.3)))
        began = asyncio.get_running_loop().time()
        for _ in range(2):
            with pytest.raises(UpstreamTimeoutError):
                await file.up(60, spec=spec).rows("SELECT 1 AS x", {}, 1)
        with pytest.raises(NotSentError) as unsent:
            await file.up(60, spec=spec).execute(INSERT, {"note": "x"})
        assert unsent.value.cause is Cause.TIMEOUT
        assert asyncio.get_running_loop().time() - began < 10
    assert file.upstreams.status(SPEC.id, None).circuit is not BreakerState.CLOSED


@pytest.mark.slow
async def test_whoever_finds_no_slot_is_told_so(database: Database) -> None:
    slow = [asyncio.create_task(database.up(1.5).rows(SLOW[database.kind], {}, 1)) for _ in range(2)]
    await asyncio.sleep(0.3)
    with pytest.raises(UpstreamUnavailableError) as refused:
        await database.up(0.3).rows("SELECT 1 AS x", {}, 1)
    assert refused.value.cause is Cause.CONCURRENCY_LIMIT
    results = await asyncio.gather(*slow, return_exceptions=True)
    assert [type(result) for result in results] == [UpstreamTimeoutError] * 2


async def test_a_database_that_has_changed_is_malformed(database: Database) -> None:
    for statement in ("SELECT note FROM elsewhere", "SELECT nothing FROM inbox"):
        with pytest.raises(UpstreamMalformedError, match="no such table"):
            await database.up().rows(statement, {}, 1)
    with pytest.raises(QueryRefusedError):
        await database.up().rows("SELECT note FROM inbox WHERE id = :id", {}, 1)


async def test_one_that_is_away_is_unavailable_and_its_circuit_opens(database: Database) -> None:
    away = f"{database.url}.gone" if database.kind == "sqlite" else _moved(database.url, held(database))
    for _ in range(2):
        with pytest.raises(UpstreamUnavailableError):
            await database.up(url=away).rows("SELECT 1 AS x", {}, 1)
    up = database.up(url=away)
    with pytest.raises(NotSentError) as unsent:
        await up.execute(INSERT, {"note": "x"})
    assert unsent.value.cause is Cause.UNAVAILABLE
    assert not up.wrote
    assert database.upstreams.status(SPEC.id, None).circuit is not BreakerState.CLOSED
    assert not os.path.lexists(away.removeprefix("sqlite:///"))  # noqa: ASYNC240 - at the end of a test


async def test_nothing_of_the_question_is_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for statement in ("SELECT note FROM inbox WHERE note = :nik", "SELECT :nik FROM elsewhere", "SELECT :nik, :other"):
        try:
            await database.up().rows(statement, {"nik": CANARY}, 1)
        except AdapterError as error:
            told += [str(error), repr(error), "".join(traceback.format_exception(error))]
    up = database.up()
    await up.execute(INSERT, {"note": CANARY})
    with pytest.raises(QueryRefusedError) as refused:
        await up.execute(INSERT, {"note": CANARY, "id": None} | {"note": None})
    told += [repr(up), "".join(traceback.format_exception(refused.value)), caplog.text]
    told += [str(record.__dict__) for record in caplog.records]
    assert not [text for text in told if CANARY in text or "inbox" in text or database.url in text]
    assert {(record.method, record.outcome) for record in caplog.records if hasattr(record, "outcome")} >= {
        ("query", "done"),
        ("change", "done"),
    }


@pytest.mark.mariadb
async def test_a_wrong_password_is_told_as_such(mariadb) -> None:
    url = f"mariadb://root:canary-password@127.0.0.1:{mariadb.port}/{mariadb.database}"
    database = Database("mariadb", url, "")
    with pytest.raises(CredentialsRefusedError) as refused:
        await database.up().rows("SELECT 1 AS x", {}, 1)
    assert "canary" not in "".join(traceback.format_exception(refused.value))
    assert "canary" not in repr(SqlOfficeSettings.model_validate({"url": url}))
    await database.upstreams.aclose()


@pytest.mark.mariadb
async def test_a_connection_that_was_cut_meanwhile_is_made_anew(mariadb) -> None:
    url = mariadb.set(drivername="mariadb", query={}).render_as_string(hide_password=False)
    database = Database("mariadb", url, mariadb.render_as_string(hide_password=False))
    ((before,),) = [row.values() for row in await database.up().rows("SELECT connection_id() AS x", {}, 1)]
    with pymysql.connect(host="127.0.0.1", user="root", autocommit=True) as server, server.cursor() as cursor:
        cursor.execute(f"KILL {before}")
    ((after,),) = [row.values() for row in await database.up().rows("SELECT connection_id() AS x", {}, 1)]
    assert before != after
    await database.upstreams.aclose()


@pytest.mark.mariadb
async def test_a_server_elsewhere_is_not_spoken_to_without_tls(mariadb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server here has no certificate that anybody knows, so that a password would not leave."""
    monkeypatch.setattr("gateway.upstream.sql.dialects._is_local", lambda _host: False)
    url = mariadb.set(drivername="mariadb", query={}).render_as_string(hide_password=False)
    database = Database("mariadb", url, "")
    with pytest.raises(UpstreamUnavailableError):
        await database.up().rows("SELECT 1 AS x", {}, 1)
    await database.upstreams.aclose()


def _moved(url: str, port: int) -> str:
    return make_url(url).set(port=port).render_as_string(hide_password=False)


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'file.sqlite3'}"
    found = Database("sqlite", url, url)
    found.run(*DDL["sqlite"], "INSERT INTO inbox (note) VALUES ('first')")
    yield found
    await found.upstreams.aclose()


def _altered(file: Database, alter: Callable[[bytes], bytes | None]) -> bytes:
    """Put something else in the file's place, or nothing; gives what it held."""
    path = Path(file.url.removeprefix("sqlite:///"))
    whole = path.read_bytes() if path.exists() else b""
    content = alter(whole)
    path.unlink(missing_ok=True) if content is None else path.write_bytes(content)
    return whole


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda whole: whole[: len(whole) // 2], UpstreamMalformedError),
        (lambda _: b"<!DOCTYPE html><html></html>" * 100, UpstreamMalformedError),
        (lambda _: b"", UpstreamMalformedError),
        (lambda _: None, UpstreamUnavailableError),
    ],
    ids=["half", "page", "empty", "gone"],
)
async def test_a_file_that_is_damaged_or_gone(
    file: Database, damage: Callable[[bytes], bytes | None], expected: type[AdapterError]
) -> None:
    whole = _altered(file, damage)
    with pytest.raises(expected):
        await file.up().rows("SELECT note FROM inbox", {}, 5)
    _altered(file, lambda _: whole)
    assert await file.up().rows("SELECT note FROM inbox", {}, 5) == ({"note": "first"},)


@pytest.mark.slow
async def test_a_file_that_somebody_holds(file: Database) -> None:
    holder = sqlite3.connect(file.url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    up = file.up(0.5)
    with pytest.raises(UpstreamTimeoutError):
        await up.rows("SELECT note FROM inbox", {}, 5)
    with pytest.raises(NotSentError):
        await file.up(0.5).execute(INSERT, {"note": "second"})
    holder.close()
    assert file.notes() == ["first"]


async def test_nothing_else_is_opened_by_way_of_a_file(file: Database, tmp_path: Path) -> None:
    for statement in (f"ATTACH '{tmp_path / 'other.sqlite3'}' AS other", "SELECT load_extension('x')"):
        with pytest.raises(AdapterError):
            await file.up().rows(statement, {}, 1)
    assert not (tmp_path / "other.sqlite3").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "mysql://x/y",
        "http://x/y",
        f"oracle://u:{CANARY}@h/d",
        CANARY,
        "mariadb://h",
        f"mariadb://u:{CANARY}@h:abc/d",
        f"mariadb://u:{CANARY}@/d",
        f"postgresql://u:{CANARY}@h/d?host=elsewhere",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SqlOfficeSettings.model_validate({"url": url})
    assert CANARY not in str(refused.value)


def test_the_drivers_are_those_of_the_lock() -> None:
    """Numbers of errors are looked up by what these drivers call them."""
    assert pymysql.err.OperationalError(1045, "x").args[0] == 1045
    assert psycopg.errors.RaiseException.sqlstate == "P0001"
    assert sqlite3.SQLITE_CONSTRAINT_TRIGGER == 1811


@pytest.mark.slow
async def test_rows_come_in_the_order_that_was_asked_for_and_whole(database: Database) -> None:
    for number in range(300):
        assert isinstance(await database.up().execute(INSERT, {"note": f"{number:04}"}), Executed)
    statement = "SELECT id AS x, note AS q FROM inbox WHERE id > :from ORDER BY note DESC, id"
    rows = await database.up().rows(statement, {"from": 0}, 300)
    assert [row["q"] for row in rows] == [f"{number:04}" for number in reversed(range(300))]
    assert all(set(row) == {"x", "q"} for row in rows)
    assert await database.up().rows("WITH a AS (SELECT 1 AS x) SELECT x FROM a -- nothing more", {}, 1) == ({"x": 1},)
