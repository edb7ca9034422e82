"""The line of each answered request, made so that it costs the event loop almost nothing."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Final, NamedTuple

from gateway.observability.log_lines import log_time, masked
from gateway.observability.logs import LogHandler
from gateway.observability.settings import LogSettings

_FAILED: Final = 500
_STEP: Final = 0.6180339887498949
"""The golden ratio's fraction: its multiples, modulo 1, are spread evenly and follow no rhythm of requests."""

_log = logging.getLogger("gateway.request")
_root = logging.getLogger()
_quoted: Callable[[str], str] = encode_basestring_ascii


class RequestLine(NamedTuple):
    """One request, not formatted yet. `created`: seconds since the epoch at its end."""

    created: float
    request_id: str
    method: str
    route: str
    status: int
    milliseconds: float

    def text(self) -> str:
        """The line as JSON: the same as from a logger's record with these fields."""
        level = "info" if self.status < _FAILED else "warning"
        return (
            f'{{"at": "{log_time(self.created)}", "level": "{level}", "logger": "gateway.request", '
            f'"message": "request", "request_id": {_quoted(masked(self.request_id))}, '
            f'{_often(self.method, self.route, self.status)}, "milliseconds": {round(self.milliseconds, 1)}}}'
        )


@lru_cache(maxsize=512)
def _often(method: str, route: str, status: int) -> str:
    """The fields that many lines have in common."""
    return f'"method": {_quoted(masked(method))}, "route": {_quoted(masked(route))}, "status": {status:d}'


class RequestLog:
    """Writes one line for each request, or for a share of them; always for an answer with a status from 500 on.

    Lines of failed requests have the level `warning`, others `info`. Before `start_logging` they go to the logger
    `gateway.request`.
    """

    def __init__(self, settings: LogSettings) -> None:
        self._share = settings.requests
        self._position = 0.0

    def add(self, request_id: str, method: str, route: str, status: int, milliseconds: float) -> None:
        """Add the line of a finished request. `route` is the template of its path, or `-`."""
        level = logging.INFO
        if status >= _FAILED:
            level = logging.WARNING
        elif self._share < 1:
            self._position = (self._position + _STEP) % 1
            if self._position >= self._share:
                return
        if not _log.isEnabledFor(level):
            return
        line = RequestLine(time.time(), request_id, method, route, status, milliseconds)
        for handler in _root.handlers:
            if isinstance(handler, LogHandler):
                handler.writer.append(line)
                return
        fields = line._asdict()
        del fields["created"]
        write = _log.info if level == logging.INFO else _log.warning
        write("request", extra=fields | {"milliseconds": round(milliseconds, 1)})
