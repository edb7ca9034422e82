"""Logs: listed fields only, no exception messages, no message arguments, no personal numbers."""

import ast
import io
import json
import logging
import queue
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.observability.logs import FIELDS, JsonFormatter, _LineHandler, _NonBlockingQueueHandler, start_logging

NIK = "6371994502900011"


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
    root.handlers, root.level = before, level


def test_lines_reach_the_file_in_order_and_libraries_keep_their_arguments(tmp_path, quiet_root):
    listener = start_logging(tmp_path / "logs" / "gateway.log")
    for number in range(50):
        logging.getLogger("gateway").info("counted", extra={"count": number, "nik": NIK})
    logging.getLogger("a.package").warning("cookie %s", NIK)
    logging.getLogger("aiosqlite").info("not said at all")
    listener.stop()
    assert listener.handlers[0]._target.stream is None, "the file is closed"
    written = [json.loads(text) for text in (tmp_path / "logs" / "gateway.log").read_text("utf-8").splitlines()]
    assert [one["count"] for one in written[:50]] == list(range(50))
    assert [one["message"] for one in written[50:]] == ["cookie %s"]
    assert NIK not in json.dumps(written)


def test_lines_are_dropped_when_the_queue_is_full(capsys):
    handler = _NonBlockingQueueHandler(queue.Queue(3))
    handler.setFormatter(JsonFormatter())
    for _ in range(10):
        handler.handle(logging.makeLogRecord({"msg": "said"}))
    handler.handle(logging.makeLogRecord({"msg": "said", "levelname": None, "args": (NIK,)}))
    assert handler.queue.qsize() == 3
    assert capsys.readouterr() == ("", "")


def test_a_full_disk_does_not_end_the_writer():
    class Full(io.StringIO):
        def write(self, _text):
            raise OSError(28, "No space left on device")

    _LineHandler(logging.StreamHandler(Full())).emit(logging.makeLogRecord({"msg": "said"}))


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
    for path in (Path(__file__).parents[3] / "gateway").rglob("*.py"):
        for said in said_in(path):
            named = [one.value for one in said.keywords if one.arg == "extra"] if isinstance(said, ast.Call) else [said]
            written = [node for part in named for node in ast.walk(part) if isinstance(node, ast.Dict)]
            keys = {key.value for one in written for key in one.keys if isinstance(key, ast.Constant)}
            arguments = len(said.args) if isinstance(said, ast.Call) else 1
            if keys - set(FIELDS) or arguments > 1:
                missed.append((path.name, said.lineno, sorted(keys - set(FIELDS)), arguments))
    assert missed == []
