"""The watch finds what it looks for, or else it would prove nothing; and what is harmless does not trouble it."""

import logging
import os
import sqlite3
from pathlib import Path

import pytest

from gateway.identity.passwords import new_password
from tests.leak_watch import LeakWatch
from tests.leaks import CODE, HEADER, NIK, PASSWORD, TOKEN, kept_openly, told

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]
NUMBER = "6371994502900011"
# In the form of a number of the city, put together here so that nothing that looks for one in files finds it.
REGULAR = "637101" + NUMBER[6:]
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmVk"
SECRET = "nFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA2oIxRwP6tNQ"

INNER = f'''
import logging
import httpx
import pytest

@pytest.fixture
def tells_late():
    yield
    logging.getLogger("gateway.tests").info("after it", extra={{"nik": "{NUMBER}"}})

def test_says_a_number():
    logging.getLogger("gateway.tests").info("somebody %s", "{NUMBER}")

def test_says_nothing():
    logging.getLogger("gateway.tests").info("somebody", extra={{"reason": "nothing"}})

def test_says_it_late(tells_late):
    pass

@pytest.mark.told_on_purpose(reason="shown here")
def test_says_it_on_purpose():
    logging.getLogger("gateway.tests").info("somebody %s", "{NUMBER}")

@pytest.mark.told_on_purpose
def test_says_it_without_a_reason():
    logging.getLogger("gateway.tests").info("somebody %s", "{NUMBER}")

async def refuse(scope, receive, send):
    headers = [(b"content-type", b"application/problem+json")]
    await send({{"type": "http.response.start", "status": 400, "headers": headers}})
    await send({{"type": "http.response.body", "body": b'{{"detail": "no {NUMBER}"}}'}})

@pytest.mark.anyio
async def test_repeats_a_number():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(refuse), base_url="http://x") as http:
        assert "no" in (await http.get("/v1/x")).json()["detail"]
'''


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"of {NUMBER}", {NIK}),
        (f"x={NUMBER}&y", {NIK}),
        (f"f{NUMBER}", {NIK}),
        (REGULAR, {NIK}),
        (JWT, {TOKEN}),
        ("q686-vpqe-hmna-6tz8", {PASSWORD}),
        (SECRET, {CODE}),
        (f"/oauth2/login?ticket={SECRET}{SECRET}", {CODE}),
        ("Authorization: Basic eDp5eXl5eXk=", {HEADER}),
        ("{'cookie': 'gerbang-signin=short'}", {HEADER}),
        ("with bearer abcdefghijklmnop", {HEADER}),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", set()),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", set()),
        (f"0.{REGULAR}", set()),
        (f"f{REGULAR}", set()),
        (REGULAR.replace("4502", "9902"), set()),
        ("9871994502900011", set()),
        ("tests/gateway/oidc/test_two_processes.py::test_b11_one_of_sixteen_redeems_a_code", set()),
        ("the token cannot be read; one-time-pads-", set()),
    ],
)
def test_what_is_told(text: str, kinds: set[str]) -> None:
    assert told(text) == kinds


def test_passwords_have_the_shape_that_is_looked_for() -> None:
    assert told(new_password()) == {PASSWORD}


@pytest.mark.parametrize(
    ("logger", "level", "given", "found"),
    [
        ("gateway.request", logging.DEBUG, {"msg": "said %s", "args": (NUMBER,)}, True),
        ("gateway.request", logging.INFO, {"msg": "said", "on_no_list": {"nik": NUMBER}}, True),
        ("gateway.request", logging.INFO, {"msg": "said", "reason": f"about {NUMBER}"}, True),
        ("adapters.x", logging.INFO, {"msg": "said %s %s", "args": (JWT,)}, True),
        ("httpx", logging.WARNING, {"msg": "said %s", "args": (JWT,)}, True),
        ("httpx", logging.INFO, {"msg": "said %s", "args": (JWT,)}, False),
        ("sqlalchemy.engine", logging.INFO, {"msg": "said %s", "args": (SECRET,)}, True),
        ("gateway.request", logging.INFO, {"msg": "said", "status": 200, "request_id": "f47ac10b-58cc"}, False),
    ],
)
def test_whose_lines_are_read(logger: str, level: int, given: dict[str, object], found: bool) -> None:
    watch = LeakWatch()
    watch.emit(logging.makeLogRecord({"name": logger, "levelno": level, "levelname": "X", **given}))
    assert bool(watch.found) is found
    assert not told("".join(watch.found)), "what was found is not repeated"


@pytest.mark.processes
def test_a_run_fails_where_something_was_told(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    pytester.makepyfile(INNER)
    monkeypatch.setenv("COLUMNS", "200")
    run = pytester.runpytest_subprocess(
        "-p", "tests.leak_watch", "-p", "no:cacheprovider", "-p", "no:xdist", "-rA", "--show-capture=no"
    )
    run.assert_outcomes(passed=3, failed=3, errors=1)
    run.stdout.fnmatch_lines_random(
        [
            "PASSED *::test_says_nothing",
            "PASSED *::test_says_it_on_purpose",
            "FAILED *::test_says_a_number - *a NIK in a line of gateway.tests (INFO)*",
            "ERROR *::test_says_it_late - *a NIK in a line of gateway.tests (INFO)*",
            "FAILED *::test_says_it_without_a_reason - *wants a reason*",
            "FAILED *::test_repeats_a_number* - *a NIK in a 400 to GET /v1/x*",
        ]
    )
    assert NUMBER not in run.stdout.str()


def test_what_a_database_holds_openly(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with sqlite3.connect(path) as database:
        database.execute("create table people (name text, sealed blob, number integer)")
        database.execute(
            "insert into people values ('Galuh', x'00ff', 7), ('rahasia', ?, ?)", (JWT.encode(), int(NUMBER))
        )
    database.close()
    found = kept_openly(f"sqlite:///{path}", {"a word": b"rahasia"})
    assert found == {"people.name: a word", f"people.sealed: {TOKEN}", f"people.number: {NIK}"}
