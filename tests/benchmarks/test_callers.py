"""The measurement of callers: how many requests of a caller a window holds."""

import pytest

from benchmarks.callers.clients import Answers, most_in_window


@pytest.mark.parametrize(
    ("times", "most"),
    [([], 0), ([5.0], 1), ([0.0, 9.9, 10.0], 2), ([0.0, 1.0, 2.0, 20.0], 3), ([20.0, 0.0, 19.0, 18.0], 3)],
)
def test_the_fullest_window_is_found(times, most):
    assert most_in_window(times, 10.0) == most


def test_answers_are_counted_by_status():
    answers = Answers(statuses=[(0.0, 200), (1.0, 429), (2.0, 200)], latencies=[1.0, 2.0, 3.0])
    assert (answers.count(200), answers.count(429), answers.percentile(50)) == (2, 1, 2.0)
