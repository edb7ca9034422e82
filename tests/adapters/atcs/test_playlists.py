"""How new a stream is, by its playlist; and what no date can be made of."""

from datetime import datetime, timedelta

import pytest

from adapters.atcs.playlists import NotAPlaylistError, newest
from schemas.dates import WITA

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)


def playlist(*lines: str) -> bytes:
    return "\n".join(("#EXTM3U", *lines)).encode()


def test_the_newest_piece_ends_where_the_last_one_does():
    dated = "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T08:59:40"
    assert newest(playlist(dated, "#EXTINF:6.0,", "a.ts", "#EXTINF:4.5,", "b.ts"), NOW) == (
        NOW - timedelta(seconds=9.5),
        True,
    )
    assert newest(playlist("#EXTINF:6.0,", "a.ts"), NOW) == (None, False)
    assert newest(playlist(dated, "#EXTINF:6.0,", "#EXT-X-ENDLIST"), NOW) == (None, True)


@pytest.mark.parametrize("day", ["9999-12-31T23:59:59+08:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_date_at_the_end_of_time_is_none(day):
    assert newest(playlist(f"#EXT-X-PROGRAM-DATE-TIME:{day}", "#EXTINF:6.0,", "a.ts"), NOW) == (None, False)


def test_what_is_no_playlist():
    for content in (b"", b"#EXTINF:6.0,", b"\xff\xfe"):
        with pytest.raises(NotAPlaylistError):
            newest(content, NOW)
