"""Entries for tests, and the driver's connections of the access log, which a test may disturb, on both databases."""

import sqlite3

import psycopg
from psycopg.pq import TransactionStatus

from gateway.ground.clock import now
from gateway.policy.access_log.entries import AccessContext, AccessLogEntry


def entry(number=0, **changes):
    usual = {
        "at": now(),
        "principal": "account",
        "client": "app",
        "acr": 1,
        "role": "resident",
        "subject": "account",
        "subject_fingerprint": None,
        "purpose": "own-access",
        "occasion": AccessContext(request_id=f"r{number}", request_digest="d", operation="getMe"),
        "resource": "resident",
        "systems": (),
        "records": 1,
        "classes": (),
        "result": "shown",
    }
    return AccessLogEntry(**usual | changes)


class Driver:
    """Sees the statements of every connection that the access log opens. Change its attributes to disturb it."""

    def __init__(self, database, monkeypatch) -> None:
        self.is_sqlite = database.is_sqlite
        self.insertions = 0
        self.opened = 0
        self.open_now = 0
        self.only_reads = False
        self.fails_to_commit = False
        self._open = database.driver_connection
        monkeypatch.setattr(database, "driver_connection", self.connect)

    def connect(self, limits, application):
        connection = self._open(limits, application)
        self.opened += 1
        self.open_now += 1
        return _Connection(connection, self)


class _Connection:
    def __init__(self, connection, driver) -> None:
        self._connection = connection
        self._driver = driver

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, statement, *parameters):
        driver = self._driver
        if driver.is_sqlite:
            if driver.fails_to_commit and statement == "COMMIT":
                raise sqlite3.OperationalError("database or disk is full")
            return self._connection.execute(statement, *parameters)
        if b"INSERT" not in (statement if isinstance(statement, bytes) else statement.encode()):
            return self._connection.execute(statement, *parameters)
        driver.insertions += 1
        commits_itself = self._connection.info.transaction_status == TransactionStatus.IDLE
        if driver.fails_to_commit and commits_itself:
            raise psycopg.errors.DiskFull("could not extend file")
        if driver.only_reads:
            setting = "SET default_transaction_read_only = on" if commits_itself else "SET TRANSACTION READ ONLY"
            self._connection.execute(setting)
        return self._connection.execute(statement, *parameters)

    def executemany(self, statement, rows):
        self._driver.insertions += 1
        self._connection.execute(f"PRAGMA query_only = {int(self._driver.only_reads)}")
        return self._connection.executemany(statement, rows)

    def close(self):
        self._driver.open_now -= 1
        self._connection.close()
