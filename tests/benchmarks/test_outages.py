"""The rows of P7: neighbouring windows are compared, and one disturbed window does not decide."""

from benchmarks.load import Load
from benchmarks.outages import HOSTILE, Pair, outage_row
from benchmarks.workloads import LIST, ONE


def load(p99_ms: float, refused: int = 0) -> Load:
    return Load(requests=1000, seconds=5, refused=refused, broken=0, not_modified=0, p50_ms=p99_ms / 2, p99_ms=p99_ms)


def pair(before: float, during: float, refused: int = 0) -> Pair:
    return Pair({LIST: load(before), ONE: load(1)}, {LIST: load(during, refused), ONE: load(1)})


def test_the_figure_is_the_median_of_the_ratios_of_neighbours() -> None:
    row = outage_row(HOSTILE, LIST, [pair(10, 10.5), pair(40, 42), pair(10, 90)])
    assert (row.goal, row.ratio, row.met) == ("P7", 1.05, True)
    assert row.more["ratios"] == [1.05, 1.05, 9.0]


def test_a_goal_is_missed_if_most_windows_are_slower() -> None:
    assert not outage_row(HOSTILE, LIST, [pair(10, 12), pair(10, 10), pair(10, 13)]).met


def test_refusals_during_the_outage_are_counted() -> None:
    assert outage_row(HOSTILE, LIST, [pair(1, 1, 2), pair(1, 1, 3)]).more["refused"] == 5
