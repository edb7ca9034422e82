"""The zip container of a workbook: looked through before anything is unpacked, and unpacked only in part.

A workbook comes from outside, and a few kilobytes can unpack to gigabytes. So the directory of the archive is added up
first, and whatever is then unpacked stops at the size that it declared.
"""

import zlib
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adapters.errors import UpstreamMalformedError

MAX_PARTS: Final = 200
MAX_UNPACKED: Final = 8_000_000
# Spreadsheets repeat themselves: real ones shrink to a tenth, seldom to a fiftieth. Deflate's own end is near 1000.
MAX_RATIO: Final = 100
_SMALL: Final = 100_000
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def _fits(part: ZipInfo) -> bool:
    shrunk_well = part.file_size <= max(_SMALL, part.compress_size * MAX_RATIO)
    known = part.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not part.flag_bits & _ENCRYPTED
    return known and shrunk_well


class Archive:
    """The parts of a workbook, by name. Raises `UpstreamMalformedError` for what is no sound, modest zip archive."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = ZipFile(BytesIO(content))
        except _BROKEN:
            raise UpstreamMalformedError("a workbook is not a zip archive, or is cut short") from None
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise UpstreamMalformedError("a workbook unpacks to more than any list needs")
        if not all(map(_fits, parts)):
            raise UpstreamMalformedError("a workbook is packed in a way that spreadsheets are not")

    def part(self, name: str) -> bytes | None:
        """One part, unpacked and with its check sum right; None where there is none of that name."""
        try:
            info = self._zip.getinfo(name.lstrip("/"))
        except KeyError:
            return None
        try:
            with self._zip.open(info) as part:
                # A number of bytes must be given: without one, all is unpacked before the declared size is looked at.
                return part.read(info.file_size + 1)
        except _BROKEN:
            raise UpstreamMalformedError("a workbook's part cannot be unpacked") from None
