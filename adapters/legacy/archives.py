"""Safe reading of zip archives from outside: sizes are checked before anything is unpacked.

A few kilobytes can unpack to gigabytes. So the declared sizes in the archive's directory are added up first, and
unpacking stops at the declared size of a part.
"""

import zlib
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adapters.errors import UpstreamMalformedError

# Tables are repetitive: they compress to a tenth, seldom to a fiftieth. The limit of deflate is about 1000.
MAX_RATIO: Final = 100
_SMALL: Final = 100_000
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class Archive:
    """The parts of a zip archive, by name.

    Raises `UpstreamMalformedError` for content that is not a valid zip archive, or that exceeds the limits.
    """

    def __init__(self, content: bytes, *, max_parts: int, max_unpacked: int) -> None:
        try:
            self._zip = ZipFile(BytesIO(content))
        except _BROKEN:
            raise UpstreamMalformedError("the content is not a zip archive, or is truncated") from None
        parts = self._zip.infolist()
        if len(parts) > max_parts or sum(part.file_size for part in parts) > max_unpacked:
            raise UpstreamMalformedError("an archive has too many parts, or unpacks to more than the limit")
        if not all(map(_fits, parts)):
            raise UpstreamMalformedError("an archive has an implausible compression ratio, method or flag")

    def part(self, name: str) -> bytes | None:
        """Return one part, unpacked and with a valid checksum; None when there is no part of that name."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            return None
        try:
            with self._zip.open(info) as part:
                # The size must be passed: without it, everything is unpacked before the declared size is checked.
                return part.read(info.file_size + 1)
        except _BROKEN:
            raise UpstreamMalformedError("a part of an archive cannot be unpacked") from None


def _fits(part: ZipInfo) -> bool:
    shrunk_well = part.file_size <= max(_SMALL, part.compress_size * MAX_RATIO)
    known = part.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not part.flag_bits & _ENCRYPTED
    return known and shrunk_well
