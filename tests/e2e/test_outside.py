"""Proof 1: the outside, as its users meet it. Demos are started and ended here that nobody else uses."""

import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.city import SIMULATORS
from tests.e2e.conftest import (
    GERBANG,
    HANG_SECONDS,
    ROOT,
    Demo,
    Running,
    by_source,
    environment,
    eventually,
    free_port,
    ids_by_source,
    is_ready,
    kept_by_the_gateway,
    leaks,
    one_sentence,
    refusal,
    run_gerbang,
    secrets_of,
)
from tests.leaks import NIK

ACCOUNTS = [
    "resident",
    "resident-damaged",
    "resident-renamed",
    "resident-no-nik",
    "officer-mantuil",
    "operator",
    "developer",
    "integrator",
]
SYSTEMS = ("dukcapil", "e-kelurahan", "e-puskesmas", "wirausaha-baru")
LISTS = ("/v1/services", "/v1/health/facilities", "/v1/programmes", "/v1/enterprises")
ISSUER = "https://gerbang.example"
KEY = "nFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA2oIxRwP6tNQ"


def sentence(result: "subprocess.CompletedProcess[str]") -> str:
    """The one sentence that a command ended with."""
    assert result.returncode == 2, f"{result.returncode}: {result.stderr}"
    return one_sentence(result.stderr)


def ids_of(demo: Demo, path: str) -> list[str]:
    return [item["id"] for item in demo.get(f"{path}?limit=200").json()["items"]]


class Before:
    """What the first run showed, to compare the later ones with."""

    def __init__(self, demo: Demo) -> None:
        self.overview = ids_by_source(demo.overview())
        self.lists = {path: ids_of(demo, path) for path in LISTS}
        page = demo.get("/v1/programmes?limit=7").json()
        self.first_page, self.cursor = [item["id"] for item in page["items"]], page["next"]
        self.accounts = accounts(demo.home)
        self.at = datetime.now().astimezone()
        self.overlays = demo.home.parent / "overlays"
        shutil.copytree(demo.home / "city" / "systems", self.overlays)


