"""Renews snapshots: one loop for each feed, which fetches, stores the result, and waits longer after failures."""

import asyncio
import logging
import random
from collections.abc import Mapping
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


class Feeds:
    """The background work of `snapshots`."""

    def __init__(
        self,
        feeders: tuple[FeedFetcher, ...],
        *,
        snapshots: SnapshotStore,
        keeper: SnapshotPersistence,
        clock: Clock,
        settings: FeedSettings,
    ) -> None:
        self._feeders = feeders
        self._every = _checked(settings, feeders)
        self._snapshots = snapshots
        self._keeper = keeper
        self._clock = clock
        self._loops: list[asyncio.Task[None]] = []
        self._tried: set[SnapshotKey] = set()
        self._all_tried = asyncio.Event()

    @property
    def all_tried(self) -> bool:
        """Whether every feed has been tried once since the start."""
        return self._all_tried.is_set()

    async def wait_until_tried(self) -> None:
        """Return when every feed has been tried once."""
        await self._all_tried.wait()

    async def start(self) -> None:
        """Put what was kept on the shelf, then begin to fetch."""
        for feeder in self._feeders:
            self._snapshots.add(feeder.key, fresh=feeder.row.fresh, keep=feeder.row.keep)
            kept = await self._keeper.kept(feeder.key, feeder.row.resource)
            if kept is not None:
                self._snapshots.put(feeder.key, kept)
                await self._drop_outdated(feeder)
        if not self._feeders:
            self._all_tried.set()
        self._loops = [asyncio.create_task(self._run(feeder), name=f"feed {feeder.key}") for feeder in self._feeders]

    async def aclose(self) -> None:
        """Stop fetching."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def renew(self, feeder: FeedFetcher) -> bool:
        """Fetch one feed now; whether that succeeded."""
        try:
            snapshot = await feeder.fetch(_LONGEST_FETCH)
            self._snapshots.put(feeder.key, snapshot)
        except AdapterError as error:
            _log.warning("feed failed", extra=_where(feeder) | {"cause": error.cause, "reason": error.reason})
            failure = error
        except Exception as error:  # noqa: BLE001 - a fault of one adapter must not end its feed, or another's
            _log.error("feed fault", extra=_where(feeder) | {"error": type(error).__name__})
            failure = UpstreamMalformedError("adapter fault")
        else:
            await self._keep(feeder, snapshot)
            self._note_try(feeder.key)
            return True
        self._snapshots.fail(feeder.key, FetchFailure.of(failure, self._clock()))
        await self._drop_outdated(feeder)
        self._note_try(feeder.key)
        return False

    async def _keep(self, feeder: FeedFetcher, snapshot: Snapshot[Any]) -> None:
        try:
            await self._keeper.keep(feeder.key, snapshot, public=feeder.row.resource.public)
        except Exception as error:  # noqa: BLE001 - the snapshot serves from memory; only a restart would miss it
            _log.error("snapshot not kept", extra=_where(feeder) | {"error": type(error).__name__})

    async def _drop_outdated(self, feeder: FeedFetcher) -> None:
        """What may not be held any more is deleted, here and in the database."""
        if not self._snapshots.drop_outdated(feeder.key):
            return
        feeder.forget()
        try:
            await self._keeper.forget(feeder.key)
        except Exception as error:  # noqa: BLE001 - as above; the next start deletes it
            _log.error("snapshot not deleted", extra=_where(feeder) | {"error": type(error).__name__})

    def _note_try(self, key: SnapshotKey) -> None:
        self._tried.add(key)
        if len(self._tried) == len(self._feeders):
            self._all_tried.set()

    def pause(self, feeder: FeedFetcher, failures: int) -> timedelta:
        """The time from one fetch to the next, after so many failures in a row."""
        usual = self._every.get(feeder.key.system, max(feeder.row.fresh / 2, _SHORTEST_WAIT))
        if not failures:
            return usual
        # A system that comes back is noticed within ten seconds, however rarely the feed is fetched otherwise.
        return min(_SHORTEST_WAIT * (1 << min(failures - 1, 5)), usual, _LONGEST_WAIT)

    async def _run(self, feeder: FeedFetcher) -> None:
        failures = 0
        while True:
            failures = 0 if await self.renew(feeder) else failures + 1
            pause = self.pause(feeder, failures).total_seconds()
            await asyncio.sleep(pause * random.uniform(0.9, 1.0))  # noqa: S311 - spread, not secrecy


def _checked(settings: FeedSettings, feeders: tuple[FeedFetcher, ...]) -> Mapping[str, timedelta]:
    """The pauses by system. Raises `FeedSettingsError` for a system without a feed: a misspelt id would be ignored."""
    unknown = sorted(settings.every.keys() - {feeder.key.system for feeder in feeders})
    if unknown:
        raise FeedSettingsError(f"Setting feeds.every: no system with a feed is called {', '.join(unknown)}.")
    return settings.every


def _where(feeder: FeedFetcher) -> dict[str, object]:
    return {"system": feeder.key.system, "office": feeder.key.office, "resource": feeder.key.resource}
