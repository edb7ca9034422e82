"""Structured logs: the loggers' lines are queued as they are, and a thread formats and writes them.

The lines are defined in `log_lines`; the thread is in `log_writer`; `request_log` adds the lines of requests.
"""

import logging
import sys
from pathlib import Path
from typing import Final

from gateway.observability.log_lines import line_of
from gateway.observability.log_writer import LogWriter
from gateway.observability.settings import LogLevel

NOISY_LOGGERS: Final = ("httpx", "httpcore", "aiosqlite", "alembic", "authlib", "asyncio", "asyncssh")
"""Libraries whose `INFO` messages are irrelevant or may contain personal data."""


_OUR_LOGGERS: Final = ("gateway", "adapters", "schemas")


class LogHandler(logging.Handler):
    """Passes the lines of the loggers to a writer."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self.writer = writer

    def createLock(self) -> None:  # noqa: N802 - logging's own name
        """Use no lock: the writer's queue needs none."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line. A line that cannot be made is dropped; logging's default would print its arguments."""
        try:
            line = line_of(record)
        except Exception:  # noqa: BLE001 - any value may be given to a logger
            return
        self.writer.append(line, urgent=record.levelno >= logging.ERROR)


def dropped_lines() -> int:
    """How many log lines were dropped since the start, because too many were waiting."""
    return sum(one.writer.dropped for one in logging.getLogger().handlers if isinstance(one, LogHandler))


def start_logging(path: Path | None = None, level: LogLevel = LogLevel.INFO) -> LogWriter:
    """Log to standard error or to a file, through the thread of a writer. Its `stop` writes the remaining lines."""
    if path is None:
        writer = LogWriter(sys.stderr, closes=False)
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        writer = LogWriter(path.open("a", encoding="utf-8"), closes=True)
    logging.getLogger().handlers = [LogHandler(writer)]
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    set_log_level(level)
    writer.start()
    return writer


def set_log_level(level: LogLevel) -> None:
    """Set the least level of the lines. Libraries write none below `info`, since they debug with data of requests."""
    logging.getLogger().setLevel(max(level.number, logging.INFO))
    for name in _OUR_LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG if level is LogLevel.DEBUG else logging.NOTSET)
