"""The real demonstration as a subprocess, once for all end-to-end tests, and everything needed to drive it.

The tests here share one xdist group, so that one worker runs them one after the other, against one demo. A test that
breaks a system mends it before it ends: `Demo.whole()` says whether everything is well again. A module that starts
and ends demos of its own is a group for itself. Nothing here depends on how fast the machine is: `eventually` waits
for what is to become true, and only a test that hangs comes to its bound.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from gateway.cli import main
from gateway.demo.home import settings_at
from gateway.demo.seed import issue_demo_token
from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import Sealer
from gateway.settings import Settings
from gateway.storage.engine import Database
from schemas.dates import WITA
from tests.gateway.ports import held
from tests.leaks import EVERYTHING, KEPT, NIK, kept_in, leaks, told
from tests.lifted_limits import LIFTED_VARIABLES

ROOT = Path(__file__).resolve().parents[2]
GERBANG = Path(sys.executable).with_name("gerbang")
HANG_SECONDS = 180.0
"""Longest wait for anything. Nothing here takes so long on a busy machine: a test that waits so long hangs."""
LOOK_SECONDS = 0.05
OFFICER_PURPOSE = {"Gerbang-Purpose": "application-handling"}

QUICK = {
    # Feeds on which tests wait; all others keep their pace, since fetching costs time as well.
    "GERBANG_FEEDS__EVERY": json.dumps(
        {"wirausaha-baru": "PT1.5S", "e-puskesmas": "PT3S", "rtmc": "PT2S", "konsultasi-publik": "PT2S"}
    ),
    "GERBANG_UPSTREAM__FILE_SETTLE": "PT0.1S",
    "GERBANG_UPSTREAM__CIRCUIT_COOL": "PT0.2S",
    "GERBANG_UPSTREAM__QUOTA_RETRY": "PT0.2S",
    "GERBANG_UPSTREAM__LONGEST_HOLD": "PT0.5S",
    "GERBANG_UPSTREAM__LOGIN_AGAIN": "PT0.5S",
    # A busy machine is late, and no test but those of a deadline is about that.
    "GERBANG_DEADLINES__DEFAULT": "60",
    "GERBANG_DEADLINES__LONGEST": "120",
    "GERBANG_DEADLINES__ACCESS_LOG": "10",
    # All tests call from one address.
    **LIFTED_VARIABLES,
}
"""Settings of the shared demo: what was broken is looked for in tenths of a second, and answers have time."""

_OPENLY_SECRET = {"demo-accounts.json", "master.key"}
_GROUPS = {"test_outside.py": "e2e-outside", "test_reload.py": "e2e-reload"}
_LAST = "test_nothing_leaks.py"


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who shares a demo is one group; the scan of what they left behind comes last."""
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours:
        item.add_marker(pytest.mark.xdist_group(_GROUPS.get(item.path.name, "e2e")))
    last = [item for item in ours if item.path.name == _LAST]
    items[:] = [item for item in items if item not in last] + last


class _Run:
    """This run of the tests."""


_RUN = _Run()


def free_port() -> int:
    """A port that nobody has, and that nobody else is given while this run lasts."""
    return held(_RUN)


T = TypeVar("T")


def eventually(ask: Callable[[], T], is_right: Callable[[T], object]) -> T:
    """Ask until the answer is right, and give it; fails with the last answer when that never happens."""
    until = time.monotonic() + HANG_SECONDS
    while not is_right(answer := ask()):
        assert time.monotonic() < until, f"this never became right: {answer}"
        time.sleep(LOOK_SECONDS)
    return answer


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user who has set nothing of Gerbang's but its home."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("GERBANG_", "PORT", "MAKE"))}
    return plain | {"GERBANG_HOME": str(home)} | more


