"""Key sources of issuers: in process for the embedded provider, a JWKS URL for any other."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

from gateway.authentication.issuer_fetching import IssuerConnections, IssuerUnavailableError, fetch
from gateway.authentication.jose import PublicKey, TokenRefusedError, read_keys

log = logging.getLogger(__name__)


class KeySource(Protocol):
    """The signature keys of one issuer."""

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key named `kid`, or None. Never raises, and never takes longer than a few seconds."""
        ...


class RemoteKeys:
    """The keys published at `url` (a JWKS document).

    A known key is returned at once, even while the issuer is unavailable. The set is refreshed in the background once
    it is `REFRESH_SECONDS` old, so that withdrawn keys expire. An unknown key causes an immediate fetch, so that
    a newly rotated key is found. If that fetch does not contain it, no unknown key causes another fetch for
    `REFETCH_SECONDS`: made-up key ids cost the issuer one fetch in that time. A fetch is limited to `FETCH_SECONDS`
    and `MAX_BYTES`; redirects are not followed.
    """

    REFETCH_SECONDS = 60.0
    REFRESH_SECONDS = 600.0
    FETCH_SECONDS = 3.0
    MAX_BYTES = 256 * 1024

    def __init__(self, url: str, http: IssuerConnections, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._http = http
        self._monotonic = monotonic
        self._keys: Mapping[str, PublicKey] = {}
        self._fetched_at: float | None = None
        self._missed_at: float | None = None
        self._fetch_task: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key named `kid`, or None."""
        known = self._keys.get(kid)
        if known is not None:
            self._refresh()
            return known
        fetch = self._start_search(kid)
        if fetch is None:
            return None
        # `wait` shields both sides: a cancelled request does not cancel the shared fetch, and if the fetch is cancelled
        # (the issuer's keys have moved) the waiting request continues.
        await asyncio.wait({fetch})
        return self._keys.get(kid)

    async def aclose(self) -> None:
        """Cancel a fetch that is under way."""
        if self._fetch_task:
            self._fetch_task.cancel()
            await asyncio.gather(self._fetch_task, return_exceptions=True)

    def _refresh(self) -> None:
        if not self._is_within(self._fetched_at, self.REFRESH_SECONDS):
            self._start_fetch(None)

    def _start_search(self, kid: str) -> asyncio.Task[None] | None:
        if self._fetch_task is not None and not self._fetch_task.done():
            return self._fetch_task
        return None if self._is_within(self._missed_at, self.REFETCH_SECONDS) else self._start_fetch(kid)

    def _is_within(self, moment: float | None, seconds: float) -> bool:
        return moment is not None and self._monotonic() - moment < seconds

    def _start_fetch(self, kid: str | None) -> asyncio.Task[None]:
        if self._fetch_task is None or self._fetch_task.done():
            self._fetched_at = self._monotonic()
            self._fetch_task = asyncio.create_task(self._fetch(kid))
        return self._fetch_task

    async def _fetch(self, wanted: str | None) -> None:
        began = self._monotonic()
        try:
            self._keys = read_keys(await self._document())
        except (IssuerUnavailableError, TokenRefusedError) as error:
            # Keep the keys that were fetched before: an unavailable issuer must not lock every user out.
            log.warning("issuer keys not refreshed", extra={"cause": type(error).__name__})
        if wanted is not None and wanted not in self._keys:
            self._missed_at = began

    async def _document(self) -> bytes:
        answer = await fetch(self._http, "GET", self._url, seconds=self.FETCH_SECONDS, max_bytes=self.MAX_BYTES)
        if answer.status != HTTPStatus.OK:
            raise IssuerUnavailableError
        return answer.body
