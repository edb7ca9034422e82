"""Waits for the database at the start: it may be restarting, or start later than the gateway."""

import logging
import time
from collections.abc import Callable
from time import monotonic
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.storage.engine import Database, DatabaseAwayError, unusable

_PAUSE: Final = 0.5

_log = logging.getLogger(__name__)


def wait_for_database(database: Database, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Return when the database answers, or when `is_stopped` returns True. Blocking.

    Raises `DatabaseAwayError` when it has not answered within the limit for a start, and `DatabaseError` at once for a
    permanent failure, such as a file that is no database.
    """
    until = monotonic() + database.limits.start.total_seconds()
    is_waiting = False
    while not is_stopped():
        try:
            with database.sync_engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            failure = unusable(database, error)
        else:
            return
        if not isinstance(failure, DatabaseAwayError) or monotonic() >= until:
            raise failure
        if not is_waiting:
            _log.warning("waiting for the database", extra={"reason": str(failure)})
        is_waiting = True
        time.sleep(_PAUSE)
