"""Callers of credentials that were verified before, so that a request is counted for its caller before it is verified.

An entry grants nothing: it only decides whose calls are counted. Credentials are kept as hashes, until they expire or
are refused.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

_MOST: Final = 50_000
_COOKIE: Final = re.compile(rb"(?:^|;)\s*(?:__Host-)?gerbang-session=([A-Za-z0-9_-]{43})\s*(?:;|$)")


class KnownCaller(NamedTuple):
    """The caller of a credential. `account` is None for a machine; `client` is unique over all issuers."""

    account: str | None
    client: str


class KnownCallers:
    """The callers of verified access tokens and web sessions; beyond the bound, the least recently used is dropped.

    `monotonic` returns seconds.
    """

    def __init__(self, *, most: int = _MOST, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._monotonic = monotonic
        self._callers: OrderedDict[bytes, tuple[KnownCaller, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._callers)

    def remember(self, digest: bytes, caller: KnownCaller, seconds: float) -> None:
        """Keep the caller of a credential with this digest, for as long as the credential is valid."""
        self._callers[digest] = (caller, self._monotonic() + seconds)
        self._callers.move_to_end(digest)
        if len(self._callers) > self._most:
            self._callers.popitem(last=False)

    def forget(self, digest: bytes) -> None:
        """Drop a credential that was refused."""
        self._callers.pop(digest, None)

    def find(self, headers: Mapping[bytes, bytes]) -> KnownCaller | None:
        """Return the caller of a request with these headers (names in lower case); None if it is not known."""
        credential = headers.get(b"authorization")
        if credential is not None:
            credential = credential.partition(b" ")[2].strip(b" ")
        elif (cookie := headers.get(b"cookie")) is not None and (session := _COOKIE.search(cookie)) is not None:
            credential = session[1]
        if not credential:
            return None
        digest = digest_of(credential)
        found = self._callers.get(digest)
        if found is None:
            return None
        if found[1] <= self._monotonic():
            del self._callers[digest]
            return None
        self._callers.move_to_end(digest)
        return found[0]


def digest_of(credential: bytes) -> bytes:
    """Return the digest under which the caller of an access token or web session is kept."""
    return sha256(credential).digest()
