"""The runner: it starts every simulator in a separate process, and leaves no process behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.city import Child, Plan, main
from simulators.overlay import overlay
from simulators.people import DEMONSTRATION
from tests.simulators.conftest import HANG_SECONDS

Started = tuple["subprocess.Popen[str]", Path]
pytestmark = pytest.mark.xdist_group("city")


def _start(home: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "simulators.city", "--home", str(home), *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _until_ready(city: "subprocess.Popen[str]", home: Path) -> list[dict[str, Any]]:
    assert city.stdout is not None
    lines = []
    for line in city.stdout:
        lines.append(line)
        if "ready" in line:
            simulators: list[dict[str, Any]] = json.loads((home / "city.json").read_text("utf-8"))["simulators"]
            return simulators
    city.wait()
    raise AssertionError(f"the city did not get ready: {lines} {city.stderr and city.stderr.read()}")


def _lives(pid: int) -> bool:
    try:
        # A zombie has exited but was not reaped yet.
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _all_end(pids: list[int]) -> bool:
    until = time.monotonic() + HANG_SECONDS
    while any(_lives(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def _running(home: Path) -> Iterator[Started]:
    process = _start(home, "--only", "dukcapil", "--until-input-closes")
    try:
        yield process, home
    finally:
        process.kill()
        process.communicate(timeout=HANG_SECONDS)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Started]:
    """A city of one simulator, for a test that ends it."""
    with _running(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple["subprocess.Popen[str]", Path, dict[str, Any]]]:
    """A ready city of one simulator, for read-only tests, and for the one that ends it."""
    with _running(tmp_path_factory.mktemp("city")) as (process, home):
        (simulator,) = _until_ready(process, home)
        yield process, home, simulator


def test_overlays_are_private_and_contain_address_and_credentials(shared: tuple[Any, Path, dict[str, Any]]) -> None:
    _, home, simulator = shared
    path = home / "systems" / "dukcapil.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "city.json").stat().st_mode) == 0o600
    (office,) = tomllib.loads(path.read_text("utf-8"))["offices"]
    assert office["base_url"] == simulator["url"]
    assert len(office["password"]) >= 16
    assert "id" not in office
    people = json.loads((home / "people.json").read_text("utf-8"))
    assert people == {account: person.nik or None for account, person in DEMONSTRATION.items()}
    assert stat.S_IMODE((home / "people.json").stat().st_mode) == 0o600


def _refused(home: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """Return the error sentence of a city that cannot run; in this process, because a start takes a second."""
    assert main(["--home", str(home), *more]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


def test_a_city_that_cannot_run_is_one_sentence(
    shared: tuple[Any, Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, home, simulator = shared
    assert _refused(home, capsys) == f"A city is already running from {home}.\n"
    assert _lives(simulator["pid"])
    assert "There is no simulator called e-dinas" in _refused(tmp_path, capsys, "--only", "e-dinas")
    (tmp_path / "file").touch()
    assert "cannot be used" in _refused(tmp_path / "file", capsys)


def test_a_simulator_that_cannot_start_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "simulators" / "dukcapil").mkdir(parents=True)
    (tmp_path / "simulators" / "dukcapil" / "registry.sqlite").write_text("no database" * 100)
    assert _refused(tmp_path, capsys, "--only", "dukcapil").startswith("The simulator dukcapil cannot start: ")


def test_a_hanging_simulator_ends_like_any_other(shared: tuple["subprocess.Popen[str]", Path, dict[str, Any]]) -> None:
    process, home, simulator = shared
    httpx.put(f"{simulator['control']}/fault", json={"kind": "hang"}, trust_env=False, timeout=HANG_SECONDS)
    with (
        httpx.Client(trust_env=False, timeout=httpx.Timeout(HANG_SECONDS, read=0.2)) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get(simulator["url"])
    with socket.create_connection(("127.0.0.1", httpx.URL(simulator["url"]).port)) as hanging:
        hanging.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        process.terminate()
        assert process.wait(timeout=HANG_SECONDS) == 0
    assert not _lives(simulator["pid"])
    assert not (home / "city.json").exists()
    assert not list((home / "systems").iterdir())


def test_a_killed_parent_leaves_no_process(city: Started) -> None:
    process, home = city
    (simulator,) = _until_ready(process, home)
    process.kill()
    assert _all_end([simulator["pid"]])


def test_the_city_ends_when_its_input_closes(city: Started) -> None:
    process, home = city
    (simulator,) = _until_ready(process, home)
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    assert process.wait(timeout=HANG_SECONDS) == 0
    assert not _lives(simulator["pid"])


def test_one_simulator_can_be_killed_and_its_storage_survives(city: Started) -> None:
    process, home = city
    (simulator,) = _until_ready(process, home)
    key = httpx.post(
        f"{simulator['control']}/records",
        json={"kind": "resident", "fields": {"NIK": "6371990101700099"}},
        trust_env=False,
        timeout=HANG_SECONDS,
    ).json()["key"]
    os.kill(simulator["pid"], signal.SIGKILL)
    assert process.stderr is not None
    assert process.stderr.readline() == "The simulator dukcapil has exited (code -9).\n"
    assert process.poll() is None
    process.terminate()
    assert process.wait(timeout=HANG_SECONDS) == 0
    again = _start(home, "--only", "dukcapil")
    try:
        (simulator,) = _until_ready(again, home)
        withdrawn = httpx.delete(f"{simulator['control']}/records/{key}", trust_env=False, timeout=HANG_SECONDS)
        assert withdrawn.status_code == 204
    finally:
        again.terminate()
        again.communicate(timeout=HANG_SECONDS)


class _ExitsLate:
    """A process that does not exit in time, and has exited when it is to be killed."""

    def __init__(self) -> None:
        self.waits = 0

    def terminate(self) -> None:
        """Take notice only."""

    def kill(self) -> None:
        raise ProcessLookupError

    async def wait(self) -> int:
        self.waits += 1
        if self.waits == 1:
            raise TimeoutError
        return 0


@pytest.mark.anyio
async def test_a_simulator_that_exits_just_after_the_time_limit_is_stopped(tmp_path: Path) -> None:
    child = Child(Plan("dukcapil", None, "simulators.dukcapil.simulator", tmp_path))
    child._process = process = _ExitsLate()  # type: ignore[assignment]  # has what `stop` calls
    await child.stop()
    assert process.waits == 2


def test_an_overlay_is_valid_toml_for_any_value() -> None:
    settings = {"text": 'a "b" \\ \n \x7f é 😀', "number": 7, "switch": True}
    simulators = [
        {"id": "x", "office": "a", "url": "http://127.0.0.1:1", "settings": settings},
        {"id": "x", "office": "b", "url": "file:///drop/a%20b", "settings": {"folder": "/drop/own"}},
    ]
    read = tomllib.loads(overlay(simulators))["offices"]
    assert read == [
        {"id": "a", "base_url": "http://127.0.0.1:1", **settings},
        {"id": "b", "folder": "/drop/own"},
    ]
