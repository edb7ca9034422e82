"""Restricts adapters by quality level at registration: bronze allows public reads, silver personal reads, gold writes.

A row without its level stays in the table and refuses, so that every answer reports which system is left out and why.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final, NoReturn

from adapters.contract import AdapterSpec, Batch, Reads
from adapters.errors import Cause, UpstreamUnavailableError
from gateway.registry.digests import digest_of
from gateway.registry.levels import Levels, ProvenLevel
from gateway.registry.registry import LiveSystem, Registry
from schemas.system import LevelState, QualityLevel

_ORDER: Final = tuple(QualityLevel)

_log = logging.getLogger(__name__)


def restrict_by_level(registry: Registry, levels: Levels, *, serve_unproven: bool) -> Registry:
    """The registry with every system restricted to its proven level; with `serve_unproven` only a warning is logged."""
    systems = []
    for live in registry:
        identified = replace(live, digest=digest_of(live.spec))
        level = levels.of(identified.spec.id, identified.digest)
        _warn_if_outdated(identified, level)
        systems.append(identified if serve_unproven else _restricted(identified, level.binding if level else None))
    return Registry(systems, registry.failed.values())


def _warn_if_outdated(live: LiveSystem, level: ProvenLevel | None) -> None:
    if level is None or level.state is not LevelState.CURRENT:
        reason = "it was never checked" if level is None else f"its report is {level.state.value}"
        _log.warning("level to be renewed", extra={"system": live.spec.id, "reason": reason})


def _restricted(live: LiveSystem, level: QualityLevel | None) -> LiveSystem:
    spec = live.spec
    unproven = [row.resource.name for row in spec.reads if not _reaches(level, _needed_level(row))]
    unproven += [] if _reaches(level, QualityLevel.GOLD) else [write.name for write in spec.writes]
    if not unproven:
        return live
    _log.error("unproven rows not served", extra={"system": spec.id, "count": len(unproven)})
    return replace(live, spec=_without(spec, level), unproven=tuple(sorted(set(unproven))))


def _needed_level(row: Reads[Any, Any, Any, Any, Any]) -> QualityLevel:
    """The level that a row needs. A resource may have a public part, which is fed, and a live personal one."""
    own = row.ask is not None and row.resource.owner is not None
    return QualityLevel.SILVER if own or not row.resource.public else QualityLevel.BRONZE


def _reaches(level: QualityLevel | None, needed: QualityLevel) -> bool:
    return level is not None and _ORDER.index(level) >= _ORDER.index(needed)


def _without(spec: AdapterSpec[Any], level: QualityLevel | None) -> AdapterSpec[Any]:
    reads = tuple(row if _reaches(level, _needed_level(row)) else _refusing(row) for row in spec.reads)
    return replace(spec, reads=reads, writes=spec.writes if _reaches(level, QualityLevel.GOLD) else ())


def _refusing(row: Reads[Any, Any, Any, Any, Any]) -> Reads[Any, Any, Any, Any, Any]:
    return replace(
        row,
        ask=_refuse if row.ask is not None else None,
        one=_refuse if row.one is not None else None,
        content=_refuse if row.content is not None else None,
        feed=_refuse_feed if row.feed is not None else None,
        webhook=None,
    )


async def _refuse(*_asked: object) -> NoReturn:
    raise UpstreamUnavailableError("its adapter has not proven what this needs", cause=Cause.NOT_PROVEN)


async def _refuse_feed(_call: object, _mark: object) -> AsyncIterator[Batch[Any]]:
    await _refuse()
    yield Batch(())
