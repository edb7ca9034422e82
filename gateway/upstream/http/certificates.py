"""TLS contexts that verify servers by the certificate authorities of this machine, or by those in a file.

Reading the machine's store takes 14 ms of CPU, on the event loop. It is read once and shared by all offices, and read
again when the files of the store have changed.
"""

import ssl
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_Version = tuple[str, int, int, int]


def verifying_context(ca: Path | None = None) -> ssl.SSLContext:
    """A context that trusts the authorities in `ca`, else those of this machine. Raises `OSError`."""
    if ca is not None:
        return ssl.create_default_context(cafile=ca)
    return _machine_context(tuple(_store()))


@lru_cache(maxsize=1)
def _machine_context(_store: tuple[_Version, ...]) -> ssl.SSLContext:
    return ssl.create_default_context()


def _store() -> Iterator[_Version]:
    """The paths, inodes, sizes and times of the machine's store: a change of the store changes one of them."""
    paths = ssl.get_default_verify_paths()
    for path in (paths.cafile, paths.capath):
        if path is not None:
            found = Path(path).stat()
            yield path, found.st_ino, found.st_size, found.st_mtime_ns
