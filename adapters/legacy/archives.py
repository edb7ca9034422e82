"""Zip archives from outside: looked through before anything is unpacked, and unpacked only in part.

A few kilobytes can unpack to gigabytes. So the directory of the archive is added up first, and whatever is then
unpacked stops at the size that it declared.
"""

import zlib
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adapters.errors import UpstreamMalformedError

# Tables repeat themselves: they shrink to a tenth, seldom to a fiftieth. Deflate's own end is near 1000.
MAX_RATIO: Final = 100
_SMALL: Final = 100_000
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class Archive:
    """The parts of an archive, by name. Raises `UpstreamMalformedError` for what is no sound, modest zip archive."""

    def __init__(self, content: bytes, *, max_parts: int, max_unpacked: int) -> None:
        try:
            self._zip = ZipFile(BytesIO(content))
        except _BROKEN:
            raise UpstreamMalformedError("what came is not a zip archive, or is cut short") from None
        parts = self._zip.infolist()
        if len(parts) > max_parts or sum(part.file_size for part in parts) > max_unpacked:
            raise UpstreamMalformedError("an archive unpacks to more than it may")
        if not all(map(_fits, parts)):
            raise UpstreamMalformedError("an archive is packed in a way that honest ones are not")

    def part(self, name: str) -> bytes | None:
        """One part, unpacked and with its check sum right; None where there is none of that name."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            return None
        try:
            with self._zip.open(info) as part:
                # A number of bytes must be given: without one, all is unpacked before the declared size is looked at.
                return part.read(info.file_size + 1)
        except _BROKEN:
            raise UpstreamMalformedError("a part of an archive cannot be unpacked") from None


def _fits(part: ZipInfo) -> bool:
    shrunk_well = part.file_size <= max(_SMALL, part.compress_size * MAX_RATIO)
    known = part.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not part.flag_bits & _ENCRYPTED
    return known and shrunk_well