def run_gerbang(home: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    done = subprocess.run(
        [str(GERBANG), *arguments],
        env=environment(home, **variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert told(done.stderr) == set()
    return done


def refusal(home: Path, *arguments: str, **variables: str) -> str:
    """The sentence with which a command ends that cannot do what it is told. It runs in this process: a start costs
    seconds."""
    said = io.StringIO()
    handlers = logging.getLogger().handlers
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        for name in os.environ.keys() - environment(home).keys():
            patch.delenv(name)
        for name, value in environment(home, **variables).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["gerbang", *arguments])
        patch.chdir(ROOT)
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            logging.getLogger().handlers = handlers
    assert ended.value.code == 2, said.getvalue()
    return one_sentence(said.getvalue())


def one_sentence(said: str) -> str:
    """What a command has said when it refused: one sentence in one line, and nothing that must not be told."""
    assert told(said) == set()
    assert "Traceback" not in said
    assert said.endswith(".\n")
    assert said.count("\n") == 1, said
    return said.strip()


class Running:
    """A started command, in a process group of its own, with what it said in two files beside its home."""

    def __init__(self, command: Sequence[str], home: Path, city: Path | None = None, **variables: str) -> None:
        self.home = home
        self.city = city or home / "city"
        self._said = home.with_name(f"{home.name}.{time.monotonic_ns()}.said")
        self._complained = self._said.with_suffix(".complained")
        with self._said.open("wb") as said, self._complained.open("wb") as complained:
            self.process = subprocess.Popen(
                command,
                env=environment(home, **variables),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=complained,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """Its standard output so far."""
        return self._said.read_text("utf-8")

    @property
    def complained(self) -> str:
        """Its standard error so far."""
        return self._complained.read_text("utf-8")

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Wait until it is ready; fails with what it said when it ends instead."""

        def ready() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.complained}"
            return is_ready()

        try:
            eventually(ready, bool)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.said}\n{self.complained}") from failure

    def ended(self) -> bool:
        """Whether not one process of its group is left."""
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self, number: signal.Signals = signal.SIGTERM, *, group: bool = False) -> None:
        """Send a signal, to the command alone or as a terminal does to the whole group; return when all are gone."""
        (os.killpg if group else os.kill)(self.process.pid, number)
        eventually(self.ended, bool)
        assert self.leaks() == set()

    def leaks(self) -> set[str]:
        """What it has told, or kept in its home, that it must not."""
        secrets = secrets_of(self.home, self.city)
        found = leaks("standard error", self.complained.encode(), secrets, EVERYTHING)
        for name, content in kept_by_the_gateway(self.home):
            found |= leaks(name, content, secrets, EVERYTHING if name.endswith(".log") else KEPT)
        return found

    def kill(self) -> None:
        """End all of it by force: only for when a test has failed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def is_ready(address: str) -> bool:
    """Whether a gateway answers that it is ready."""
    try:
        return httpx.get(f"{address}/readyz", timeout=HANG_SECONDS, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


class Simulator:
    """One running simulator, driven through its control API."""

    def __init__(self, listed: Mapping[str, Any]) -> None:
        self.system, self.office, self.url, self.pid = (listed[name] for name in ("id", "office", "url", "pid"))
        self._control = httpx.Client(base_url=listed["control"], timeout=HANG_SECONDS, trust_env=False)

    def __str__(self) -> str:
        return f"{self.system}/{self.office}" if self.office else str(self.system)

    def status(self) -> dict[str, Any]:
        """What it is, which faults it knows, what it has counted."""
        return dict(self._control.get("/status").json())

    def fault(self, kind: str, **more: Any) -> httpx.Response:
        """Put a fault on, or `none`."""
        return self._control.put("/fault", json={"kind": kind, **more})

    def clear_received(self) -> None:
        """Forget the requests received so far, and how many of them were there at once."""
        assert self._control.delete("/received").status_code == 204

    def add(self, **record: Any) -> str:
        """Add a record; its key."""
        answer = self._control.post("/records", json=record)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    def withdraw(self, key: str) -> None:
        """Withdraw a record."""
        assert self._control.delete(f"/records/{key}").status_code == 204

    def close(self) -> None:
        """Leave the control API."""
        self._control.close()


class Demo(Running):
    """The demonstration, once it is ready, as its users see it."""

    def __init__(self, home: Path, port: int, command: Sequence[str] = (), **variables: str) -> None:
        super().__init__(command or (str(GERBANG), "demo", "--port", str(port)), home, None, **variables)
        self.port = port
        self.problems: list[str] = []
        self._tokens: dict[tuple[str, ...], tuple[str, float]] = {}
        self._simulators: dict[str, Simulator] = {}
        hooks = {"response": [self._note]}
        self.client = httpx.Client(base_url=self.url, timeout=HANG_SECONDS, trust_env=False, event_hooks=hooks)

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        """Wait for the last line of what is printed when everything is ready."""
        self.wait_until(lambda: "/v1/me/overview\n" in self.said)

    def _note(self, response: httpx.Response) -> None:
        if response.status_code >= 400:
            response.read()
            self.problems.append(f"{response.text}\n{response.headers}")

    def leaks(self) -> set[str]:
        """That, and what it has printed or refused: it prints a token for whoever has started it, and no number."""
        secrets = secrets_of(self.home)
        printed = leaks("standard output", self.said.encode(), {}, {NIK})
        refused = {leak for one in self.problems for leak in leaks("a problem", one.encode(), secrets)}
        return super().leaks() | printed | refused

    @property
    def settings(self) -> Settings:
        """The settings that it runs with."""
        return settings_at(self.home, self.port)

    @property
    def sealer(self) -> Sealer:
        """The sealer under its master key."""
        return open_sealer(self.settings)

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """Its database, beside the gateway, in synchronous code."""
        database = Database(self.settings.database)
        try:
            yield database
        finally:
            asyncio.run(database.aclose())

    def token(self, account: str, *scopes: str) -> str:
        """An access token, as `gerbang token` prints it, without the second that a command takes."""
        known, until = self._tokens.get((account, *scopes), ("", 0.0))
        if time.monotonic() < until:
            return known
        token = asyncio.run(self._mint([account], scopes))[0]
        self._tokens[account, *scopes] = (token, time.monotonic() + 400)
        return token

    def mint(self, accounts: Sequence[str], *scopes: str) -> list[str]:
        """An access token for each of many accounts."""
        return asyncio.run(self._mint(accounts, scopes))

    async def _mint(self, accounts: Sequence[str], scopes: Sequence[str]) -> list[str]:
        database = Database(self.settings.database)
        try:
            minting = (database, self.sealer, self.settings)
            return [await issue_demo_token(*minting, account, scopes) for account in accounts]
        finally:
            await database.aclose()

    def get(self, path: str, account: str | None = None, **headers: str) -> httpx.Response:
        """GET a path of the gateway, signed in as `account` if there is one."""
        bearer = {"Authorization": f"Bearer {self.token(account)}"} if account else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=bearer | named)

    def departures(self, stop_id: str) -> list[dict[str, Any]]:
        """The departures from a stop tomorrow morning: in the evening, the next hours have none."""
        morning = f"{datetime.now(WITA) + timedelta(days=1):%Y-%m-%d}T06:00:00%2B08:00"
        found = self.get(f"/v1/transit/stops/{stop_id}/departures?departs_from={morning}").json()["items"]
        return list(found)

    def overview(self, account: str = "resident", wait: int | None = None) -> dict[str, Any]:
        """What `/v1/me/overview` answers, which is 200 whatever happens to some of the systems."""
        answer = self.get("/v1/me/overview", account, **({"Prefer": f"wait={wait}"} if wait else {}))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def simulators(self) -> dict[str, Simulator]:
        """The simulators by name, such as `dukcapil` or `e-puskesmas/cempaka`."""
        if not self._simulators:
            listed = json.loads((self.home / "city" / "city.json").read_text("utf-8"))["simulators"]
            self._simulators = {str(simulator): simulator for simulator in map(Simulator, listed)}
        return self._simulators

    def leave(self) -> None:
        """Close the connections to all of it."""
        self.client.close()
        for simulator in self._simulators.values():
            simulator.close()

    def whole(self) -> dict[str, Any]:
        """The resident's overview once it is complete again."""
        return eventually(self.overview, lambda answer: answer["complete"])


def source_name(provenance: Mapping[str, Any]) -> str:
    """The source of a record as simulators are named."""
    system, office = provenance["system"], provenance["office"]
    return f"{system}/{office}" if office else str(system)


OFFICES = {"e-puskesmas": ("cempaka", "pekauman", "sungai-jingah")}
"""The offices of each system of the demo that has several."""


def by_source(answer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The sources of an envelope by the names of simulators; without those of visits, which no overview shows.

    A system with offices becomes one source for each of them. An office that its source does not list has the state of
    the system; if others are listed, it has answered.
    """
    found: dict[str, dict[str, Any]] = {}
    for source in answer["sources"]:
        if source.get("resource") != "visit":
            found |= _by_office(source)
    return found


def _by_office(source: dict[str, Any]) -> dict[str, dict[str, Any]]:
    system = source["system"]
    if system not in OFFICES:
        return {system: source}
    listed = {office["office"]: office for office in source.get("offices", ())}
    of_all = {name: source[name] for name in ("state", "cause") if name in source}
    others = {"state": "fresh"} if listed else of_all
    return {f"{system}/{office}": listed.get(office, others) for office in OFFICES[system]}


def ids_by_source(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ids of an envelope's items, in order, by the source that they come from."""
    found: dict[str, list[str]] = {}
    for item in answer["items"]:
        found.setdefault(source_name(item["provenance"]), []).append(item["id"])
    return found


def secrets_of(home: Path, city: Path | None = None) -> dict[str, bytes]:
    """Every secret of a gateway and of the city behind it: passwords, client secrets, the master key, what the systems
    have handed out."""
    known = json.loads((home / "demo-accounts.json").read_text("utf-8"))
    found = {f"password of {name}": value for name, value in known["passwords"].items()}
    found |= {f"secret of {name}": value for name, value in known["secrets"].items()}
    found["master key"] = (home / "master.key").read_text("ascii")
    found |= {str(path): path.read_text("ascii") for path in ((city or home / "city") / "simulators").rglob("*.secret")}
    return {name: value.strip().encode() for name, value in found.items()}


def kept_by_the_gateway(home: Path) -> Iterator[tuple[str, bytes]]:
    """Whatever the gateway has written into its home, file by file, and its database column by column."""
    for path in home.iterdir():
        if path.is_file() and path.name not in _OPENLY_SECRET:
            yield path.name, path.read_bytes()
    yield from kept_in(f"sqlite:///{home / 'gerbang.db'}")


@pytest.fixture(scope="session", autouse=True)
def every_test_runs_processes(processes: None) -> None:
    """Keep this folder out of the quick loop."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all end-to-end tests of this worker."""
    running = Demo(tmp_path_factory.mktemp("e2e") / "home", free_port(), **QUICK)
    try:
        running.wait_until_ready()
        yield running
        running.leave()
        running.end()
        assert running.process.returncode == 0
    finally:
        running.kill()
