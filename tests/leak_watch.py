"""Fails every test that logs, or answers with, a personal number or a secret. The patterns are in `tests/leaks.py`.

A pytest plugin. It listens at the levels at which the gateway logs in production, and fails the test during which
something was told; where it was told and of which kind stands in the failure, never what.

A test that tells such a thing on purpose says so:

    @pytest.mark.told_on_purpose(reason="…")
"""

import logging
from collections.abc import Generator
from typing import Any, Final

import httpx
import pytest

from gateway.observability.log_lines import JsonFormatter
from gateway.observability.logs import NOISY_LOGGERS
from tests.leaks import EVERYTHING, told

OURS: Final = ("gateway", "adapters", "schemas", "conformance", "simulators")
_OWN_HANDLERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""Libraries that may keep their lines from the root logger."""
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_JSON: Final = ("application/problem+json", "application/json")

Phase = Generator[None, Any, Any]


class LeakWatch(logging.Handler):
    """What was told since the last look, by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._line = JsonFormatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Read a line as the gateway would write it; of our own loggers, all that was given to them as well."""
        written = self._line.format(record)
        name = record.name.partition(".")[0]
        if name in OURS:
            given = [str(value) for key, value in vars(record).items() if key not in _STANDARD]
            written = "\n".join([written, _message(record), *given])
        elif record.levelno >= (logging.WARNING if name in NOISY_LOGGERS else logging.INFO):
            written = f"{written}\n{_message(record)}"
        self.found |= {f"{kind} in a line of {record.name} ({record.levelname})" for kind in told(written)}

    def read(self, request: httpx.Request, response: httpx.Response, body: bytes) -> None:
        """Read a refusal."""
        headers = [value for name, value in response.headers.items() if name in {"location", "www-authenticate"}]
        kinds = told("\n".join([body.decode("utf-8", "replace"), *headers]), EVERYTHING)
        self.found |= {f"{kind} in a {response.status_code} to {request.method} {_first(request)}" for kind in kinds}

    def listen(self) -> None:
        """Be there, whoever has replaced the handlers."""
        for name in ("", *_OWN_HANDLERS):
            logger = logging.getLogger(name)
            if self not in logger.handlers:
                logger.addHandler(self)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep what `caplog` collects at warnings, although the root logger lets more through.

        pytest's own setting `log_level` would set the level of the root logger six times in each test, which takes
        longer than most tests.
        """
        plugin: Any = session.config.pluginmanager.get_plugin("logging-plugin")
        for handler in (plugin.caplog_handler, plugin.report_handler):
            handler.setLevel(logging.WARNING)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Phase:
        """Judge what was told while it was set up."""
        self.listen()
        yield
        self._judge(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        """Judge what it told."""
        marker = item.get_closest_marker("told_on_purpose")
        assert marker is None or marker.kwargs.get("reason"), "told_on_purpose wants a reason"
        self.listen()
        yield
        self._judge(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Phase:
        """Judge what was told while it was taken down, and what is left of a test that failed."""
        try:
            yield
        finally:
            self._judge(item)

    def _judge(self, item: pytest.Item) -> None:
        found, self.found = self.found, set()
        if found and item.get_closest_marker("told_on_purpose") is None:
            pytest.fail("Told what must not be told: " + "; ".join(sorted(found)), pytrace=False)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit: told one by one
        return f"{record.msg} {record.args}"


def _first(request: httpx.Request) -> str:
    """The address without what may be secret in it."""
    return "/".join(request.url.path.split("/")[:3])


def pytest_configure(config: pytest.Config) -> None:
    """Begin to read along."""
    config.addinivalue_line("markers", "told_on_purpose(reason): tells what a log must not tell; says why")
    watch = LeakWatch()
    config.pluginmanager.register(watch, "leak-watch")
    logging.getLogger().setLevel(logging.INFO)
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    _read_refusals(watch)


def _read_refusals(watch: LeakWatch) -> None:
    """Read what applications in this process refuse, whichever client asks them."""
    answer = httpx.ASGITransport.handle_async_request

    async def read(self: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
        response = await answer(self, request)
        if response.status_code >= 400 and response.headers.get("content-type", "").startswith(_JSON):
            watch.read(request, response, await response.aread())
        return response

    httpx.ASGITransport.handle_async_request = read  # type: ignore[method-assign]  # for every client of every test
