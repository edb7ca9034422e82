"""Translates database errors into `AdapterError`s. Only the driver's error code is used, not its text."""

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

Translation = tuple[type[AdapterError], str]

_CREDENTIALS_REFUSED: Final = (CredentialsRefusedError, "the database refuses our account")
_TIMED_OUT: Final = (UpstreamTimeoutError, "the database did not finish in time")
_UNREACHABLE: Final = (UpstreamUnavailableError, "the database cannot be reached")
_BUSY: Final = (UpstreamUnavailableError, "the database takes no more connections")
_SCHEMA_CHANGED: Final = (UpstreamMalformedError, "the database has no such table, view or column")
_DAMAGED: Final = (UpstreamMalformedError, "the data in the database cannot be read")
_TOO_LARGE: Final = (UpstreamMalformedError, "the answer is larger than allowed")
_STATEMENT_REFUSED: Final = (QueryRefusedError, "the database refuses the statement")
_UNKNOWN: Final = (UpstreamUnavailableError, "the database failed")

# MariaDB's numbers; 2000 and above are client errors: the connection to the server is lost.
_MARIADB: Final[Mapping[int, Translation]] = {
    **dict.fromkeys((1044, 1045, 1049, 1142, 1143, 1227, 1370, 1698, 1820, 1862), _CREDENTIALS_REFUSED),
    **dict.fromkeys((1205, 1969, 3024), _TIMED_OUT),
    **dict.fromkeys((1053, 1077, 1079, 1152, 1153, 1159, 1161, 1184, 1317, 2003, 2006, 2013, 2055), _UNREACHABLE),
    **dict.fromkeys((1040, 1203, 1226), _BUSY),
    **dict.fromkeys((1054, 1146, 1305, 1356), _SCHEMA_CHANGED),
    **dict.fromkeys((1034, 1194, 1195, 1712), _DAMAGED),
    **dict.fromkeys((1064, 1290, 1792, 1048, 1062, 1264, 1364, 1366, 1406, 1451, 1452, 4025), _STATEMENT_REFUSED),
}
_MARIADB_SIGNAL: Final = 1644

# SQLite's primary codes.
_SQLITE: Final[Mapping[int, Translation]] = {
    1: _SCHEMA_CHANGED,
    3: _CREDENTIALS_REFUSED,
    23: _CREDENTIALS_REFUSED,
    **dict.fromkeys((5, 6, 9), _TIMED_OUT),
    **dict.fromkeys((10, 13, 14), _UNREACHABLE),
    **dict.fromkeys((11, 20, 24, 26), _DAMAGED),
    18: _TOO_LARGE,
    **dict.fromkeys((8, 19, 25), _STATEMENT_REFUSED),
}
_SQLITE_TRIGGER: Final = 1811

# PostgreSQL's SQLSTATE; the first matching prefix counts.
_POSTGRESQL: Final[tuple[tuple[str, Translation], ...]] = (
    ("28", _CREDENTIALS_REFUSED),
    ("3D000", _CREDENTIALS_REFUSED),
    ("42501", _CREDENTIALS_REFUSED),
    ("57014", _TIMED_OUT),
    ("55P03", _TIMED_OUT),
    ("25P03", _TIMED_OUT),
    ("53", _BUSY),
    ("54", _TOO_LARGE),
    ("08", _UNREACHABLE),
    ("57P", _UNREACHABLE),
    ("42P01", _SCHEMA_CHANGED),
    ("42703", _SCHEMA_CHANGED),
    ("42883", _SCHEMA_CHANGED),
    ("XX", _DAMAGED),
    ("22", _STATEMENT_REFUSED),
    ("23", _STATEMENT_REFUSED),
    ("25", _STATEMENT_REFUSED),
    ("42", _STATEMENT_REFUSED),
)
_POSTGRESQL_RAISE: Final = "P0001"

_LONGEST_MESSAGE: Final = 200


class TooLargeError(Exception):
    """An answer exceeds its bound while it is read."""


def adapter_error_for(error: Exception) -> AdapterError:
    """The `AdapterError` for an error of the engine or of a database driver."""
    kind, reason = _translation(error)
    return kind(reason)


def declined_by_rule(error: DBAPIError) -> Declined | None:
    """The message of the database rule that declined a change; None for every other error."""
    original: Any = error.orig
    message: object = None
    if _sqlite_code(original) == _SQLITE_TRIGGER:
        message = original.args[0] if original.args else ""
    elif _mariadb_code(original) == _MARIADB_SIGNAL:
        message = original.args[1] if len(original.args) > 1 else ""
    elif getattr(original, "sqlstate", None) == _POSTGRESQL_RAISE:
        message = original.diag.message_primary
    return None if message is None else Declined(" ".join(str(message).split())[:_LONGEST_MESSAGE])


def _translation(error: Exception) -> Translation:
    if isinstance(error, TooLargeError):
        return _TOO_LARGE
    if isinstance(error, PoolTimeoutError):
        return _BUSY
    if isinstance(error, DBAPIError):
        return _driver_translation(error.orig)
    if isinstance(error, StatementError):
        return _STATEMENT_REFUSED
    if isinstance(error, OSError):
        return _UNREACHABLE
    return _DAMAGED if isinstance(error, ValueError) else _UNKNOWN


def _driver_translation(original: Any) -> Translation:  # noqa: ANN401 - an exception of one of three drivers
    if (code := _sqlite_code(original)) is not None:
        return _SQLITE.get(code & 0xFF, _UNKNOWN)
    if (number := _mariadb_code(original)) is not None:
        return _MARIADB.get(number, _UNREACHABLE if number >= 2000 else _UNKNOWN)
    if (state := getattr(original, "sqlstate", None)) is not None:
        return next((translation for start, translation in _POSTGRESQL if str(state).startswith(start)), _UNKNOWN)
    # No code: sqlite3 for invalid text, or psycopg before a server answered.
    return _DAMAGED if type(original).__module__ == "sqlite3" else _UNREACHABLE


def _sqlite_code(original: Any) -> int | None:  # noqa: ANN401 - as above
    code = getattr(original, "sqlite_errorcode", None)
    return code if isinstance(code, int) else None


def _mariadb_code(original: Any) -> int | None:  # noqa: ANN401 - as above
    arguments = getattr(original, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None
