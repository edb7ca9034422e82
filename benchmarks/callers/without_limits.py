"""`gerbang` that counts no request for its caller: `python -m benchmarks.callers.without_limits serve`."""

from unittest.mock import patch

from gateway.api.caller_limits import CallerLimits
from gateway.cli import main

if __name__ == "__main__":
    with patch.object(CallerLimits, "admit", lambda *_: None):
        main()
