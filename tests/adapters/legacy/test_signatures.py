"""Who really sent a push."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.legacy.signatures import equal_in_constant_time, hmac_sha256, is_recent

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_nothing_is_never_the_same():
    assert equal_in_constant_time("geheim", "geheim")
    for given_, expected in ((None, "x"), ("", "x"), ("x", ""), ("", ""), ("X", "x"), ("é", "e"), ("\udc80", "x")):
        assert not equal_in_constant_time(given_, expected)


def test_the_digest_is_that_of_rfc_4231_with_line_breaks_between():
    # Test case 2 of RFC 4231, whose text holds no line break.
    assert hmac_sha256("Jefe", b"what do ya want for nothing?").startswith("5bdcc146bf60754e6a042426089575c7")
    assert hmac_sha256("k", b"a", b"b") == hmac_sha256("k", b"a\nb") != hmac_sha256("k", b"ab")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (str(int(NOW.timestamp())), True),
        (str(int(NOW.timestamp()) - 300), True),
        (str(int(NOW.timestamp()) + 300), True),
        (str(int(NOW.timestamp()) + 301), False),
        ("0", False),
        ("999999999999", False),
        (None, False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        ("١٢٣", False),
    ],
)
def test_only_seconds_within_the_window_are_recent(written, expected):
    assert is_recent(written, NOW, timedelta(minutes=5)) is expected


@given(st.text())
def test_any_text_is_recent_or_not(written):
    assert is_recent(written, NOW, timedelta(minutes=5)) in (True, False)
