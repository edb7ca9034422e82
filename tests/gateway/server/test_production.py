"""`gerbang serve` as an operator starts it: what is missing stops it with one sentence, and a signal ends it."""

import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.demo.credentials import DemoAccess, store_demo_access
from gateway.ground.errors import TEMPORARY
from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import decode_master_key
from gateway.server.production import EMBEDDED_REFUSED, NEEDS_TERMINAL, NO_ISSUER, NO_PASSWORDS
from gateway.settings import Mode, Settings
from tests.gateway.commands import run
from tests.gateway.ports import held
from tests.gateway.published import published
from tests.leaks import told

KEY = "nFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA2oIxRwP6tNQ"
OTHER_KEY = "Q2oIxRwP6tNnFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA"
PATIENCE = 300.0
ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A gateway of no systems, with an empty home, at any port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GERBANG_")}
    return {
        **kept,
        "GERBANG_HOME": str(tmp_path / "home"),
        "GERBANG_MASTER_KEY": KEY,
        "GERBANG_SYSTEMS": "[]",
        "GERBANG_ALLOW_EMBEDDED_OP": "true",
        "GERBANG_PORT": "0",
        "GERBANG_ISSUER": "http://localhost:8000",
    }


@pytest.fixture
def address(environment: dict[str, str], processes: None) -> str:
    """Where the gateway of this environment is to be reached."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        environment["GERBANG_PORT"] = str(free.getsockname()[1])
    environment["GERBANG_ISSUER"] = f"http://localhost:{environment['GERBANG_PORT']}"
    return f"http://127.0.0.1:{environment['GERBANG_PORT']}"


def run_process(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert told(done.stdout + done.stderr) == set()
    return done


def is_refused(answer: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert (answer.returncode, answer.stderr.strip()) == (2, sentence)


def test_the_keys_of_these_tests_are_keys() -> None:
    assert len(decode_master_key(KEY)) == len(decode_master_key(OTHER_KEY)) == 32


def test_it_serves_after_migrating_and_ends_with_a_signal(
    environment: dict[str, str], address: str, tmp_path: Path
) -> None:
    refused = run_process(environment, "serve")
    is_refused(refused, "The database's tables are not the present ones: run gerbang migrate.")
    assert run_process(environment, "migrate").returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        environment["GERBANG_METRICS_ADDRESS"] = f"127.0.0.1:{free.getsockname()[1]}"
    said = tmp_path / "said"
    with (
        said.open("wb") as complaints,
        subprocess.Popen([sys.executable, "-m", "gateway.cli", "serve"], env=environment, stderr=complaints) as serving,
    ):
        answer = metrics = None
        # It may answer before it has said this: only when both have happened is it asked to end.
        hinted = False
        end = time.monotonic() + PATIENCE
        while not (answer and hinted) and time.monotonic() < end and serving.poll() is None:
            hinted = "gerbang account add" in said.read_text("utf-8")
            try:
                answer = httpx.get(f"{address}/readyz", trust_env=False)
                metrics = httpx.get(f"http://{environment['GERBANG_METRICS_ADDRESS']}/metrics", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=PATIENCE) == 0
    assert told(said.read_text("utf-8")) == set()
    assert hinted, "whoever starts without an account is told how to open one"
    assert answer is not None
    assert metrics is not None
    assert 'gerbang_http_requests_total{operation="getReadiness",method="GET",status="2xx"}' in metrics.text
    assert answer.json() == {
        "ready": True,
        "checks": {"database": True, "snapshots": True, "access_log": True, "serving": True},
    }
    is_refused(
        run({**environment, "GERBANG_MASTER_KEY": OTHER_KEY}, "serve"),
        "The database was sealed under another master key than the one given.",
    )


@pytest.mark.usefixtures("address")
def test_a_hangup_ends_it_after_the_requests_that_are_under_way(environment: dict[str, str]) -> None:
    assert run(environment, "migrate").returncode == 0
    port = int(environment["GERBANG_PORT"])
    command = [sys.executable, "-m", "gateway.cli", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as serving:
        try:
            assert eventually(lambda: is_ready(environment["GERBANG_PORT"]))
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as caller:
                caller.sendall(
                    b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    b"Content-Length: 22\r\nExpect: 100-continue\r\n\r\n"
                )
                assert caller.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it waits for the body
                serving.send_signal(signal.SIGHUP)
                caller.sendall(b"grant_type=unsupported")
                assert caller.recv(100).startswith(b"HTTP/1.1 400 ")
            assert serving.wait(timeout=PATIENCE) == 0
        finally:
            serving.kill()


@pytest.mark.sockets
def test_a_database_that_is_away_is_waited_for_and_then_named_with_a_code_that_is_tried_again(
    environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    port = held(request)
    away = {
        **environment,
        "GERBANG_DATABASE_URL": f"postgresql://gerbang:geheim@127.0.0.1:{port}/kota",
        "GERBANG_DATABASE_LIMITS__START": "PT1S",
    }
    for command in ("migrate", "serve"):
        answer = run(away, command)
        assert answer.returncode == TEMPORARY
        said = answer.stderr.splitlines()[-1]
        assert said.startswith(f"The database kota at 127.0.0.1:{port} cannot be used: ")
        assert "geheim" not in answer.stderr
    unit = (ROOT / "docs" / "operators.md").read_text("utf-8")
    assert "\nRestart=on-failure\n" in unit
    assert "\nRestartPreventExitStatus=2\n" in unit, "and not 75"


@pytest.mark.usefixtures("address")
def test_a_second_gateway_on_one_database_does_not_start_and_commands_work_beside_the_first(
    environment: dict[str, str],
) -> None:
    assert run(environment, "migrate").returncode == 0
    second = {**environment, "GERBANG_PORT": "0", "GERBANG_DATABASE_LIMITS__START": "PT0S"}
    command = [sys.executable, "-m", "gateway.cli", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as serving:
        try:
            assert eventually(lambda: is_ready(environment["GERBANG_PORT"]))
            refused = run(second, "serve")
            assert refused.returncode == TEMPORARY
            assert f"gerbang.db is in use by another gateway (gerbang {serving.pid} on " in refused.stderr
            assert run(environment, "migrate").returncode == 0
            assert run(environment, "account", "list").returncode == 0
        finally:
            serving.kill()  # as in a crash
            serving.wait(timeout=PATIENCE)
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as again:
        try:
            assert eventually(lambda: is_ready(environment["GERBANG_PORT"]))
        finally:
            again.send_signal(signal.SIGTERM)
            assert again.wait(timeout=PATIENCE) == 0


class Terminal:
    """What a process shows at a terminal."""

    def __init__(self) -> None:
        self._ours, self.output = pty.openpty()
        os.set_blocking(self._ours, False)
        self.shown = ""

    def look(self) -> str:
        """All that it has shown so far."""
        with suppress(BlockingIOError, OSError):
            while piece := os.read(self._ours, 4096):
                self.shown += piece.decode()
        return self.shown

    def close(self) -> None:
        self.look()
        os.close(self._ours)


@contextmanager
def serving_at_a_terminal(environment: dict[str, str], *options: str) -> Iterator[Terminal]:
    """`gerbang serve` that answers, with a terminal as its output."""
    terminal = Terminal()
    command = [sys.executable, "-m", "gateway.cli", "serve", *options]
    with subprocess.Popen(command, env=environment, stdout=terminal.output, stderr=subprocess.DEVNULL) as serving:
        os.close(terminal.output)
        try:
            assert eventually(lambda: is_ready(environment["GERBANG_PORT"]))
            yield terminal
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(timeout=PATIENCE)
            terminal.close()


def is_ready(port: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200
    return False


def eventually(has_happened: Callable[[], bool], within: float = PATIENCE) -> bool:
    end = time.monotonic() + within
    while not has_happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def form_of(page: httpx.Response) -> tuple[str, dict[str, str], set[str]]:
    """Where the page's form goes, what it carries unseen, and what it asks."""
    form = LexborHTMLParser(page.text).css_first("form")
    assert form is not None, page.text
    unseen = {node.attributes["name"]: node.attributes["value"] for node in form.css("input[type=hidden]")}
    asked = {node.attributes["name"] or "" for node in form.css("input:not([type=hidden])")}
    return str(page.url.join(form.attributes["action"] or "")), unseen, asked


