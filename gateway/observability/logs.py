"""Structured logs: JSON lines, written by a background thread, with listed fields only and without personal numbers.

Fields that are not in `FIELDS` are omitted, so that no path, query, body, token or personal number gets into a log
through `extra`. Messages are fixed texts: their arguments (of a library's message, for example) are omitted, and digits
that look like a personal number are replaced.
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


NOISY_LOGGERS: Final = ("httpx", "httpcore", "aiosqlite", "alembic", "authlib", "asyncio", "asyncssh")
"""Libraries whose `INFO` messages are irrelevant or may contain personal data."""

_MAX_QUEUED_LINES: Final = 20_000
_PERSONAL_NUMBER: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9]{13,16}(?![0-9A-Fa-f])")


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, message, and the listed fields that are set."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`. Of an exception only its type is logged: its message may contain request data."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, WITA).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _safe_value(record.msg if isinstance(record.msg, str) else type(record.msg).__name__),
        }
        values = {name: getattr(record, name, None) for name in FIELDS}
        line.update({name: _safe_value(value) for name, value in values.items() if value is not None})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line)


def _safe_value(value: object) -> object:
    """Return a value for a log line: numbers and booleans unchanged, others as text without personal numbers."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    return _PERSONAL_NUMBER.sub("…", str(value))


class _NonBlockingQueueHandler(logging.handlers.QueueHandler):
    """Drops lines if the queue is full, so that logging does not exhaust the memory."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queue the line, or drop it if the queue is full."""
        with contextlib.suppress(queue.Full):
            self.queue.put_nowait(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop the line; the default would print its arguments."""


def start_logging(path: Path | None = None, level: int = logging.INFO) -> logging.handlers.QueueListener:
    """Log to standard error or to a file, through a queue. Stop the returned listener to write the remaining lines."""
    lines: queue.Queue[logging.LogRecord] = queue.Queue(_MAX_QUEUED_LINES)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    root.handlers = [_NonBlockingQueueHandler(lines)]
    root.handlers[0].setFormatter(JsonFormatter())
    root.setLevel(level)
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    listener = _ClosingListener(lines, _LineHandler(handler))
    listener.start()
    return listener


class _ClosingListener(logging.handlers.QueueListener):
    """Closes its handlers, and therefore the file, when it is stopped."""

    def stop(self) -> None:
        """Write the remaining lines, then close the handlers."""
        super().stop()
        for handler in self.handlers:
            handler.close()


class _LineHandler(logging.Handler):
    """Writes lines that the queue handler has already formatted."""

    def __init__(self, target: logging.StreamHandler) -> None:  # type: ignore[type-arg]  # any text stream
        super().__init__()
        self._target = target

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; on a full disk lines are lost, but the thread continues."""
        with contextlib.suppress(OSError, ValueError):
            self._target.stream.write(record.getMessage() + "\n")
            self._target.flush()

    def close(self) -> None:
        """Close the file; standard error stays open."""
        self._target.close()
        super().close()
