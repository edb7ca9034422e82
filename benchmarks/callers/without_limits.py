"""`gerbang` that counts no request for its caller: `python -m benchmarks.callers.without_limits serve`."""

from gateway.api.caller_limits import CallerLimits
from gateway.cli import main

if __name__ == "__main__":
    setattr(CallerLimits, "admit", lambda *_: None)  # noqa: B010 - the type of the method differs
    main()
