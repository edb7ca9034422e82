"""The image contains compiled modules: each package that is copied into it is compiled, after it was copied."""

import compileall
import importlib.util
import re
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

DOCKERFILE = Path(__file__).resolve().parents[1] / "Dockerfile"


def instructions() -> list[str]:
    """The instructions, continued lines joined, without comments."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", "").splitlines() if line.strip()]


def test_each_copied_package_is_compiled_after_it_was_copied() -> None:
    copied: list[str] = []
    for line in instructions():
        if copy := re.fullmatch(r"COPY (\w+) \1", line):
            copied.append(copy[1])
        elif "compileall" in line:
            command, packages = line.split("unchecked-hash ")
            break
    else:
        pytest.fail("nothing is compiled")
    assert command == "RUN /opt/gerbang/bin/python -m compileall -q --invalidation-mode "
    assert packages.split() == [one for one in copied if any((DOCKERFILE.parent / one).rglob("*.py"))]


def test_libraries_are_compiled_by_pip() -> None:
    (install,) = (line for line in instructions() if "pip install" in line)
    assert "--no-compile" not in install
    before_the_last_stage = DOCKERFILE.read_text("utf-8").rpartition("\nFROM ")[0]
    assert "PYTHONDONTWRITEBYTECODE" not in before_the_last_stage


def test_such_a_module_stays_compiled_whatever_time_its_source_has(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("VALUE = 'compiled'\n")
    unchecked = PycInvalidationMode.UNCHECKED_HASH
    assert compileall.compile_dir(tmp_path, quiet=1, invalidation_mode=unchecked)
    source.write_text("VALUE = 'read again'\n")
    spec = importlib.util.spec_from_file_location("module_of_an_image", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.VALUE == "compiled"
