"""Adds a new system to the source tree: all of its files, or none."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from gateway.adapter_tools.scaffold.new_system import AccessMethod, NewSystem, ScaffoldError
from gateway.adapter_tools.scaffold.templates import render_files

REGISTRY: Final = Path("gateway", "registry", "builtin.py")
_LINE: Final = re.compile(r'^    "(?P<id>[a-z0-9-]+)": "adapters\.[a-z0-9_]+",$', re.MULTILINE)


def make(tree: Path, system: NewSystem) -> list[Path]:
    """Create every file of a new system, and add it to the registry; return the new paths. Raises `ScaffoldError`."""
    files = render_files(tree / "adapters" / "_template", system)
    _refuse_taken(tree, system, files)
    with TemporaryDirectory(prefix=".new-", dir=tree) as work:
        for path, text in files.items():
            draft = Path(work) / path
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(text, "utf-8")
        _tidy(Path(work))
        _place(tree, Path(work), system, files)
    return sorted(files)


def _new_paths(files: Iterable[Path]) -> set[Path]:
    """The paths that are new as a whole: the packages' folders, and the settings file."""
    return {path if path.parts[0] == "config" else path.parent for path in files}


def _refuse_taken(tree: Path, system: NewSystem, files: Iterable[Path]) -> None:
    """Raise `ScaffoldError` when the new system's name is taken, even by a module that all adapters share."""
    places = {*_new_paths(files), Path("adapters", system.package), Path("config", "systems", f"{system.id}.toml")}
    for new_path in sorted(places):
        if any((tree / name).exists() for name in (new_path, new_path.with_suffix(".py"))):
            raise ScaffoldError(f"{new_path} already exists: choose another id.")
    if system.id in _LINE.findall((tree / REGISTRY).read_text("utf-8")):
        raise ScaffoldError(f"The registry names {system.id} already: choose another id.")


def _tidy(work: Path) -> None:
    """Sort imports and format lines: both depend on the new names."""
    for command in (("check", "--select", "I", "--fix"), ("format",)):
        # The project's own settings: `work` is in the tree, where ruff finds them.
        ran = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", "--force-exclude", "."],
            cwd=work,
            capture_output=True,
            check=False,
        )
        if ran.returncode:
            raise ScaffoldError("The new files could not be formatted by ruff: make .venv/.installed brings it.")


def _place(tree: Path, work: Path, system: NewSystem, files: Mapping[Path, str]) -> None:
    with ExitStack() as undo:
        for new_path in sorted(_new_paths(files)):
            (tree / new_path).parent.mkdir(parents=True, exist_ok=True)
            (work / new_path).rename(tree / new_path)
            undo.callback(_remove, tree / new_path)
        if system.way is not AccessMethod.REMOTE:
            _register(tree / REGISTRY, system)
        undo.pop_all()


def _remove(new_path: Path) -> None:
    if new_path.is_dir():
        shutil.rmtree(new_path)
    else:
        new_path.unlink()


def _register(registry: Path, system: NewSystem) -> None:
    """Insert one line into the registry, in order."""
    text = registry.read_text("utf-8")
    later = next((line for line in _LINE.finditer(text) if line["id"] > system.id), None)
    at = later.start() if later is not None else text.rindex("}")
    draft = registry.with_name(f".{registry.name}.new")
    draft.write_text(f'{text[:at]}    "{system.id}": "adapters.{system.package}",\n{text[at:]}', "utf-8")
    draft.replace(registry)
