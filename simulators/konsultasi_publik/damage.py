"""Faults of a database file, carried out on the file itself."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from simulators.faults import Fault, FaultKind, FaultRefusedError
from simulators.konsultasi_publik.store import InboxLedger, Store

_MAINTENANCE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Pemeliharaan</title></head><body><h1>Service Unavailable</h1>"
    b"<p>Mohon maaf, basis data sedang dalam pemeliharaan.</p></body></html>\n"
)


class FileFaults:
    """Applies faults to the file, one at a time, and undoes them."""

    def __init__(self, path: Path, store: Store, ledger: InboxLedger) -> None:
        self._path = path
        self._store = store
        self._ledger = ledger
        self._lock: sqlite3.Connection | None = None
        self._actions: Mapping[FaultKind, Callable[[], None]] = {
            FaultKind.HANG: self._lock_file,
            FaultKind.RESET: lambda: move_away(self._path),
            FaultKind.MALFORMED: lambda: self._replace(lambda whole: whole[: len(whole) // 2]),
            FaultKind.HTML: lambda: self._replace(lambda _: _MAINTENANCE),
            FaultKind.OVERSIZED: store.oversize_forms,
        }

    @property
    def active(self) -> bool:
        """Whether the database is unusable at present."""
        return self._lock is not None or backup_path(self._path).exists()

    def change(self, fault: Fault) -> None:
        """Undo the previous fault, and apply this one. Raises `FaultRefusedError`."""
        if fault.times is not None or fault.path is not None:
            raise FaultRefusedError("times and path do not apply: a file receives no requests")
        self.undo()
        if fault.kind is not FaultKind.NONE:
            if fault.kind is not FaultKind.OVERSIZED:
                self._ledger.freeze()
            self._actions[fault.kind]()

    def undo(self) -> None:
        """Restore the file, its views and its ledger."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        restore(self._path)
        self._ledger.unfreeze()
        if not self._store.empty:
            self._store.recreate_views()

    def _lock_file(self) -> None:
        """Lock the whole file, so that every reader and writer waits."""
        self._lock = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._lock.execute("BEGIN EXCLUSIVE")

    def _replace(self, alter: Callable[[bytes], bytes]) -> None:
        content = alter(self._path.read_bytes())
        move_away(self._path)
        self._path.write_bytes(content)


def backup_path(path: Path) -> Path:
    """Return the path of the intact file while it is replaced or missing."""
    return path.with_name(f".{path.name}.utuh")


def move_away(path: Path) -> None:
    """Move the file away."""
    path.rename(backup_path(path))


def restore(path: Path) -> None:
    """Restore the intact file, if it was moved away."""
    if backup_path(path).exists():
        backup_path(path).replace(path)
