"""Known callers: found by their credential, until it expires or is refused, in bounded memory."""

import pytest

from gateway.authentication.known_callers import KnownCaller, KnownCallers, digest_of

TOKEN = b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln"
SESSION = b"s" * 43
CALLER = KnownCaller("account", "client")


class Ticks:
    at = 100.0

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Ticks()


@pytest.fixture
def known(clock):
    callers = KnownCallers(most=3, monotonic=clock)
    callers.remember(digest_of(TOKEN), CALLER, 60)
    callers.remember(digest_of(SESSION), KnownCaller("browser", "pages"), 60)
    return callers


@pytest.mark.parametrize("scheme", [b"Bearer", b"DPoP", b"bearer", b"Bearer "])
def test_a_token_is_found(known, scheme):
    assert known.find({b"authorization": scheme + b" " + TOKEN}) == CALLER


@pytest.mark.parametrize(
    "cookie",
    [
        b"gerbang-session=" + SESSION,
        b"__Host-gerbang-session=" + SESSION,
        b"theme=dark; __Host-gerbang-session=" + SESSION + b"; language=id",
    ],
)
def test_a_web_session_is_found(known, cookie):
    assert known.find({b"cookie": cookie}) == KnownCaller("browser", "pages")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"authorization": b""},
        {b"authorization": b"Bearer"},
        {b"authorization": b"Bearer " + TOKEN + b"x"},
        {b"authorization": b"Basic " + SESSION[:-1]},
        {b"cookie": b"other=" + SESSION},
        {b"cookie": b"x-gerbang-session=" + SESSION},
        {b"cookie": b"gerbang-session=" + SESSION + b"s"},
        {b"cookie": b"gerbang-session="},
    ],
)
def test_nothing_else_is_found(known, headers):
    assert known.find(headers) is None


def test_only_the_token_counts_if_there_is_one(known):
    headers = {b"authorization": b"Bearer unknown", b"cookie": b"gerbang-session=" + SESSION}
    assert known.find(headers) is None


def test_a_credential_is_forgotten_when_it_expires_or_is_refused(known, clock):
    known.forget(digest_of(SESSION))
    assert known.find({b"cookie": b"gerbang-session=" + SESSION}) is None
    clock.at += 59
    assert known.find({b"authorization": b"Bearer " + TOKEN}) == CALLER
    clock.at += 1
    assert known.find({b"authorization": b"Bearer " + TOKEN}) is None
    assert len(known) == 0


def test_memory_is_bounded_and_the_least_recently_used_goes_first(known):
    assert known.find({b"authorization": b"Bearer " + TOKEN}) == CALLER
    for number in range(2):
        known.remember(digest_of(b"%d" % number), CALLER, 60)
    assert len(known) == 3
    assert known.find({b"cookie": b"gerbang-session=" + SESSION}) is None
    assert known.find({b"authorization": b"Bearer " + TOKEN}) == CALLER


def test_no_credential_is_kept_in_clear(known):
    assert TOKEN not in repr(vars(known)).encode()
    assert SESSION not in repr(vars(known)).encode()
