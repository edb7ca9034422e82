"""Renews snapshots: one loop for each feed, which fetches, stores the result, and waits longer after failures."""

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.errors import AdapterError, UpstreamMalformedError
from gateway.ground.clock import Clock
from gateway.ground.errors import GerbangError
from gateway.snapshots.fetcher import FeedFetcher
from gateway.snapshots.persistence import SnapshotPersistence
from gateway.snapshots.settings import FeedSettings
from gateway.snapshots.snapshot import FetchFailure, Snapshot, SnapshotKey
from gateway.snapshots.store import SnapshotStore

_LONGEST_FETCH = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(seconds=8)
_SHORTEST_WAIT = timedelta(seconds=2)

_log = logging.getLogger(__name__)


class FeedSettingsError(GerbangError):
    """The settings name a system that has no feed."""


@dataclass(slots=True)
class FetchCounts:
    """Fetches of one feed since the start, and the duration of the last one in seconds."""

    succeeded: int = 0
    failed: int = 0
    seconds: float | None = None


class Feeds:
    """The background tasks that renew snapshots."""

    def __init__(
        self,
        fetchers: tuple[FeedFetcher, ...],
        *,
        snapshots: SnapshotStore,
        persistence: SnapshotPersistence,
        clock: Clock,
        settings: FeedSettings,
    ) -> None:
        self._fetchers = fetchers
        self._intervals = _checked_intervals(settings, fetchers)
        self._snapshots = snapshots
        self._persistence = persistence
        self._clock = clock
        self._loops: list[asyncio.Task[None]] = []
        self._tried: set[SnapshotKey] = set()
        self.fetches: dict[SnapshotKey, FetchCounts] = {fetcher.key: FetchCounts() for fetcher in fetchers}
        self._all_tried = asyncio.Event()

    @property
    def all_tried(self) -> bool:
        """Whether every feed has been tried once since the start."""
        return self._all_tried.is_set()

    async def wait_until_tried(self) -> None:
        """Return when every feed has been tried once."""
        await self._all_tried.wait()

    async def load(self) -> None:
        """Load the persisted snapshots into the store."""
        for fetcher in self._fetchers:
            self._snapshots.add(fetcher.key, fresh=fetcher.row.fresh, keep=fetcher.row.keep)
            kept = await self._persistence.load(fetcher.key, fetcher.row.resource)
            if kept is not None:
                self._snapshots.put(fetcher.key, kept)
                fetcher.remember(kept)
                await self._drop_outdated(fetcher)

    def start(self) -> None:
        """Start fetching; call it after `load`."""
        if not self._fetchers:
            self._all_tried.set()
        self._loops = [
            asyncio.create_task(self._run(fetcher), name=f"feed {fetcher.key}") for fetcher in self._fetchers
        ]

    async def aclose(self) -> None:
        """Stop fetching."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def renew(self, fetcher: FeedFetcher) -> bool:
        """Fetch one feed now; return whether that succeeded."""
        began, fetches = time.perf_counter(), self.fetches[fetcher.key]
        try:
            snapshot = await fetcher.fetch(_LONGEST_FETCH)
            self._snapshots.put(fetcher.key, snapshot)
        except AdapterError as error:
            _log.warning("feed failed", extra=_log_fields(fetcher) | {"cause": error.cause, "reason": error.reason})
            failure = error
        except Exception as error:  # noqa: BLE001 - a fault in an adapter must not end its feed, or another one
            _log.error("feed fault", extra=_log_fields(fetcher) | {"error": type(error).__name__})
            failure = UpstreamMalformedError("adapter fault")
        else:
            fetches.succeeded += 1
            fetches.seconds = time.perf_counter() - began
            await self._persist(fetcher, snapshot)
            self._mark_tried(fetcher.key)
            return True
        fetches.failed += 1
        fetches.seconds = time.perf_counter() - began
        self._snapshots.fail(fetcher.key, FetchFailure.of(failure, self._clock()))
        await self._drop_outdated(fetcher)
        self._mark_tried(fetcher.key)
        return False

    async def _persist(self, fetcher: FeedFetcher, snapshot: Snapshot[Any]) -> None:
        try:
            await self._persistence.save(fetcher.key, snapshot, public=fetcher.row.resource.public)
        except Exception as error:  # noqa: BLE001 - the snapshot is served from memory; only a restart loses it
            _log.error("snapshot not stored", extra=_log_fields(fetcher) | {"error": type(error).__name__})

    async def _drop_outdated(self, fetcher: FeedFetcher) -> None:
        """Delete a snapshot that may no longer be held, from memory and from the database."""
        if not self._snapshots.drop_outdated(fetcher.key):
            return
        fetcher.forget()
        try:
            await self._persistence.delete(fetcher.key)
        except Exception as error:  # noqa: BLE001 - as above; the next start deletes it
            _log.error("snapshot not deleted", extra=_log_fields(fetcher) | {"error": type(error).__name__})

    def _mark_tried(self, key: SnapshotKey) -> None:
        self._tried.add(key)
        if len(self._tried) == len(self._fetchers):
            self._all_tried.set()

    def pause(self, fetcher: FeedFetcher, failures: int) -> timedelta:
        """The time from one fetch to the next, after this number of consecutive failures."""
        usual = self._intervals.get(fetcher.key.system, max(fetcher.row.fresh / 2, _SHORTEST_WAIT))
        if not failures:
            return usual
        # A recovered system is noticed within ten seconds, however rarely the feed is fetched otherwise.
        return min(_SHORTEST_WAIT * (1 << min(failures - 1, 5)), usual, _LONGEST_WAIT)

    async def _run(self, fetcher: FeedFetcher) -> None:
        failures = 0
        while True:
            failures = 0 if await self.renew(fetcher) else failures + 1
            pause = self.pause(fetcher, failures).total_seconds()
            await asyncio.sleep(pause * random.uniform(0.9, 1.0))  # noqa: S311 - jitter needs no cryptographic randomness


def _checked_intervals(settings: FeedSettings, fetchers: tuple[FeedFetcher, ...]) -> Mapping[str, timedelta]:
    """The pauses by system. Raises `FeedSettingsError` for an id without a feed, such as a misspelt one."""
    unknown = sorted(settings.every.keys() - {fetcher.key.system for fetcher in fetchers})
    if unknown:
        raise FeedSettingsError(f"Setting feeds.every: no system with a feed is called {', '.join(unknown)}.")
    return settings.every


def _log_fields(fetcher: FeedFetcher) -> dict[str, object]:
    return {"system": fetcher.key.system, "office": fetcher.key.office, "resource": fetcher.key.resource}
