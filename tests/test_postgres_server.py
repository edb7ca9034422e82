"""The server of a test run: one for all its workers, ended with the run, however the run ends."""

import fcntl
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.postgres_server import NoServerError, ServerFolder, server_url

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("processes")

HOLDER = """
import sys
from tests.postgres_server import ServerFolder
folder = ServerFolder()
print(folder.path, flush=True)
sys.stdin.read()
folder.release()
"""
WORKER = """
import sys
from pathlib import Path
from tests.postgres_server import server_url
print(server_url(Path(sys.argv[1])))
"""


class Holder:
    """A run in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.folder = Path(self.process.stdout.readline().strip())

    def wait(self) -> None:
        """Wait until the process has ended."""
        self.process.communicate(timeout=120)


def ask(folder: Path) -> str:
    """The answer that another worker gets; a worker is a process of its own."""
    done = subprocess.run([sys.executable, "-c", WORKER, folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=30).close()
    except psycopg.OperationalError:
        return True
    return False


def test_workers_that_ask_at_once_share_one_server_that_ends_with_the_run() -> None:
    holder = Holder()
    with ThreadPoolExecutor(3) as workers:
        urls = set(workers.map(ask, [holder.folder] * 3))
    assert len(urls) == 1
    (url,) = urls
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    assert refuses(url.replace("postgres:", "postgres:not-"))
    holder.wait()
    assert refuses(url)
    assert not holder.folder.exists()


def test_a_killed_run_leaves_no_server() -> None:
    holder = Holder()
    url = server_url(holder.folder)
    with (holder.folder / "keeper").open("a") as keeper:
        holder.process.send_signal(signal.SIGKILL)
        holder.wait()
        fcntl.flock(keeper, fcntl.LOCK_EX)  # until the keeper has ended
    assert refuses(url)
    assert not holder.folder.exists()


def test_a_run_that_asks_for_no_server_starts_none() -> None:
    folder = ServerFolder()
    assert [file.name for file in folder.path.iterdir()] == ["hold"]
    folder.release()
    assert not folder.path.exists()


def test_where_no_server_can_be_started_every_worker_is_told_why() -> None:
    folder = ServerFolder()
    (folder.path / "server").touch()
    for _ in range(2):
        with pytest.raises(NoServerError, match="FileExistsError"):
            server_url(folder.path)
    folder.release()
    assert not folder.path.exists()