def accounts(home: Path) -> dict[str, Any]:
    result = run_gerbang(home, "accounts", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outside") / "home"


@pytest.fixture(scope="module")
def made(home: Path) -> Iterator[Demo]:
    """`make demo` in an empty home."""
    port = free_port()
    stamp = Path(sys.prefix) / ".installed"  # what the tests run in is installed already
    demo = Demo(home, port, ["make", f"VENV={sys.prefix}", f"--assume-old={stamp}", "demo", f"PORT={port}"])
    try:
        demo.wait_until_ready()
        yield demo
        demo.leave()
    finally:
        demo.kill()


@pytest.fixture(scope="module")
def before(made: Demo) -> Before:
    return Before(made)


# While it runs


def test_what_is_printed_when_it_is_ready(made: Demo, before: Before) -> None:
    assert "Gerbang siap · Gerbang is ready" in made.said
    assert f"http://localhost:{made.port}/v1\n" in made.said
    assert f"http://localhost:{made.port}/docs\n" in made.said
    for account in before.accounts["accounts"]:
        assert re.search(rf"^ +{account['account']} +{re.escape(account['password'])}$", made.said, re.MULTILINE)
    for simulator in made.simulators().values():
        assert simulator.url in made.said
    assert made.complained == ""


def test_every_office_of_every_system_is_a_process_of_the_city(made: Demo) -> None:
    offices: dict[str, list[str | None]] = {}
    for simulator in made.simulators().values():
        offices.setdefault(simulator.system, []).append(simulator.office)
        status = simulator.status()
        assert (status["system"], status["office"], status["fault"]) == (simulator.system, simulator.office, "none")
    specs = {system: importlib.import_module(module).SIMULATOR for system, module in SIMULATORS.items()}
    assert offices == {system: list(spec.offices) or [None] for system, spec in specs.items()}
    assert len({simulator.pid for simulator in made.simulators().values()}) == sum(map(len, offices.values()))
    assert {path.stem for path in (made.city / "systems").iterdir()} == set(offices)


def test_its_metrics_are_served_at_the_address_that_it_prints(made: Demo) -> None:
    found = re.search(r"Metrik · Metrics +(http://127\.0\.0\.1:\d+/metrics)$", made.said, re.MULTILINE)
    assert found
    text = httpx.get(found[1], trust_env=False, timeout=HANG_SECONDS).text
    for simulator in made.simulators().values():
        circuit = f'gerbang_upstream_circuit_open{{system="{simulator.system}",office="{simulator.office or ""}"}} 0\n'
        assert circuit in text
    assert leaks("the metrics", text.encode(), secrets_of(made.home), {NIK}) == set()
    assert made.get("/metrics").status_code == 404


def test_it_serves_loopback_only_under_its_issuer(made: Demo) -> None:
    metadata = made.get("/.well-known/openid-configuration").json()
    assert metadata["issuer"] == f"http://localhost:{made.port}"
    with socket.socket() as probe:
        # Every address of 127.0.0.0/8 is this machine's; only 127.0.0.1 is listened on.
        assert probe.connect_ex(("127.0.0.2", made.port)) != 0
    assert made.get("/docs").status_code == 200
    assert made.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_the_accounts_are_printed_again(before: Before) -> None:
    listed = before.accounts["accounts"]
    assert [account["account"] for account in listed] == ACCOUNTS
    assert len({account["password"] for account in listed}) == len(ACCOUNTS)
    clients = {client["client_id"]: client["secret"] for client in before.accounts["clients"]}
    assert clients["gerbang-mobile"] is None
    assert clients["gerbang-web"]


def test_a_token_from_the_command_line_opens_the_overview(made: Demo, home: Path) -> None:
    printed = run_gerbang(home, "token", "resident", "--scope", "profile.read", "--acr", "2")
    assert printed.returncode == 0
    token = printed.stdout.strip()
    assert token.count(".") == 2
    headers = {"Authorization": f"Bearer {token}"}
    assert made.client.get("/v1/me", headers=headers).json()["complete"] is True
    assert made.client.get("/v1/me/applications", headers=headers).status_code == 403


def shell(line: str, demo: Demo) -> str:
    """A line as printed, but for the port, and for where the tests' own command stands."""
    line = line.replace("localhost:8000", f"localhost:{demo.port}").replace(".venv/bin/gerbang", str(GERBANG))
    done = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl --silent --fail --noproxy '*' ")],
        env=environment(demo.home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_printed_curl_line_works(made: Demo) -> None:
    (line,) = [line.strip() for line in made.said.splitlines() if line.strip().startswith("curl ")]
    assert json.loads(shell(line, made))["complete"] is True


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_lines_of_the_readme_work_as_printed(made: Demo) -> None:
    text = (ROOT / "README.md").read_text("utf-8").replace("\\\n", " ")
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    lines = [line for line in blocks.splitlines() if line.startswith(("curl ", ".venv/bin/gerbang city fault "))]
    assert sum(line.startswith("curl ") for line in lines) >= 3
    broken = False
    for line in lines:
        said = shell(line, made)
        if line.startswith("curl "):
            answer = json.loads(said)
            assert answer["items"], line
            assert answer["complete"] is not broken, line
        else:
            broken = not line.endswith(" none")
    assert not broken


# What cannot be done


def test_an_unknown_account(made: Demo, home: Path) -> None:
    said = refusal(home, "token", "nobody")
    assert all(account in said for account in ACCOUNTS)


def test_a_token_outside_the_demo(made: Demo, home: Path, tmp_path: Path) -> None:
    assert "demo" in refusal(home, "token", "resident", GERBANG_MODE="production")
    assert "make demo" in refusal(tmp_path / "empty", "token", "resident")
    assert "make demo" in refusal(tmp_path / "empty", "accounts")


def test_a_port_that_is_taken(made: Demo, tmp_path: Path) -> None:
    said = refusal(tmp_path / "home", "demo", "--port", str(made.port))
    assert str(made.port) in said
    assert "PORT=" in said


def test_a_second_demo_in_the_same_home(made: Demo, home: Path) -> None:
    second = run_gerbang(home, "demo", "--port", str(free_port()))
    assert (second.returncode, second.stdout) == (75, "")
    assert "is in use by another gateway" in one_sentence(second.stderr)
    assert made.get("/v1/programmes").status_code == 200


def test_a_home_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert "file" in refusal(tmp_path / "file", "demo", "--port", str(free_port()))


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"port = [", "TOML"), (b"\xff\xfe\x00", "config.toml"), (b"colour = 1", "colour"), (None, "config.toml")],
)
def test_a_settings_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, word: str) -> None:
    path = tmp_path / "config.toml"
    # A folder in the place of the file cannot be read even by root.
    path.mkdir() if content is None else path.write_bytes(content)
    said = refusal(tmp_path / "home", "serve", GERBANG_CONFIG=str(path), GERBANG_MASTER_KEY=KEY)
    assert word in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[[offices]\n", ("dukcapil.toml", "TOML")),
        ("[[offices]]\nbase_url = 7\n", ("dukcapil.toml", "base_url")),
        ("[system]\nid = 'dukcapil'\nlife = true\n", ("dukcapil.toml", "life")),
    ],
)
def test_a_system_whose_file_is_wrong(tmp_path: Path, content: str, words: tuple[str, ...]) -> None:
    systems = tmp_path / "systems"
    systems.mkdir()
    (systems / "dukcapil.toml").write_text(content, "utf-8")
    folders = json.dumps([str(systems)])
    decided = {"GERBANG_MASTER_KEY": KEY, "GERBANG_ALLOW_EMBEDDED_OP": "true", "GERBANG_ISSUER": ISSUER}
    said = refusal(tmp_path / "home", "serve", GERBANG_SYSTEMS=folders, **decided)
    assert all(word in said for word in words)


