"""Notices changed files by polling, which works on every file system: network folders and containers included."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

_PAUSE_SECONDS: Final = 0.3

Stamps = Mapping[Path, tuple[int, int]]
"""Modification time and size of each file."""


class FileWatch:
    """Waits for changes in folders; a change counts from the moment the watch is made."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._seen = file_stamps(self._folders)

    async def wait_for_change(self) -> list[Path]:
        """The files that were added, changed or removed, once nothing has changed for one pause.

        An editor that saves many files, or a checkout, is so one change.
        """
        changed: set[Path] = set()
        while True:
            new = self._take_changes()
            if changed and not new:
                return sorted(changed)
            changed |= new
            await asyncio.sleep(_PAUSE_SECONDS)

    def _take_changes(self) -> set[Path]:
        before, self._seen = self._seen, file_stamps(self._folders)
        return {path for path in before.keys() | self._seen.keys() if before.get(path) != self._seen.get(path)}


def file_stamps(folders: Iterable[Path]) -> Stamps:
    """The stamps of all files below the folders, without compiled modules and what editors leave beside a file."""
    return dict(_stamps(folders))


def _stamps(folders: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    for top in folders:
        for folder, inner, names in os.walk(top):
            inner[:] = [name for name in inner if not name.startswith((".", "__pycache__"))]
            for name in names:
                path = Path(folder, name)
                if _is_source(name):
                    try:
                        found = path.stat()
                    except OSError:  # removed since it was listed
                        continue
                    yield path, (found.st_mtime_ns, found.st_size)


def _is_source(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(("~", ".pyc", ".swp", ".tmp")) and name != "4913"
