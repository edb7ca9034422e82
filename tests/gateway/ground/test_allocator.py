"""The settings of the C library's allocator, and the return of free memory."""

import ctypes
from types import SimpleNamespace

from gateway.ground import allocator


def test_all_threads_share_one_arena_where_the_c_library_has_arenas(monkeypatch):
    options = []
    library = SimpleNamespace(mallopt=lambda option, value: options.append((option, value)))
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    allocator.share_one_arena()
    assert options == [(-8, 1)]


def test_free_memory_is_returned_where_the_c_library_can(monkeypatch):
    kept = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(malloc_trim=kept.append))
    allocator.return_free_memory()
    assert kept == [0]


def test_another_c_library_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    allocator.share_one_arena()
    allocator.return_free_memory()
