"""The selection of tests by the three loops."""

from types import SimpleNamespace

import pytest

from tests import loops
from tests.loops import examples, has_larger_numbers, is_quick, is_selected

QUICK, NOT_QUICK, LARGER, PLAIN = (
    SimpleNamespace(option=SimpleNamespace(**{"quick": False, "not_quick": False, "only_larger": False, chosen: True}))
    for chosen in ("quick", "not_quick", "only_larger", "nothing")
)


def test_a_test_without_processes_and_sockets_is_quick(request: pytest.FixtureRequest) -> None:
    assert is_quick(request.node)
    assert is_selected(QUICK, request.node)
    assert not is_selected(NOT_QUICK, request.node)


@pytest.mark.usefixtures("sockets")
def test_a_test_that_may_listen_is_not_quick(request: pytest.FixtureRequest) -> None:
    assert not is_quick(request.node)
    assert not is_selected(QUICK, request.node)
    assert is_selected(NOT_QUICK, request.node)


@pytest.mark.processes
def test_a_test_that_may_start_processes_is_not_quick(request: pytest.FixtureRequest) -> None:
    assert not is_quick(request.node)


def test_modules_that_take_their_numbers_from_the_loop_have_larger_ones(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert examples(1000) <= 1000
    assert has_larger_numbers(request.node)
    assert is_selected(LARGER, request.node)
    monkeypatch.delitem(globals(), "examples")
    assert not has_larger_numbers(request.node)
    assert not is_selected(LARGER, request.node)


@pytest.mark.hypothesis
def test_generated_tests_have_larger_numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(globals(), "examples")
    assert has_larger_numbers(request.node)


def test_a_further_case_of_a_costly_test_is_for_the_long_loop_only(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops._Chosen, "loop", loops.Loop.TEST)
    assert is_selected(PLAIN, request.node)
    request.node.add_marker(pytest.mark.long)
    assert has_larger_numbers(request.node)
    assert not is_selected(QUICK, request.node)
    assert not is_selected(PLAIN, request.node)
    monkeypatch.setattr(loops._Chosen, "loop", loops.Loop.LONG)
    assert is_selected(PLAIN, request.node)
