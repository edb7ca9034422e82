"""Measure the peak memory growth of this process."""

import resource
import sys
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_FORGET: Final = Path("/proc/self/clear_refs")
_UNIT: Final = 1 if sys.platform == "darwin" else 1024


class PeakMemory:
    """Measures from its creation. Where the kernel cannot reset the high-water mark, the result is too low."""

    def __init__(self) -> None:
        self._before = _resident() if _forget() else _highest()

    def growth(self) -> int:
        """Return the peak growth of the process in bytes."""
        return max(0, _highest() - self._before)


def _forget() -> bool:
    """Reset the kernel's high-water mark to the present size."""
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
    """Return a size of this process from the kernel's status file, in bytes; 0 if it is not available."""
    try:
        lines = _STATUS.read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)
