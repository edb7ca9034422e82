"""Logs: listed fields only, no exception messages, no message arguments, no personal numbers."""

import ast
import io
import json
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.observability.log_lines import FIELDS, JsonFormatter
from gateway.observability.log_writer import LogWriter
from gateway.observability.logs import LogHandler, set_log_level, start_logging
from gateway.observability.settings import LogLevel

NIK = "6371994502900011"
ROOT = Path(__file__).parents[3]


def line(message="said", *arguments, exc_info=None, **extra):
    logger = logging.getLogger("gateway.test")
    record = logger.makeRecord(logger.name, logging.INFO, "-", 1, message, arguments, exc_info, extra=extra)
    return JsonFormatter().format(record)


values = st.none() | st.text() | st.integers() | st.floats() | st.lists(st.text(), max_size=2)
extras = st.dictionaries(st.from_regex(r"[a-z]{3,12}", fullmatch=True), values, max_size=5)
RESERVED = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


@given(extra=extras | st.dictionaries(st.sampled_from(FIELDS), values, max_size=5))
def test_a_line_holds_listed_fields_only(extra):
    written = line(**{name: value for name, value in extra.items() if name not in RESERVED})
    assert "\n" not in written
    found = json.loads(written)
    assert set(found) <= {"at", "level", "logger", "message", *FIELDS}
    assert {name for name in extra if name in FIELDS and extra[name] is not None} <= set(found)


def test_the_text_of_an_exception_never_gets_in():
    error = LookupError("geheim")
    written = [
        line("broken", exc_info=(type(error), error, None)),
        line("broken: %s", error),
        line(error),
        line("broken", error=error, reason=error),
    ]
    assert "geheim" not in "".join(written)
    found = [json.loads(one) for one in written]
    assert [one["message"] for one in found] == ["broken", "broken: %s", "LookupError", "broken"]
    assert [one.get("error") for one in found] == ["LookupError", None, None, "LookupError"]


@given(
    digits=st.from_regex(r"[0-9]{13}|[0-9]{16}", fullmatch=True),
    around=st.sampled_from(["", " ", "/", "nik=", "é"]),
    field=st.sampled_from(["reason", "request_id", "outcome", "message"]),
)
def test_what_looks_like_a_number_of_a_person_is_left_out(digits, around, field):
    text = f"{around}{digits}{around[:1]}"
    written = line(text) if field == "message" else line(**{field: text})
    assert digits not in json.loads(written)[field]


def test_numbers_of_requests_and_counts_stay():
    number = "00000000-1111-2222-3333-444444444444"
    written = json.loads(line(request_id=number, bytes=1234567890123456, generation=3))
    assert (written["request_id"], written["bytes"], written["generation"]) == (number, 1234567890123456, 3)


