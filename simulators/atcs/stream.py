"""HLS: the playlist of a camera (RFC 8216) in each of its states, and the content of its segments."""

import struct
import zlib
from datetime import datetime, timedelta
from typing import Final

STATES: Final = ("live", "stale", "gone", "closed", "ended", "undated", "empty")
_SECONDS: Final = 6
_SEGMENTS: Final = 5
_STALE_BY: Final = timedelta(hours=9)
_NULL_PACKET: Final = b"\x47\x1f\xff\x10" + b"\xff" * 184


def playlist(state: str, now: datetime) -> str | None:
    """Return the playlist of a stream in this state; None if the playlist does not exist."""
    if state == "gone":
        return None
    at = now - _STALE_BY if state == "stale" else now
    newest = int(at.timestamp()) // _SECONDS
    first = newest - _SEGMENTS
    head = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{_SECONDS}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    if state == "empty":
        return "\n".join(head) + "\n"
    rows = [row for number in range(first, newest) for row in _segment(number, at, dated=state != "undated")]
    return "\n".join([*head, *rows, *(["#EXT-X-ENDLIST"] if state == "ended" else [])]) + "\n"


def _segment(number: int, at: datetime, *, dated: bool) -> list[str]:
    began = datetime.fromtimestamp(number * _SECONDS, at.tzinfo)
    date = [f"#EXT-X-PROGRAM-DATE-TIME:{began.isoformat(timespec='milliseconds')}"] if dated else []
    return [*date, f"#EXTINF:{_SECONDS:.3f},", f"bagian{number}.ts"]


def segment() -> bytes:
    """Return a segment of the stream: null packets."""
    return _NULL_PACKET * 20


def poster() -> bytes:
    """Return a still picture: one grey pixel as PNG."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
