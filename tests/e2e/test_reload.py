"""`gerbang demo --reload`, in a copy of the tree: a changed file restarts the gateway, and nothing else.

A caller is never refused: while there is no gateway, a request waits for the next one.
"""

import json
import shutil
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import HANG_SECONDS, ROOT, Demo, free_port

FOLDERS = ("gateway", "adapters", "schemas", "config", "simulators")
READY_AGAIN = "Gerbang is ready again"
TEXTS = "gateway/oidc/html/texts_landing.py"
ENDED = "Gerbang has ended (code 1)"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages and of `config`, whose files may be changed."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder)
    return copy


@pytest.fixture(scope="module")
def demo(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    port = free_port()
    command = (sys.executable, "-m", "gateway.cli", "demo", "--reload", "--port", str(port))
    home = tmp_path_factory.mktemp("reload") / "home"
    # The copy takes the place of the tree in which this test runs.
    running = Demo(home, port, command, PYTHONPATH=str(tree), PYTHONSAFEPATH="1")
    try:
        running.wait_until_ready()
        yield running
        running.leave()
    finally:
        running.kill()


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), "utf-8")


def wait_for(demo: Demo, line: str, times: int = 1) -> None:
    """Wait until a line has been printed so often."""
    demo.wait_until(lambda: demo.said.count(line) >= times)


def get(demo: Demo, path: str, **headers: str) -> httpx.Response:
    """GET over a connection of its own, so that none of an earlier gateway is used."""
    return httpx.get(f"{demo.url}{path}", headers=headers, timeout=HANG_SECONDS, trust_env=False)


def running_simulators(demo: Demo) -> dict[str, int]:
    """The process of each simulator, by its address."""
    listed = json.loads((demo.home / "city" / "city.json").read_text("utf-8"))["simulators"]
    return {one["url"]: one["pid"] for one in listed}


def test_a_change_restarts_the_gateway_and_keeps_the_city_the_accounts_and_the_keys(demo: Demo, tree: Path) -> None:
    city = running_simulators(demo)
    accounts = (demo.home / "demo-accounts.json").read_bytes()
    bearer = f"Bearer {demo.token('resident')}"
    assert "Pintu yang diubah" not in get(demo, "/").text

    edit(tree / TEXTS, "Satu pintu ke semua layanan kota", "Pintu yang diubah")
    wait_for(demo, READY_AGAIN)
    assert f"Berubah · Changed: {TEXTS}\n" in demo.said
    assert "Pintu yang diubah" in get(demo, "/").text

    assert running_simulators(demo) == city
    assert (demo.home / "demo-accounts.json").read_bytes() == accounts
    assert get(demo, "/v1/me/overview", Authorization=bearer).status_code == 200


def test_a_gateway_that_cannot_start_is_started_at_the_next_change_and_callers_wait_for_it(
    demo: Demo, tree: Path
) -> None:
    ready = demo.said.count(READY_AGAIN)
    operations = tree / "gateway/api/resources/health_checks.py"
    edit(operations, '"""', '!"""')
    wait_for(demo, ENDED)
    assert "SyntaxError" in demo.complained

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, demo, "/livez")
        edit(operations, '!"""', '"""')
        wait_for(demo, READY_AGAIN, ready + 1)
        assert answer.result().status_code == 200


def test_a_signal_of_the_terminal_ends_all_of_it(demo: Demo) -> None:
    demo.leave()
    demo.end(signal.SIGINT, group=True)
    assert demo.process.returncode == 0
