"""The lines of the log: JSON with listed fields only, and without personal numbers.

Fields that are not in `FIELDS` are omitted, so that no path, query, body, token or personal number gets into a log
through `extra`. Messages are fixed texts: their arguments (of a library's message, for example) are omitted, and digits
that look like a personal number are replaced.
"""

import json
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from gateway.ground.clock import WITA

FIELDS: Final = (
    "request_id",
    "method",
    "route",
    "status",
    "milliseconds",
    "system",
    "office",
    "resource",
    "operation",
    "webhook",
    "cause",
    "reason",
    "error",
    "entries",
    "attempts",
    "seconds",
    "circuit",
    "generation",
    "client_id",
    "count",
    "bytes",
    "outcome",
    "received",
)

_PERSONAL_NUMBER: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9]{13,16}(?![0-9A-Fa-f])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, not formatted yet. `fields` has numbers, booleans and texts."""

    created: float
    level: str
    logger: str
    message: str
    fields: dict[str, object]

    def text(self) -> str:
        """The line as JSON, without personal numbers."""
        return json.dumps(
            {
                "at": log_time(self.created),
                "level": self.level,
                "logger": self.logger,
                "message": masked(self.message),
                **{name: masked(value) if isinstance(value, str) else value for name, value in self.fields.items()},
            }
        )


def line_of(record: logging.LogRecord) -> Line:
    """The line for `record`. Of an exception only its type is logged: its message may contain request data."""
    given = record.__dict__
    fields = {name: _simple(given[name]) for name in FIELDS if given.get(name) is not None}
    if record.exc_info and record.exc_info[0]:
        fields["error"] = record.exc_info[0].__name__
    message = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    return Line(record.created, record.levelname.lower(), record.name, message, fields)


def log_time(created: float) -> str:
    """The time of a line, in WITA, from seconds since the epoch."""
    microseconds = round(created * 1_000_000)
    return f"{_time_of_second(microseconds // 1_000_000)}.{microseconds // 1_000 % 1_000:03d}+08:00"


@lru_cache(maxsize=4)
def _time_of_second(second: int) -> str:
    return datetime.fromtimestamp(second, WITA).strftime("%Y-%m-%dT%H:%M:%S")


def masked(text: str) -> str:
    """The text with an ellipsis in place of each personal number."""
    return _PERSONAL_NUMBER.sub("…", text)


def _simple(value: object) -> object:
    """The value as a number, a boolean or a text, which do not change until they are written."""
    if isinstance(value, (bool, int, float)):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else str(value)


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, message, and the listed fields that are set."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`."""
        return line_of(record).text()
