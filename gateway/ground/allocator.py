"""Settings of the allocator of the C library, glibc: threads share one arena.

By default each thread that allocates gets an arena of its own, whose free memory no other thread uses. The gateway's
threads write logs, talk to the database and make snapshots, one at a time: one arena saves 8 MB of resident memory, and
costs no time.
"""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of `malloc.h`."""


def share_one_arena() -> None:
    """Let all threads that start later allocate from one arena. Without effect where the C library has none."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_ARENA_MAX, 1)
