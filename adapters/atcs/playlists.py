"""The age of HLS playlists (RFC 8216), by their newest segment. Pure; segments are never fetched."""

import re
from datetime import datetime, timedelta
from typing import Final

_HEAD: Final = "#EXTM3U"
_END: Final = "#EXT-X-ENDLIST"
_DATE: Final = "#EXT-X-PROGRAM-DATE-TIME:"
_LENGTH: Final = re.compile(r"#EXTINF:(\d{1,4}(?:\.\d{1,6})?),.*", re.ASCII)
_MOST_LINES: Final = 5_000


class NotAPlaylistError(ValueError):
    """The content is not a playlist."""


def newest(content: bytes, zone: datetime) -> tuple[datetime | None, bool]:
    """Return when the newest segment ends, and whether the segments have times at all.

    A stream that has ended, or has no segment, has no newest one. A date without a zone is in that of `zone`. Raises
    `NotAPlaylistError`.
    """
    lines = content.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != _HEAD or len(lines) > _MOST_LINES:
        raise NotAPlaylistError
    if _END in lines:
        return None, True
    at: datetime | None = None
    pieces = 0
    for line in lines:
        if line.startswith(_DATE):
            at = _moment(line.removeprefix(_DATE), zone)
        elif length := _LENGTH.fullmatch(line):
            pieces += 1
            at = at and _later(at, float(length[1]))
    return at, at is not None or not pieces


def _moment(written: str, zone: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone.tzinfo)).astimezone(zone.tzinfo)
    except (ValueError, OverflowError):
        return None


def _later(moment: datetime, seconds: float) -> datetime | None:
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return None
