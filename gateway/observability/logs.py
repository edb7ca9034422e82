"""Structured logs: one JSON object a line, written off the event loop, and only fields that are on the list.

A field that is not on the list is left out, whoever logs it: no path, query, body, token or number of a person can
slip into a log by an `extra`. Messages are fixed sentences: the arguments of one (a library's, say) are left out too,
and so is whatever looks like a personal number.
"""

import contextlib
import json
import logging
import logging.handlers
import queue
import re
import sys
from datetime import datetime
from pathlib import Path
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


CHATTY: Final = ("httpx", "httpcore", "aiosqlite", "alembic", "authlib", "asyncio", "asyncssh")
"""Libraries that say at `INFO` what nobody needs to know, or what nobody should."""

_MOST_WAITING: Final = 20_000
_PERSONAL_NUMBER: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9]{13,16}(?![0-9A-Fa-f])")


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, message, and the listed fields that are set."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`. Of an exception only its type is told: its text may hold what was being handled."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, WITA).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _told(record.msg if isinstance(record.msg, str) else type(record.msg).__name__),
        }
        given = {name: getattr(record, name, None) for name in FIELDS}
        line.update({name: _told(value) for name, value in given.items() if value is not None})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line)


def _told(value: object) -> object:
    """A value as it may stand in a line: numbers and truths as they are, anything else as text without numbers."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    return _PERSONAL_NUMBER.sub("…", str(value))


class _NeverWaiting(logging.handlers.QueueHandler):
    """Leaves a line out where the writer is too far behind: logs must not eat the memory of what they watch."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put the line into the queue, if there is room."""
        with contextlib.suppress(queue.Full):
            self.queue.put_nowait(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Leave the line out; the usual way would print its arguments."""


def start_logging(path: Path | None = None, level: int = logging.INFO) -> logging.handlers.QueueListener:
    """Send every log through a queue to standard error, or to a file; stop the listener to write what is left."""
    lines: queue.Queue[logging.LogRecord] = queue.Queue(_MOST_WAITING)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    root.handlers = [_NeverWaiting(lines)]
    root.handlers[0].setFormatter(JsonFormatter())
    root.setLevel(level)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    listener = _ClosingListener(lines, _Plain(handler))
    listener.start()
    return listener


class _ClosingListener(logging.handlers.QueueListener):
    """Closes its handlers, and so the file, when it is stopped."""

    def stop(self) -> None:
        """Write what is left, then close."""
        super().stop()
        for handler in self.handlers:
            handler.close()


class _Plain(logging.Handler):
    """Writes lines that the queue's handler has formatted already."""

    def __init__(self, target: logging.StreamHandler) -> None:  # type: ignore[type-arg]  # any text stream
        super().__init__()
        self._target = target

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line as it is; a full disk costs lines and not the writer."""
        with contextlib.suppress(OSError, ValueError):
            self._target.stream.write(record.getMessage() + "\n")
            self._target.flush()

    def close(self) -> None:
        """Close the file; standard error stays open."""
        self._target.close()
        super().close()
