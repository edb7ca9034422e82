"""Collections of garbage: rare while modules are loaded, more frequent when the gateway serves."""

import gc

import pytest

from gateway.ground.garbage_collection import freeze_loaded_objects, reduce_garbage_collection


@pytest.fixture(autouse=True)
def _restored():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_serving_collects_more_often_than_loading():
    reduce_garbage_collection()
    loading, *older = gc.get_threshold()
    freeze_loaded_objects()
    serving, *same = gc.get_threshold()
    assert loading > serving > 0
    assert same == older
