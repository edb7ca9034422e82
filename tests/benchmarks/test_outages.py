"""The rows of P7: neighbouring windows are compared, and one disturbed window does not decide."""

from benchmarks.goals import Goal
from benchmarks.outages import HOSTILE, Pair, Window, outage_row
from benchmarks.workloads import LIST, ONE


def pair(before: float, during: float, failed: int = 0) -> Pair:
    other = Window(1, 100, 0)
    return Pair({LIST: Window(before, 100, 0), ONE: other}, {LIST: Window(during, 100, failed), ONE: other})


def row(*pairs: Pair) -> Goal:
    return outage_row(HOSTILE, "at full load", LIST, pairs)


def test_the_figure_is_the_median_of_the_ratios_of_neighbours() -> None:
    found = row(pair(10, 10.5), pair(40, 42), pair(10, 90))
    assert (found.goal, found.ratio, found.met) == ("P7", 1.05, True)
    assert found.more["ratios"] == [1.05, 1.05, 9.0]


def test_a_goal_is_missed_if_most_windows_are_slower() -> None:
    assert not row(pair(10, 12), pair(10, 10), pair(10, 13)).met


def test_failures_during_the_outage_are_counted() -> None:
    assert row(pair(1, 1, 2), pair(1, 1, 3)).more["failed"] == 5
