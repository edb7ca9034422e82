"""The growth of what a process holds: what is flat, and what is not."""

from benchmarks.soak.resources import FIGURES, MEMORY_SECONDS, Resources, growth_at_rest, growth_under_load


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


def test_memory_is_judged_after_a_long_warm_up_only() -> None:
    leaking = [Resources(at, dict.fromkeys(FIGURES, 100.0) | {"rss_mb": 100.0 + at / 10}) for at in range(900)]
    assert all(one.flat for one in growth_under_load(leaking, MEMORY_SECONDS - 1))
    assert [one.figure for one in growth_under_load(leaking, MEMORY_SECONDS) if not one.flat] == ["rss_mb"]


def test_a_task_that_stays_after_the_load_is_found() -> None:
    before = dict.fromkeys(FIGURES, 30.0)
    assert all(one.flat for one in growth_at_rest(before, before))
    assert [one.figure for one in growth_at_rest(before, before | {"tasks": 35.0}) if not one.flat] == ["tasks"]
