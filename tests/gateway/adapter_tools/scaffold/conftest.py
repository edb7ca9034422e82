"""A source tree to make systems in: only what making one needs."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def tree(tmp_path: Path, processes: None) -> Path:
    shutil.copytree(ROOT / "adapters" / "_template", tmp_path / "adapters" / "_template")
    for file in ("pyproject.toml", "config/agencies.toml", "gateway/registry/builtin.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "adapters" / "contract.py").touch()
    (tmp_path / "simulators" / "clock").mkdir(parents=True)
    return tmp_path
