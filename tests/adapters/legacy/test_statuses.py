"""What an HTTP status means for us."""

from datetime import datetime, timedelta

import pytest

from adapters.errors import (
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.dates import WITA
from adapters.legacy.statuses import raise_for_status, retry_after
from adapters.upstream import HttpAnswer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, UpstreamMalformedError),
        (401, CredentialsRefusedError),
        (403, CredentialsRefusedError),
        (404, QueryRefusedError),
        (409, QueryRefusedError),
        (429, UpstreamUnavailableError),
        (500, UpstreamUnavailableError),
        (503, UpstreamUnavailableError),
    ],
)
def test_each_status_has_its_error(status, error):
    with pytest.raises(error):
        raise_for_status(HttpAnswer(status, {}, b""), NOW)


def test_success_passes():
    assert raise_for_status(HttpAnswer(200, {}, b""), NOW) is None
    assert raise_for_status(HttpAnswer(204, {}, b""), NOW) is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2", 2),
        ("Mon, 23 Nov 2026 01:01:00 GMT", 60),
        ("Mon, 23 Nov 2020 01:01:00 GMT", 0),
        ("999999999999999", None),
        ("999999", 86_400),
        ("Mon, 23 Nov 2026 01:01:00 -0000", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(written, seconds):
    at = retry_after(HttpAnswer(429, {"retry-after": written}, b""), NOW)
    assert at == (None if seconds is None else NOW + timedelta(seconds=seconds))
