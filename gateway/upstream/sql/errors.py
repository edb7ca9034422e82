"""What a database's errors mean, in the words of the tree. Of what the driver says only its code is looked at."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import Declined

Meaning = tuple[type[AdapterError], str]

_REFUSES_US: Final = (CredentialsRefusedError, "the database refuses our account")
_LATE: Final = (UpstreamTimeoutError, "the database did not finish in time")
_AWAY: Final = (UpstreamUnavailableError, "the database cannot be reached")
_BUSY: Final = (UpstreamUnavailableError, "the database takes no more connections")
_CHANGED: Final = (UpstreamMalformedError, "the database has no such table, view or column")
_DAMAGED: Final = (UpstreamMalformedError, "what the database holds cannot be read")
_TOO_LARGE: Final = (UpstreamMalformedError, "the answer is larger than allowed")
_NOT_OURS: Final = (QueryRefusedError, "the database refuses the statement")
_UNKNOWN: Final = (UpstreamUnavailableError, "the database failed")

# MariaDB's numbers; 2000 and more are its client's, which has lost the server.
_MARIADB: Final[Mapping[int, Meaning]] = {
    **dict.fromkeys((1044, 1045, 1049, 1142, 1143, 1227, 1370, 1698, 1820, 1862), _REFUSES_US),
    **dict.fromkeys((1205, 1969, 3024), _LATE),
    **dict.fromkeys((1053, 1077, 1079, 1152, 1153, 1159, 1161, 1184, 1317, 2003, 2006, 2013, 2055), _AWAY),
    **dict.fromkeys((1040, 1203, 1226), _BUSY),
    **dict.fromkeys((1054, 1146, 1305, 1356), _CHANGED),
    **dict.fromkeys((1034, 1194, 1195, 1712), _DAMAGED),
    **dict.fromkeys((1064, 1290, 1792, 1048, 1062, 1264, 1364, 1366, 1406, 1451, 1452, 4025), _NOT_OURS),
}
_MARIADB_SIGNAL: Final = 1644

# SQLite's primary codes.
_SQLITE: Final[Mapping[int, Meaning]] = {
    1: _CHANGED,
    3: _REFUSES_US,
    23: _REFUSES_US,
    **dict.fromkeys((5, 6, 9), _LATE),
    **dict.fromkeys((10, 13, 14), _AWAY),
    **dict.fromkeys((11, 20, 24, 26), _DAMAGED),
    18: _TOO_LARGE,
    **dict.fromkeys((8, 19, 25), _NOT_OURS),
}
_SQLITE_TRIGGER: Final = 1811

# PostgreSQL's SQLSTATE, the first of these that it begins with.
_POSTGRESQL: Final[tuple[tuple[str, Meaning], ...]] = (
    ("28", _REFUSES_US),
    ("3D000", _REFUSES_US),
    ("42501", _REFUSES_US),
    ("57014", _LATE),
    ("55P03", _LATE),
    ("25P03", _LATE),
    ("53", _BUSY),
    ("54", _TOO_LARGE),
    ("08", _AWAY),
    ("57P", _AWAY),
    ("42P01", _CHANGED),
    ("42703", _CHANGED),
    ("42883", _CHANGED),
    ("XX", _DAMAGED),
    ("22", _NOT_OURS),
    ("23", _NOT_OURS),
    ("25", _NOT_OURS),
    ("42", _NOT_OURS),
)
_POSTGRESQL_RAISE: Final = "P0001"

_LONGEST_MESSAGE: Final = 200


class TooLargeError(Exception):
    """An answer is larger than allowed; found out while it was being read."""


def meaning(error: Exception) -> AdapterError:
    """The error of the tree for what went wrong between the engine and a database."""
    kind, reason = _meaning(error)
    return kind(reason)


def declined(error: DBAPIError) -> Declined | None:
    """What the database's own rules say against a change, when that is what went wrong."""
    original: Any = error.orig
    message: object = None
    if _sqlite_code(original) == _SQLITE_TRIGGER:
        message = original.args[0] if original.args else ""
    elif _mariadb_code(original) == _MARIADB_SIGNAL:
        message = original.args[1] if len(original.args) > 1 else ""
    elif getattr(original, "sqlstate", None) == _POSTGRESQL_RAISE:
        message = original.diag.message_primary
    return None if message is None else Declined(" ".join(str(message).split())[:_LONGEST_MESSAGE])


def _meaning(error: Exception) -> Meaning:
    if isinstance(error, TooLargeError):
        return _TOO_LARGE
    if isinstance(error, PoolTimeoutError):
        return _BUSY
    if isinstance(error, DBAPIError):
        return _of_driver(error.orig)
    if isinstance(error, StatementError):
        return _NOT_OURS
    if isinstance(error, OSError):
        return _AWAY
    return _DAMAGED if isinstance(error, ValueError) else _UNKNOWN


def _of_driver(original: Any) -> Meaning:  # noqa: ANN401 - an exception of one of three drivers
    if (code := _sqlite_code(original)) is not None:
        return _SQLITE.get(code & 0xFF, _UNKNOWN)
    if (number := _mariadb_code(original)) is not None:
        return _MARIADB.get(number, _AWAY if number >= 2000 else _UNKNOWN)
    if (state := getattr(original, "sqlstate", None)) is not None:
        return next((meant for start, meant in _POSTGRESQL if str(state).startswith(start)), _UNKNOWN)
    # Without a code: sqlite3 about a text that is none, or psycopg before there was a server to say anything.
    return _DAMAGED if type(original).__module__ == "sqlite3" else _AWAY


def _sqlite_code(original: Any) -> int | None:  # noqa: ANN401 - as above
    code = getattr(original, "sqlite_errorcode", None)
    return code if isinstance(code, int) else None


def _mariadb_code(original: Any) -> int | None:  # noqa: ANN401 - as above
    arguments = getattr(original, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None