def test_k68_the_first_operators_password_is_shown_once_and_replaced_at_the_first_sign_in(
    environment: dict[str, str], address: str
) -> None:
    """And nothing is to be had by it but a new password and a second factor."""
    environment["GERBANG_ISSUER"] = issuer = address
    assert run(environment, "migrate").returncode == 0
    with (
        serving_at_a_terminal(environment, "--first-operator", "rahmah") as terminal,
        httpx.Client(trust_env=False, follow_redirects=True, headers={"origin": issuer}) as browser,
    ):
        assert eventually(lambda: "never printed again." in terminal.look()), terminal.shown
        password = terminal.shown.split()[0]
        assert len(password) == 19
        action, unseen, asked = form_of(browser.get(f"{issuer}/account"))
        assert asked == {"username", "password"}
        page = browser.post(action, data={**unseen, "username": "rahmah", "password": password})
        action, unseen, asked = form_of(page)
        assert asked == {"password", "again"}
        assert form_of(browser.get(f"{issuer}/account"))[2] == {"password", "again"}, "first of all"
        same = browser.post(action, data={**unseen, "password": password, "again": password})
        assert same.status_code == 400
        own = "jukung di sungai martapura"
        page = browser.post(action, data={**unseen, "password": own, "again": own})
        assert page.url.path == "/account/second-factor"
        assert browser.get(f"{issuer}/account").url.path == "/account/second-factor", "and then a second factor"
    with serving_at_a_terminal(environment, "--first-operator", "another") as terminal:
        assert not eventually(lambda: terminal.look() != "", within=2), "there is an account: nothing is shown"
    assert terminal.shown == ""
    listed = run(environment, "account", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["rahmah"]
    kept = "".join(path.read_bytes().decode("latin-1") for path in Path(environment["GERBANG_HOME"]).rglob("*.db*"))
    assert "rahmah" in kept
    assert password not in kept


def test_k68_a_first_password_is_shown_at_a_terminal_only(environment: dict[str, str]) -> None:
    """What a service says ends in a log."""
    assert run(environment, "migrate").returncode == 0
    is_refused(run(environment, "serve", "--first-operator", "rahmah"), NEEDS_TERMINAL)
    is_refused(
        run(environment, "serve", "--first-operator", "Rah mah"),
        "A username has small letters, digits, dots, underscores and hyphens only, at most 64.",
    )
    elsewhere = {**environment, "GERBANG_LOGIN_ISSUERS__KOTA__ISSUER": "https://sso.example/realms/kota"}
    elsewhere |= {f"GERBANG_LOGIN_ISSUERS__KOTA__{name}": "gerbang" for name in ("CLIENT_ID", "TITLE_ID", "TITLE_EN")}
    is_refused(run(elsewhere, "serve", "--first-operator", "rahmah"), NO_PASSWORDS)
    assert run(environment, "account", "list").stdout == ""


def test_without_a_master_key_nothing_is_served(environment: dict[str, str]) -> None:
    del environment["GERBANG_MASTER_KEY"]
    is_refused(
        run(environment, "serve"),
        "GERBANG_MASTER_KEY is missing: give 32 bytes in base64url, kept outside the database.",
    )


def test_k68_nobody_proves_who_they_are_to_the_gateway_itself_unless_that_is_decided(
    environment: dict[str, str],
) -> None:
    for left_open in ({}, {"GERBANG_ALLOW_EMBEDDED_OP": "false"}):
        undecided = {name: value for name, value in environment.items() if name != "GERBANG_ALLOW_EMBEDDED_OP"}
        is_refused(run({**undecided, **left_open}, "serve"), EMBEDDED_REFUSED)


def test_the_public_address_is_not_made_up(environment: dict[str, str]) -> None:
    del environment["GERBANG_ISSUER"]
    is_refused(run(environment, "serve"), NO_ISSUER)


@pytest.mark.parametrize(
    "issuer",
    ["http://gerbang.example", "http://10.0.0.1:8000", "http://127.0.0.1.gerbang.example", "http://localhost.example"],
)
def test_k68_an_issuer_without_tls_is_refused_outside_loopback(environment: dict[str, str], issuer: str) -> None:
    is_refused(
        run({**environment, "GERBANG_ISSUER": issuer}, "serve"),
        "The settings do not fit: issuer must be https, or http on loopback.",
    )


@pytest.mark.parametrize("key", ["A" * 43, "QUJD" * 10 + "QUI", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"])
def test_k68_a_key_that_somebody_typed_is_refused(environment: dict[str, str], key: str) -> None:
    assert len(decode_master_key(key)) == 32
    is_refused(
        run({**environment, "GERBANG_MASTER_KEY": key}, "serve"),
        "GERBANG_MASTER_KEY is not random: generate 32 random bytes, and encode them in base64url.",
    )


def test_k68_what_the_demo_keeps_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = Settings(mode=Mode.DEMO, home=home)
    open_sealer(settings)
    store_demo_access(settings, DemoAccess({"somebody": "a password"}, {}))
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    kept = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert kept == {"master.key": 0o600, "demo-accounts.json": 0o600}


def test_k68_it_listens_on_loopback_unless_told_otherwise() -> None:
    assert Settings().host == "127.0.0.1"


@pytest.mark.sockets
def test_e36_a_provider_of_another_name_stops_the_start(
    environment: dict[str, str],
) -> None:
    assert run(environment, "migrate").returncode == 0
    elsewhere = {"CLIENT_ID": "gerbang", "TITLE_ID": "Akun Kota", "TITLE_EN": "City account"}
    named = {f"GERBANG_LOGIN_ISSUERS__KOTA__{name}": value for name, value in elsewhere.items()}
    with published({"issuer": "https://sso.example/realms/lain"}) as issuer:
        is_refused(
            run({**environment, **named, "GERBANG_LOGIN_ISSUERS__KOTA__ISSUER": issuer}, "serve"),
            f"The discovery document of the issuer {issuer} is of another issuer.",
        )
    is_refused(
        run({**environment, **named, "GERBANG_LOGIN_ISSUERS__KOTA__ISSUER": "http://sso.example"}, "serve"),
        "Setting login_issuers.kota.issuer: it must be an https address, or http on loopback, without a query or "
        "fragment.",
    )
