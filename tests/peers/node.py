"""Node.js, and the independent implementations from npm that run on it; each script of theirs stands in this folder."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VENV = Path(sys.prefix)

_NEW_ENOUGH = "process.exit(Number(process.versions.node.split('.')[0]) >= 20 ? 0 : 1)"
_PATIENCE_SECONDS, _START_SECONDS = 600, 300


@dataclass(frozen=True, slots=True)
class Peers:
    """Node.js with every package of `package-lock.json` beside it; scripts are named by their file in this folder."""

    node: Path

    def run(self, script: str, *arguments: str, seconds: float = 600, **environment: str) -> str:
        """What a script prints; the test fails with what it said when it ends with an error."""
        done = subprocess.run(
            [self.node, HERE / script, *arguments],
            env=self._environment(environment),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{script} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, script: str, *arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """A script that serves until the block ends, and the first line that it printed: it is ready then."""
        with subprocess.Popen(
            [self.node, HERE / script, *arguments],
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                impatience = Timer(_START_SECONDS, process.kill)
                impatience.start()
                line = process.stdout.readline().strip()
                impatience.cancel()
                assert line, f"{script} ended before it was ready"
                yield process, line
            finally:
                process.terminate()

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        # NODE_OPTIONS and the like of whoever runs the tests are not ours.
        return {"PATH": f"{self.node.parent}:{os.environ.get('PATH', '')}", **more}


def find_peers() -> Peers:
    """Node.js and the packages, installed once for each checkout; a skip without Node.js, which in CI is a failure."""
    node = _node()
    if node is None:
        do_without("Node.js 20 or newer is not here, and could not be installed from PyPI")
    _install(node)
    return Peers(node)


def _node() -> Path | None:
    own = VENV / "bin" / "node"
    system = shutil.which("node")
    for candidate in (Path(system) if system and shutil.which("npm") else None, own):
        if candidate and _is_new_enough(candidate):
            return candidate
    with alone():
        if not _is_new_enough(own):
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
            called([*pip, "--only-binary", ":all:", "-r", str(ROOT / "locks" / "node.txt")], os.environ)
    return own if _is_new_enough(own) else None


def _is_new_enough(node: Path) -> bool:
    try:
        return (
            subprocess.run(
                [node, "-e", _NEW_ENOUGH], capture_output=True, timeout=_START_SECONDS, check=False
            ).returncode
            == 0
        )
    except OSError:
        return False


def _install(node: Path) -> None:
    lock, done = HERE / "package-lock.json", HERE / "node_modules" / ".installed"
    with alone():
        if done.is_file() and done.read_bytes() == lock.read_bytes():
            return
        environment = {**os.environ, "PATH": f"{node.parent}:{os.environ.get('PATH', '')}"}
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        said = called(["npm", "ci", *quiet], environment)
        if said is not None:
            do_without(f"the packages of tests/peers could not be installed: {said}")
        shutil.copyfile(lock, done)


def called(command: list[str], environment: Mapping[str, str]) -> str | None:
    """None when the command succeeded; else what it said."""
    try:
        done = subprocess.run(
            command,
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    return None if done.returncode == 0 else (done.stderr.strip()[-500:] or f"exit code {done.returncode}")


@contextmanager
def alone() -> Iterator[None]:
    """While the block runs, no other worker or run of this checkout installs anything here."""
    with (HERE / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def do_without(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{why}; CI needs it")
    pytest.skip(why)
