"""What can go wrong with a database that is a file, carried out on the file itself."""

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
    """Puts faults on the file, one at a time, and takes them away again."""

    def __init__(self, path: Path, store: Store, ledger: InboxLedger) -> None:
        self._path = path
        self._store = store
        self._ledger = ledger
        self._lock: sqlite3.Connection | None = None
        self._acts: Mapping[FaultKind, Callable[[], None]] = {
            FaultKind.HANG: self._hold,
            FaultKind.RESET: lambda: put_aside(self._path),
            FaultKind.MALFORMED: lambda: self._replace(lambda whole: whole[: len(whole) // 2]),
            FaultKind.HTML: lambda: self._replace(lambda _: _MAINTENANCE),
            FaultKind.OVERSIZED: store.swell,
        }

    @property
    def on(self) -> bool:
        """Whether the database cannot be used just now."""
        return self._lock is not None or aside(self._path).exists()

    def change(self, fault: Fault) -> None:
        """Undo the fault before, and carry out this one. Raises `FaultRefusedError`."""
        if fault.times is not None or fault.path is not None:
            raise FaultRefusedError("times and path make no sense here: nobody sends requests to a file")
        self.undo()
        if fault.kind is not FaultKind.NONE:
            if fault.kind is not FaultKind.OVERSIZED:
                self._ledger.keep()
            self._acts[fault.kind]()

    def undo(self) -> None:
        """Bring everything back as it should be."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        put_back(self._path)
        self._ledger.resume()
        if not self._store.empty:
            self._store.show()

    def _hold(self) -> None:
        """Somebody holds the whole file: whoever reads or writes it waits."""
        self._lock = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._lock.execute("BEGIN EXCLUSIVE")

    def _replace(self, alter: Callable[[bytes], bytes]) -> None:
        content = alter(self._path.read_bytes())
        put_aside(self._path)
        self._path.write_bytes(content)


def aside(path: Path) -> Path:
    """Where the right file lies while another, or none, stands in its place."""
    return path.with_name(f".{path.name}.utuh")


def put_aside(path: Path) -> None:
    """Take the file away."""
    path.rename(aside(path))


def put_back(path: Path) -> None:
    """Bring the right file back, if it was taken away."""
    if aside(path).exists():
        aside(path).replace(path)
