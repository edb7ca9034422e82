"""The lines of requests: the same as from a logger, for a share of the requests, and for every failure."""

import json
import logging
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.ground.clock import WITA
from gateway.observability.log_lines import JsonFormatter, log_time
from gateway.observability.logs import set_log_level, start_logging
from gateway.observability.request_log import RequestLine, RequestLog
from gateway.observability.settings import LogLevel, LogSettings

NIK = "6371994502900011"
REQUEST = ("f47ac10b-58cc", "GET", "/v1/complaints", 200, 1.25)

texts = st.text(max_size=80) | st.sampled_from([NIK, f"a {NIK}", '"', "\\", "\ud800", "é"])


@pytest.fixture
def written(tmp_path):
    """Log to a file. The function stops this, and returns the lines."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    writer = start_logging(tmp_path / "gateway.log")

    def lines():
        writer.stop()
        return [json.loads(one) for one in (tmp_path / "gateway.log").read_text("utf-8").splitlines()]

    yield lines
    writer.stop()
    set_log_level(LogLevel.INFO)
    root.handlers = before
    root.setLevel(level)


@given(texts, texts, texts, st.integers(100, 599), st.floats(0, 1e7))
def test_a_line_is_the_same_as_that_of_a_logger(request_id, method, route, status, milliseconds):
    line = RequestLine(1_800_000_000.123456, request_id, method, route, status, milliseconds)
    level = logging.INFO if status < 500 else logging.WARNING
    given = {
        "name": "gateway.request",
        "msg": "request",
        "levelno": level,
        "levelname": logging.getLevelName(level),
        "created": line.created,
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": round(milliseconds, 1),
    }
    assert line.text() == JsonFormatter().format(logging.makeLogRecord(given))


def test_a_request_reaches_the_log_beside_the_lines_of_loggers(written):
    log = RequestLog(LogSettings())
    logging.getLogger("gateway").info("before")
    log.add(*REQUEST)
    logging.getLogger("gateway").info("after")
    before, request, after = written()
    assert [before["message"], after["message"]] == ["before", "after"]
    del request["at"]
    assert request == {
        "level": "info",
        "logger": "gateway.request",
        "message": "request",
        "request_id": "f47ac10b-58cc",
        "method": "GET",
        "route": "/v1/complaints",
        "status": 200,
        "milliseconds": 1.2,
    }


def test_without_a_writer_the_line_goes_to_the_logger(caplog):
    with caplog.at_level(logging.INFO, "gateway.request"):
        RequestLog(LogSettings()).add("r1", "GET", "/v1/complaints", 503, 1.26)
    (record,) = caplog.records
    assert (record.name, record.levelname, record.getMessage()) == ("gateway.request", "WARNING", "request")
    assert (record.request_id, record.route, record.status, record.milliseconds) == ("r1", "/v1/complaints", 503, 1.3)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.25, 0.5, 1.0])
def test_a_share_of_the_requests_has_a_line_and_every_failure(written, share):
    log = RequestLog(LogSettings(requests=share))
    for number in range(4000):
        # Requests that follow a rhythm: half of them, and a tenth, are of the same kind.
        log.add("r", "GET", ["/a", "/b"][number % 2], 200, 1.0)
        log.add("r", "GET", "/c", 404 if number % 10 else 500, 1.0)
    lines = written()
    assert sum(one["status"] == 500 for one in lines) == 400
    for route, count in (("/a", 2000), ("/b", 2000)):
        assert sum(one["route"] == route for one in lines) == pytest.approx(share * count, abs=20)
    assert sum(one["status"] == 404 for one in lines) == pytest.approx(share * 3600, abs=20)


def test_at_the_level_warning_only_failures_have_a_line(written):
    set_log_level(LogLevel.WARNING)
    log = RequestLog(LogSettings(level=LogLevel.WARNING))
    for status in (200, 404, 500, 503):
        log.add("r", "GET", "/a", status, 1.0)
    assert [(one["status"], one["level"]) for one in written()] == [(500, "warning"), (503, "warning")]


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_between_none_and_all(share):
    with pytest.raises(ValidationError):
        LogSettings(requests=share)


@given(st.floats(0, 4_000_000_000))
def test_the_time_of_a_line_is_that_of_the_city(created):
    exact = datetime.fromtimestamp(round(created * 1_000_000) // 1_000_000, WITA)
    milliseconds = round(created * 1_000_000) // 1_000 % 1_000
    assert log_time(created) == exact.replace(microsecond=milliseconds * 1_000).isoformat(timespec="milliseconds")
