"""What a level lets a system do: decided when it is registered, for the very code that was checked."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.errors import UpstreamUnavailableError
from adapters.lapor import SPEC as LAPOR
from gateway.ground.clock import WITA
from gateway.registry.digests import digest_of
from gateway.registry.level_limits import restrict_by_level
from gateway.registry.levels import Levels, ProvenLevel
from gateway.registry.registry import LiveSystem, Registry
from schemas.envelope import Cause
from schemas.system import LevelState, QualityLevel

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 27, 9, tzinfo=WITA)
GOLD = QualityLevel.GOLD


def report(folder, name="lapor", *, level="gold", at=NOW, digest=None, **more):
    folder.mkdir(exist_ok=True)
    written = {"level": level, "at": at.isoformat(), "digest": digest or digest_of(LAPOR), **more}
    (folder / f"{name}.json").write_text(json.dumps(written))


@pytest.fixture
def levels(tmp_path):
    return Levels(tmp_path / "home", tmp_path / "packaged", lambda: NOW)


def held(levels, *, serve_unproven=False):
    return next(iter(restrict_by_level(Registry([LiveSystem(LAPOR, ())]), levels, serve_unproven=serve_unproven)))


@pytest.mark.parametrize(
    ("level", "unproven"),
    [
        (None, ("complaint", "submit-complaint")),
        ("bronze", ("complaint", "submit-complaint")),
        ("silver", ("submit-complaint",)),
        ("gold", ()),
    ],
)
def test_a_level_lets_a_system_do_what_it_has_proven(levels, tmp_path, level, unproven):
    report(tmp_path / "home", level=level)
    assert held(levels).unproven == unproven


async def test_a_row_without_its_level_refuses_and_says_so(levels, tmp_path):
    report(tmp_path / "home", level="bronze")
    fed, own = held(levels).spec.reads
    assert fed == LAPOR.reads[0]
    for function in (own.ask, own.one):
        with pytest.raises(UpstreamUnavailableError) as refused:
            await function(None, None, None)
        assert refused.value.cause is Cause.NOT_PROVEN
    assert held(levels).spec.writes == ()


async def test_a_feed_without_its_level_brings_nothing(levels):
    feed = held(levels).spec.reads[0].feed
    with pytest.raises(UpstreamUnavailableError):
        [batch async for batch in feed(None, None)]
    assert held(levels).spec.reads[0].webhook is None


def test_where_it_is_allowed_everything_is_served(levels):
    assert held(levels, serve_unproven=True).unproven == ()
    assert held(levels, serve_unproven=True).spec is LAPOR


def test_a_report_about_other_code_is_stale_and_binds_as_none(levels, tmp_path):
    report(tmp_path / "home", digest="another")
    level = levels.of("lapor", digest_of(LAPOR))
    assert (level.state, level.level, level.binding) == (LevelState.STALE, GOLD, None)
    assert held(levels).unproven
    report(tmp_path / "packaged")
    assert levels.of("lapor", digest_of(LAPOR)).state is LevelState.CURRENT
    assert held(levels).unproven == ()


def test_a_report_without_the_zone_of_its_time_is_none(levels, tmp_path):
    report(tmp_path / "home", at=NOW.replace(tzinfo=None))
    assert levels.of("lapor", digest_of(LAPOR)) is None


def test_a_report_is_read_once_for_as_long_as_it_stays_the_same(levels, tmp_path, monkeypatch):
    report(tmp_path / "home", level="silver")
    read, before = [], Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path, **how: read.append(path.name) or before(path, **how))
    for _ in range(3):
        assert levels.of("lapor", digest_of(LAPOR)).level is QualityLevel.SILVER
    assert read == ["lapor.json"]
    report(tmp_path / "home", level="bronze", complete=False)
    assert levels.of("lapor", digest_of(LAPOR)).level is QualityLevel.BRONZE


def test_of_two_reports_about_it_the_newer_counts(levels, tmp_path):
    report(tmp_path / "packaged")
    report(tmp_path / "home", level="silver", at=NOW - timedelta(days=1))
    assert levels.of("lapor", digest_of(LAPOR)).level is GOLD


def test_an_old_level_alerts_and_takes_nothing_away(levels, tmp_path, caplog):
    report(tmp_path / "home", at=NOW - timedelta(days=200))
    assert levels.of("lapor", digest_of(LAPOR)).state is LevelState.OLD
    assert held(levels).unproven == ()
    assert caplog.records[-1].reason == "its report is old"


@pytest.mark.parametrize(
    ("complete", "passed", "days", "digest", "level"),
    [
        (True, True, 3, None, QualityLevel.PLATINUM),
        (True, True, 31, None, GOLD),
        (True, False, 3, None, GOLD),
        (False, True, 3, None, GOLD),
        (True, True, 3, "another", GOLD),
    ],
)
def test_platinum_is_a_live_check_of_the_last_thirty_days(levels, tmp_path, complete, passed, days, digest, level):
    report(tmp_path / "home", complete=complete)
    at = NOW - timedelta(days=days)
    report(tmp_path / "home", "lapor.live", level="platinum" if passed else None, at=at, digest=digest, passed=passed)
    assert levels.of("lapor", digest_of(LAPOR)).level is level


def test_a_digest_is_of_the_code(tmp_path):
    assert digest_of(LAPOR) == digest_of(replace(LAPOR, version="9"))
    assert len(digest_of(LAPOR)) == 32


def test_nothing_binds_that_was_never_checked(levels):
    assert levels.of("lapor", digest_of(LAPOR)) is None
    assert ProvenLevel(GOLD, NOW, LevelState.OLD).binding is GOLD