def foreign(path: Path) -> Path:
    """A database of somebody else."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table ledger (id integer)")
        database.commit()
    return path


def test_a_database_that_is_not_ours(tmp_path: Path) -> None:
    url = f"sqlite:///{foreign(tmp_path / 'theirs.db')}"
    assert "not ours" in refusal(tmp_path / "home", "migrate", GERBANG_DATABASE_URL=url)
    (tmp_path / "picture.db").write_bytes(b"GIF89a" * 1000)
    url = f"sqlite:///{tmp_path / 'picture.db'}"
    assert "database" in refusal(tmp_path / "home", "migrate", GERBANG_DATABASE_URL=url)
    refusal(tmp_path / "home", "migrate", GERBANG_DATABASE_URL="mysql://localhost/x")


def test_production_makes_nothing_up(tmp_path: Path) -> None:
    assert "GERBANG_MASTER_KEY" in refusal(tmp_path / "home", "serve")
    given = {"GERBANG_MASTER_KEY": KEY, "GERBANG_SYSTEMS": "[]"}
    assert "GERBANG_ALLOW_EMBEDDED_OP" in refusal(tmp_path / "home", "serve", **given)
    given["GERBANG_ALLOW_EMBEDDED_OP"] = "true"
    assert "GERBANG_ISSUER" in refusal(tmp_path / "home", "serve", **given)
    given["GERBANG_ISSUER"] = ISSUER
    assert "gerbang migrate" in refusal(tmp_path / "home", "serve", **given)


# Ending, and starting again on the same data


@pytest.fixture(scope="module")
def ended(made: Demo, before: Before) -> None:
    """SIGTERM to `make` alone, while a resident waits for a system that hangs."""
    for name in ("e-puskesmas/pekauman", "e-kelurahan"):
        made.simulators()[name].fault("hang")
    made.token("resident")
    asked = made.simulators()["e-kelurahan"]
    earlier = asked.status()["requests"]
    waiting = threading.Thread(target=_ask_in_vain, args=(made,))
    waiting.start()
    eventually(asked.status, lambda now: now["requests"] > earlier)
    made.end(signal.SIGTERM)
    waiting.join()


def _ask_in_vain(demo: Demo) -> None:
    with contextlib.suppress(httpx.HTTPError):  # the gateway may be gone before it could answer
        demo.get("/v1/me/overview", "resident", Prefer="wait=15")


def test_sigterm_to_make_ends_everything(made: Demo, ended: None) -> None:
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", made.port)) != 0
    for simulator in made.simulators().values():
        with pytest.raises(ProcessLookupError):
            os.kill(simulator.pid, 0)
    assert not (made.city / "city.json").exists()
    assert not list((made.city / "systems").iterdir())
    assert "Traceback" not in made.complained


def test_without_any_system_the_snapshots_of_the_first_run_are_served(
    home: Path, made: Demo, before: Before, ended: None, tmp_path: Path
) -> None:
    """`gerbang serve` on the data of the first run, with every system away."""
    systems = tmp_path / "systems"
    systems.mkdir()
    for name in SYSTEMS:
        text = (before.overlays / f"{name}.toml").read_text("utf-8")
        text = re.sub(r'^base_url = ".*"$', 'base_url = "http://127.0.0.1:9"', text, flags=re.MULTILINE)
        text = re.sub(r'^folder = ".*"$', f'folder = "{tmp_path / "nowhere"}"', text, flags=re.MULTILINE)
        (systems / f"{name}.toml").write_text(text, "utf-8")
    settings = {
        "GERBANG_MODE": "demo",
        "GERBANG_PORT": str(made.port),
        "GERBANG_SYSTEMS": json.dumps([str(systems)]),
        "GERBANG_AGENCIES": str(ROOT / "config" / "agencies.toml"),
    }
    started_at = datetime.now(UTC)
    serving = Running([str(GERBANG), "serve"], home, **settings)
    client = httpx.Client(base_url=made.url, timeout=HANG_SECONDS, trust_env=False)

    try:
        serving.wait_until(lambda: is_ready(made.url))
        for path in LISTS:
            answer = client.get(f"{path}?limit=200").json()
            assert [item["id"] for item in answer["items"]] == before.lists[path]
            assert answer["complete"] is False
            for source in answer["sources"]:
                assert (source["state"], source["cause"]) == ("stale", "unavailable")
                assert datetime.fromisoformat(source["fetched_at"]) < started_at
        (token,) = made.mint(["resident"])
        answer = client.get("/v1/me/overview", headers={"Authorization": f"Bearer {token}"}).json()
        states = {name: source["state"] for name, source in by_source(answer).items()}
        assert states.pop("wirausaha-baru") == "stale"
        assert set(states.values()) == {"failed"}, "what is asked is never shown from yesterday"
        assert ids_by_source(answer) == {"wirausaha-baru": before.overview["wirausaha-baru"]}
        serving.end(signal.SIGINT)
    finally:
        client.close()
        serving.kill()


def test_a_second_start_works_on_the_data_of_the_first(home: Path, made: Demo, before: Before, ended: None) -> None:
    demo = Demo(home, made.port)
    try:
        demo.wait_until_ready()
        assert accounts(home) == before.accounts
        shown = ids_by_source(demo.overview())
        for name in ("dukcapil", "e-kelurahan", "wirausaha-baru"):
            assert shown[name] == before.overview[name], name
        assert {path: ids_of(demo, path) for path in LISTS} == before.lists
        # A cursor outlives the list that it was made from: it goes on at the same place.
        seen, cursor = list(before.first_page), before.cursor
        while cursor:
            page = demo.get(f"/v1/programmes?limit=7&cursor={cursor}").json()
            seen, cursor = seen + [item["id"] for item in page["items"]], page["next"]
        assert seen == before.lists["/v1/programmes"]
        # A Ctrl-C reaches every process of the terminal at once.
        demo.end(signal.SIGINT, group=True)
        assert demo.process.returncode == 0
        assert "Traceback" not in demo.complained
        demo.leave()
    finally:
        demo.kill()


def test_a_demo_on_a_database_that_is_not_ours(home: Path, ended: None, tmp_path: Path) -> None:
    url = f"sqlite:///{foreign(tmp_path / 'theirs.db')}"
    assert "not ours" in refusal(home, "demo", "--port", str(free_port()), GERBANG_DATABASE_URL=url)


def test_a_simulator_that_will_not_start(home: Path, ended: None) -> None:
    storage = home / "city" / "simulators" / "dukcapil" / "registry.sqlite"
    whole = storage.read_bytes()
    storage.write_bytes(b"GIF89a" * 1000)
    try:
        assert "dukcapil cannot start" in sentence(run_gerbang(home, "demo", "--port", str(free_port())))
    finally:
        storage.write_bytes(whole)


def test_nothing_of_all_this_is_left_in_clear(home: Path, ended: None) -> None:
    secret = secrets_of(home)
    assert {leak for name, content in kept_by_the_gateway(home) for leak in leaks(name, content, secret)} == set()
