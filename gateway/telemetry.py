"""Structured logs: one JSON object a line, written off the event loop, and only fields that are on the list.

A field that is not on the list is left out, whoever logs it: no path, query, body, token or number of a person can
slip into a log by an `extra`.
"""

import json
import logging
import logging.handlers
import queue
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.clock import WITA

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


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, message, and the listed fields that are set."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`. Of an exception only its type is told: its text may hold what was being handled."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, WITA).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if not record.exc_info else str(record.msg),
        }
        line.update({name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str)


def start_logging(path: Path | None = None, level: int = logging.INFO) -> logging.handlers.QueueListener:
    """Send every log through a queue to standard error, or to a file; stop the listener to write what is left."""
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.StreamHandler(path.open("a", encoding="utf-8") if path else sys.stderr)
    root = logging.getLogger()
    root.handlers = [logging.handlers.QueueHandler(lines)]
    root.handlers[0].setFormatter(JsonFormatter())
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "aiosqlite", "alembic", "authlib", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    listener = logging.handlers.QueueListener(lines, _Plain(handler))
    listener.start()
    return listener


class _Plain(logging.Handler):
    """Writes lines that the queue's handler has formatted already."""

    def __init__(self, target: logging.StreamHandler) -> None:  # type: ignore[type-arg]  # any text stream
        super().__init__()
        self._target = target

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line as it is."""
        self._target.stream.write(record.getMessage() + "\n")
        self._target.flush()
