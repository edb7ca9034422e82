"""Changes of files are noticed; what is no source is not."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.demo import file_watch
from gateway.demo.file_watch import FileWatch
from gateway.demo.home import package_folder
from gateway.demo.reload import WATCHED

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "code" / "inner").mkdir(parents=True)
    (tmp_path / "code" / "old.py").write_text("1")
    (tmp_path / "code" / "inner" / "page.html").write_text("1")
    return tmp_path / "code"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens during each pause of the watch; a pause takes no time, and there is one at least for each."""
    planned: list[Callable[[], object]] = []
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def pause(_seconds: float) -> None:
        if planned:
            planned.pop(0)()
        await sleep(0)

    monkeypatch.setattr(file_watch.asyncio, "sleep", pause)
    return planned


async def test_added_changed_and_removed_files_are_one_change(folder: Path, pauses: list) -> None:
    watch = FileWatch([folder])
    pauses += [
        lambda: (folder / "new.toml").write_text("1"),
        lambda: (folder / "inner" / "page.html").write_text("longer"),
        (folder / "old.py").unlink,
    ]
    assert await watch.wait_for_change() == [folder / "inner/page.html", folder / "new.toml", folder / "old.py"]


async def test_a_change_before_the_waiting_begins_is_not_lost(folder: Path, pauses: list) -> None:
    watch = FileWatch([folder])
    (folder / "new.py").write_text("1")
    assert await watch.wait_for_change() == [folder / "new.py"]


@pytest.mark.parametrize(
    "name", ["__pycache__/old.cpython-311.pyc", ".old.py.swp", ".git/index", "old.py~", "4913", "part.tmp"]
)
async def test_what_is_no_source_is_left_out(folder: Path, pauses: list, name: str) -> None:
    watch = FileWatch([folder])
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("1")
    pauses += [lambda: None, (folder / "old.py").unlink]
    assert await watch.wait_for_change() == [folder / "old.py"]


def test_every_watched_folder_exists() -> None:
    assert all((package_folder() / name).is_dir() for name in WATCHED)
