"""Runs `gerbang` in this process, as its entry point does: what is refused needs no process of its own."""

import io
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest.mock import patch

from gateway import cli
from tests.leaks import told


def run(environment: Mapping[str, str], *words: str) -> CompletedProcess[str]:
    """The exit code and all that the command wrote, in this environment and no other."""
    out, err = io.StringIO(), io.StringIO()
    command = ["gerbang", *words]
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    code = 0
    try:
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", command),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert told(out.getvalue() + err.getvalue()) == set()
    return CompletedProcess(command, code, out.getvalue(), err.getvalue())
