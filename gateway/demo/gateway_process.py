"""The gateway of `gerbang demo --reload`, a process of its own: `python -m gateway.demo.gateway_process`.

It serves on a socket that it inherits, in front of a city that is already running, until a signal or the end of
standard input.
"""

import argparse
import sys

from gateway.demo.home import ensure_home, settings_at
from gateway.demo.run import run_gateway
from gateway.ground.errors import GerbangError
from gateway.ground.garbage_collection import reduce_garbage_collection
from gateway.observability.logs import start_logging


def main() -> int:
    """Serve; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gateway.demo.gateway_process")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--socket", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--again", action="store_true", help="print one line when ready in place of the banner")
    chosen = parser.parse_args()
    reduce_garbage_collection()
    logs = start_logging(ensure_home() / "gateway.log")
    try:
        return run_gateway(settings_at(ensure_home(), chosen.port), chosen.socket, again=chosen.again)
    except GerbangError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    finally:
        logs.stop()


if __name__ == "__main__":
    sys.exit(main())
