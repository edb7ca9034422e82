"""openapi-python-client, in an environment of its own: what it depends on does not fit what the gateway depends on."""

import os
import shutil
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


def _install() -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    environment = {**os.environ, "VIRTUAL_ENV": str(_HOME)}
    made = called([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_HOME)], environment)
    synced = made or called([uv, "pip", "sync", "--quiet", "--require-hashes", str(_LOCK)], environment)
    if synced is not None:
        do_without(f"openapi-python-client could not be installed: {synced.splitlines()[0]}")
