"""openapi-python-client, in an environment of its own: what it depends on does not fit what the gateway depends on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.peers.node import ROOT, VENV, alone, called, do_without

_LOCK = ROOT / "locks" / "openapi-python-client.txt"
_HOME = VENV / "openapi-python-client"


def find_generator() -> Path:
    """The folder with the generator and its Python, installed once for each checkout.

    Where it cannot be installed the test is skipped, which in CI is a failure.
    """
    done = _HOME / ".installed"
    with alone():
        if not (done.is_file() and done.read_bytes() == _LOCK.read_bytes()):
            _install()
            shutil.copyfile(_LOCK, done)
    return _HOME / "bin"


class GeneratedClient:
    """The client in Python of a document, generated in `folder` by the page's own command and settings."""

    def __init__(self, folder: Path, document: bytes, command: str, settings: str) -> None:
        self._generator = find_generator()
        self._folder = folder
        (folder / "gerbang.json").write_bytes(document)
        (folder / "client.yml").write_text(settings, "utf-8")
        self.said = self._run(*command.split())

    def python(self, *arguments: str | Path, stdin: str = "", **environment: str) -> str:
        """Run Python with the client on its path, and return what it prints."""
        return self._run(self._generator / "python", *arguments, stdin=stdin, **environment)

    def _run(self, *command: str | Path, stdin: str = "", **environment: str) -> str:
        path = {
            "PATH": f"{self._generator}:/usr/bin:/bin",
            "PYTHONPATH": str(self._folder / "gerbang-client"),
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=path | environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _install() -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    environment = {**os.environ, "VIRTUAL_ENV": str(_HOME)}
    made = called([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_HOME)], environment)
    synced = made or called([uv, "pip", "sync", "--quiet", "--require-hashes", str(_LOCK)], environment)
    if synced is not None:
        do_without(f"openapi-python-client could not be installed: {synced.splitlines()[0]}")
