"""How much memory this process has taken at most while something was going on."""

import resource
import sys
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_FORGET: Final = Path("/proc/self/clear_refs")
_UNIT: Final = 1 if sys.platform == "darwin" else 1024


class Peak:
    """Measures from when it is made. Where the kernel never forgets the highest mark, it shows too little."""

    def __init__(self) -> None:
        self._before = _resident() if _forget() else _highest()

    def grown(self) -> int:
        """By how many bytes the process has grown at most."""
        return max(0, _highest() - self._before)


def _forget() -> bool:
    """Let the kernel take the present size for the highest mark."""
    try:
        _FORGET.write_text("5")
    except OSError:
        return False
    return True


def _resident() -> int:
    return _of_status("VmRSS:")


def _highest() -> int:
    return _of_status("VmHWM:") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def _of_status(name: str) -> int:
    """A size from what the kernel tells of this process, in bytes; 0 where it tells nothing."""
    try:
        lines = _STATUS.read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)
