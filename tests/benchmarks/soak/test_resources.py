"""The growth of what a process holds: what is flat, and what is not."""

import mmap
from pathlib import Path

import pytest

from benchmarks.soak.resources import (
    FIGURES,
    MEMORY_SECONDS,
    Resources,
    anonymous_megabytes,
    growth_at_rest,
    growth_under_load,
)

MAPPED = 64_000_000


def samples(descriptors_a_second: float) -> list[Resources]:
    flat = dict.fromkeys(FIGURES, 100.0)
    return [Resources(at, flat | {"descriptors": 100 + at * descriptors_a_second}) for at in range(300)]


def not_flat(descriptors_a_second: float) -> list[str]:
    return [one.figure for one in growth_under_load(samples(descriptors_a_second), 60) if not one.flat]


def test_a_leak_of_descriptors_is_found() -> None:
    assert not_flat(0) == []
    assert not_flat(0.5) == ["descriptors"]


def test_what_is_in_use_while_a_system_hangs_is_no_growth() -> None:
    flat = dict.fromkeys(FIGURES, 30.0)
    hanging = [Resources(at, flat | {"tasks": 90.0 if at % 4 and at > 200 else 30.0}) for at in range(300)]
    assert all(one.flat for one in growth_under_load(hanging, 60))


def test_growth_during_the_warm_up_does_not_count() -> None:
    warming = [Resources(one.at, dict.fromkeys(FIGURES, min(one.at, 50.0))) for one in samples(0)]
    assert all(one.flat for one in growth_under_load(warming, 60))


def test_too_few_samples_measure_nothing() -> None:
    assert growth_under_load(samples(0)[:2], 0) == []


@pytest.mark.parametrize("memory", ["rss_mb", "anonymous_mb"])
def test_memory_is_judged_after_a_long_warm_up_only(memory: str) -> None:
    leaking = [Resources(at, dict.fromkeys(FIGURES, 100.0) | {memory: 100.0 + at / 10}) for at in range(900)]
    assert all(one.flat for one in growth_under_load(leaking, MEMORY_SECONDS - 1))
    assert [one.figure for one in growth_under_load(leaking, MEMORY_SECONDS) if not one.flat] == [memory]


@pytest.mark.parametrize(("swap", "megabytes"), [("", 102.4), ("Swap: 50000 kB\nSwapPss: 7 kB\n", 153.6)])
def test_anonymous_memory_includes_swapped_memory(tmp_path: Path, swap: str, megabytes: float) -> None:
    rollup = "5000-7000 ---p 00000000 00:00 0 [rollup]\nRss: 300000 kB\nPss: 200000 kB\nAnonymous: 100000 kB\n"
    (tmp_path / "smaps_rollup").write_text(rollup + swap, "utf-8")
    assert anonymous_megabytes(tmp_path) == pytest.approx(megabytes)


def test_mapped_files_are_not_anonymous_memory(tmp_path: Path) -> None:
    own, file = Path("/proc/self"), tmp_path / "mapped"
    file.write_bytes(bytes(MAPPED))
    before = anonymous_megabytes(own)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped.find(b"x") == -1  # reads each page
        with_file = anonymous_megabytes(own)
    with mmap.mmap(-1, MAPPED, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as allocated:
        for page in range(0, MAPPED, mmap.PAGESIZE):
            allocated[page] = 1
        allocated_too = anonymous_megabytes(own)
    assert with_file - before < MAPPED / 2e6 < allocated_too - before


def test_a_task_that_stays_after_the_load_is_found() -> None:
    before = dict.fromkeys(FIGURES, 30.0)
    assert all(one.flat for one in growth_at_rest(before, before))
    assert [one.figure for one in growth_at_rest(before, before | {"tasks": 35.0}) if not one.flat] == ["tasks"]
