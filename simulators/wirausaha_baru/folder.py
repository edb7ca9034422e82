"""The drop folder: atomic file drops, and the faults of files."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

OVERSIZED_BYTES: Final = 80_000_000
_BOMB_BYTES: Final = 300_000_000
_CHUNK: Final = b"<c/>" * 250_000
MAINTENANCE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Pemeliharaan</title></head><body><h1>Service Unavailable</h1>"
    b"<p>Mohon maaf, berbagi berkas sedang dalam pemeliharaan.</p></body></html>\n"
)


class DropFolder:
    """The folder `path`. Files are written under a temporary name, and renamed when they are complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hidden = path.with_name(f"{path.name}.diambil")
        self.restore()
        path.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        """Write a complete file, replacing one of the same name."""
        self._make(name, lambda path: path.write_bytes(content))

    def remove(self, name: str) -> None:
        """Delete a file, its temporary file and its lock file."""
        for path in (self.path / name, self.path / temporary(name), self.path / lock(name)):
            path.unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of the complete files with agreed names."""
        return sorted(
            path.name for path in self.path.iterdir() if path.name.startswith(("peserta_", "program_", "tanda-terima_"))
        )

    def hide(self) -> None:
        """Rename the folder, so that it is missing for every user, including root."""
        self.path.rename(self._hidden)

    def restore(self) -> None:
        """Restore the renamed folder."""
        if self._hidden.exists():
            self._hidden.rename(self.path)

    def truncate(self, name: str) -> None:
        """Truncate a file to its first half."""
        whole = (self.path / name).read_bytes()
        self.put(name, whole[: len(whole) // 2])

    def oversize(self, name: str) -> None:
        """Make a file far longer than agreed (sparse, so that it takes no disk space)."""
        self._make(name, _sparse)

    def bomb(self, name: str) -> None:
        """Write a small file that unpacks to 300 MB."""
        self._make(name, _bomb)

    def half_write(self, name: str, content: bytes) -> None:
        """Leave the trace of an interrupted write: half of the content under the temporary name."""
        (self.path / temporary(name)).write_bytes(content[: len(content) // 2])

    def lock(self, name: str) -> None:
        """Leave the lock file that a spreadsheet program creates for an open file."""
        (self.path / lock(name)).write_bytes(b"\x06gerai" + b" " * 159)

    def _make(self, name: str, write: Callable[[Path], object]) -> None:
        unfinished = self.path / temporary(name)
        write(unfinished)
        unfinished.replace(self.path / name)


def temporary(name: str) -> str:
    """Return the name of a file that is being written."""
    return f".{name}.sebagian"


def lock(name: str) -> str:
    """Return the name of a spreadsheet program's lock file."""
    return f"~${name}"


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(OVERSIZED_BYTES)


def _bomb(path: Path) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=zlib.Z_BEST_COMPRESSION) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(b"<worksheet><sheetData><row>")
            for _ in range(_BOMB_BYTES // len(_CHUNK)):
                sheet.write(_CHUNK)
            sheet.write(b"</row></sheetData></worksheet>")
