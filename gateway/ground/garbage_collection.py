"""Settings of Python's cyclic garbage collector for programs that load much code and keep it.

The gateway's modules are some 400,000 objects that live as long as the process. By default the collector scans them
repeatedly while they are imported, in every full collection while requests are served, and once more when the
interpreter ends: together two fifths of the CPU time of a short command.
"""

import atexit
import gc
from typing import Final

_WHILE_LOADING: Final = 500_000
"""Allocations until a collection: more than there are objects to load, so that loading causes none."""
_WHILE_SERVING: Final = 50_000


def reduce_garbage_collection() -> None:
    """Do not collect while modules are loaded, nor at the end of the process, which frees its memory anyway."""
    _set_allocations(_WHILE_LOADING)
    atexit.register(gc.freeze)


def freeze_loaded_objects() -> None:
    """Exempt all present objects from later collections, which are more frequent from now on.

    Modules, tables and routes live until the end.
    """
    gc.freeze()
    _set_allocations(_WHILE_SERVING)


def _set_allocations(allocations: int) -> None:
    gc.set_threshold(allocations, *gc.get_threshold()[1:])