@pytest.fixture
def quiet_root():
    """Restore the root logger after the test."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    yield root
    set_log_level(LogLevel.INFO)
    root.handlers = before
    root.setLevel(level)


def test_lines_reach_the_file_in_order_and_libraries_keep_their_arguments(tmp_path, quiet_root):
    listener = start_logging(tmp_path / "logs" / "gateway.log")
    for number in range(50):
        logging.getLogger("gateway").info("counted", extra={"count": number, "nik": NIK})
    logging.getLogger("a.package").warning("cookie %s", NIK)
    logging.getLogger("aiosqlite").info("not said at all")
    listener.stop()
    assert "log-writer" not in {thread.name for thread in threading.enumerate()}
    written = [json.loads(text) for text in (tmp_path / "logs" / "gateway.log").read_text("utf-8").splitlines()]
    assert [one["count"] for one in written[:50]] == list(range(50))
    assert [one["message"] for one in written[50:]] == ["cookie %s"]
    assert NIK not in json.dumps(written)


class HeldStream(io.StringIO):
    """Keeps what is written. While `go` is not set, writing waits."""

    def __init__(self):
        super().__init__()
        self.begun = threading.Event()
        self.go = threading.Event()
        self.writes = 0

    def write(self, text):
        self.begun.set()
        self.go.wait()
        self.writes += 1
        return super().write(text)

    def lines(self):
        return [json.loads(one) for one in self.getvalue().splitlines()]


@pytest.fixture
def stream():
    return HeldStream()


@pytest.fixture
def writer(stream):
    started = LogWriter(stream, closes=False)
    started.start()
    yield started
    stream.go.set()
    started.stop()


def record(number=0, level=logging.INFO, **changes):
    return logging.makeLogRecord({"msg": "said", "levelno": level, "levelname": "INFO", "count": number} | changes)


def held(writer, stream):
    """A handler whose writer is busy with a first line."""
    handler = LogHandler(writer)
    handler.handle(record(level=logging.ERROR))
    stream.begun.wait()
    return handler


def test_lines_of_a_while_are_written_at_once_and_in_order(writer, stream):
    handler = held(writer, stream)
    for number in range(1, 500):
        handler.handle(record(number))
    stream.go.set()
    writer.stop()
    assert [one["count"] for one in stream.lines()] == list(range(500))
    assert stream.writes == 2


def test_a_value_is_written_as_it_was_when_it_was_logged(writer, stream):
    handler = held(writer, stream)
    systems = ["lapor"]
    handler.handle(record(reason=systems))
    systems.append("dukcapil")
    stream.go.set()
    writer.stop()
    assert stream.lines()[1]["reason"] == "['lapor']"


def test_an_error_is_written_without_waiting_for_further_lines(stream, monkeypatch):
    monkeypatch.setattr("gateway.observability.log_writer.INTERVAL_SECONDS", 3600)
    writer = LogWriter(stream, closes=False)
    writer.start()
    LogHandler(writer).handle(record())
    LogHandler(writer).handle(record(1, level=logging.ERROR))
    stream.begun.wait()
    stream.go.set()
    writer.stop()
    assert [one["count"] for one in stream.lines()] == [0, 1]


def test_many_waiting_lines_are_written_without_waiting_for_further_ones(stream, monkeypatch):
    monkeypatch.setattr("gateway.observability.log_writer.INTERVAL_SECONDS", 3600)
    monkeypatch.setattr("gateway.observability.log_writer._MANY_LINES", 10)
    writer = LogWriter(stream, closes=False)
    writer.start()
    for number in range(11):
        LogHandler(writer).handle(record(number))
    stream.begun.wait()
    stream.go.set()
    writer.stop()
    assert len(stream.lines()) == 11


def test_lines_are_dropped_and_counted_when_too_many_wait(writer, stream, monkeypatch, capsys):
    monkeypatch.setattr("gateway.observability.log_writer._MOST_LINES", 3)
    handler = held(writer, stream)
    for number in range(1, 11):
        handler.handle(record(number))
    stream.go.set()
    writer.stop()
    assert writer.dropped == 7
    *written, dropped = stream.lines()
    assert [one["count"] for one in written] == [0, 1, 2, 3]
    assert (dropped["level"], dropped["message"], dropped["count"]) == ("warning", "log lines dropped", 7)
    assert capsys.readouterr() == ("", "")


def test_a_line_that_cannot_be_made_is_dropped_without_a_word(writer, stream, capsys):
    handler = held(writer, stream)
    handler.handle(record(levelname=None, args=(NIK,)))
    stream.go.set()
    writer.stop()
    assert len(stream.lines()) == 1
    assert capsys.readouterr() == ("", "")


def test_a_full_disk_does_not_end_the_writer():
    class Full(HeldStream):
        full = True

        def write(self, text):
            self.begun.set()
            if self.full:
                raise OSError(28, "No space left on device")
            return super().write(text)

    stream = Full()
    stream.go.set()
    writer = LogWriter(stream, closes=False)
    writer.start()
    LogHandler(writer).handle(record(level=logging.ERROR))
    stream.begun.wait()
    writer.append(StopsBeingFull(stream))
    writer.stop()
    assert [one["count"] for one in stream.lines()] == [7]


class StopsBeingFull:
    """A line during whose formatting the disk gets space again."""

    def __init__(self, stream):
        self._stream = stream

    def text(self):
        self._stream.full = False
        return '{"count": 7}'


def test_after_the_end_nothing_is_written_and_nothing_fails(writer, stream):
    stream.go.set()
    writer.stop()
    writer.stop()
    LogHandler(writer).handle(record())
    assert stream.getvalue() == ""


def test_the_level_is_that_of_our_loggers_and_libraries_never_debug(tmp_path, quiet_root):
    written = {}
    for level in LogLevel:
        listener = start_logging(tmp_path / f"{level}.log", level)
        for name in ("gateway.a", "adapters.b", "a.package"):
            for number in (logging.DEBUG, logging.INFO, logging.WARNING):
                logging.getLogger(name).log(number, "said")
        listener.stop()
        lines = [json.loads(text) for text in (tmp_path / f"{level}.log").read_text("utf-8").splitlines()]
        written[level] = [(one["logger"], one["level"]) for one in lines]
    assert written == {
        "debug": [(name, level) for name in ("gateway.a", "adapters.b") for level in ("debug", "info", "warning")]
        + [("a.package", level) for level in ("info", "warning")],
        "info": [(name, level) for name in ("gateway.a", "adapters.b", "a.package") for level in ("info", "warning")],
        "warning": [(name, "warning") for name in ("gateway.a", "adapters.b", "a.package")],
    }


CRASHING = """
import logging, pathlib, sys
from gateway.observability.logs import start_logging

start_logging(pathlib.Path(sys.argv[1]))
logging.getLogger("gateway").info("said")
raise RuntimeError
"""


@pytest.mark.usefixtures("processes")
def test_a_process_that_ends_by_an_exception_writes_its_lines(tmp_path):
    command = [sys.executable, "-c", CRASHING, tmp_path / "a.log"]
    ended = subprocess.run(command, check=False, capture_output=True, cwd=ROOT)
    assert ended.returncode == 1
    assert [json.loads(one)["message"] for one in (tmp_path / "a.log").read_text("utf-8").splitlines()] == ["said"]


LOGS = {"_log", "_LOG", "log"}


def said_in(path):
    """Yield the calls of loggers in a module, and the functions that build `extra` fields for them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if isinstance(node.func.value, ast.Name) and node.func.value.id in LOGS:
                yield node
        elif isinstance(node, ast.FunctionDef) and node.name in {"where", "_where", "log_fields", "_log_fields"}:
            yield node


def test_every_field_that_the_gateway_logs_is_listed():
    """Unlisted fields and message arguments are silently omitted from the line, so no code may use them."""
    missed = []
    for path in (ROOT / "gateway").rglob("*.py"):
        for said in said_in(path):
            named = [one.value for one in said.keywords if one.arg == "extra"] if isinstance(said, ast.Call) else [said]
            written = [node for part in named for node in ast.walk(part) if isinstance(node, ast.Dict)]
            keys = {key.value for one in written for key in one.keys if isinstance(key, ast.Constant)}
            arguments = len(said.args) if isinstance(said, ast.Call) else 1
            if keys - set(FIELDS) or arguments > 1:
                missed.append((path.name, said.lineno, sorted(keys - set(FIELDS)), arguments))
    assert missed == []
