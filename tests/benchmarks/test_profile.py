"""The table of functions of a profile: shares of samples, from folded stacks."""

from benchmarks.profile import FunctionShare, function_shares

FOLDED = [
    "main (cli.py);answer (api.py);render (json.py) 6",
    "main (cli.py);answer (api.py) 3",
    "main (cli.py);walk (json.py);walk (json.py) 1",
    "Warning: not a stack",
]


def test_own_and_total_samples_are_counted() -> None:
    samples, shares = function_shares(FOLDED)
    assert samples == 10
    assert shares[:2] == [FunctionShare("render (json.py)", 6, 6), FunctionShare("answer (api.py)", 3, 9)]
    assert FunctionShare("main (cli.py)", 0, 10) in shares


def test_a_function_that_calls_itself_counts_once_in_a_stack() -> None:
    _, shares = function_shares(FOLDED)
    assert FunctionShare("walk (json.py)", 1, 1) in shares
