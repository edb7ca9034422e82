"""Run the old application alone: `python -m simulators.pbb.legacy --folder DIR [--port N]`."""

import argparse
import sys
from pathlib import Path

from simulators.clock import Clock
from simulators.pbb.legacy.notices import notices
from simulators.pbb.legacy.register import Register
from simulators.pbb.legacy.service import Billing, BillingServer
from simulators.people import population
from simulators.spec import secret


def main() -> None:
    """Serve until interrupted; print the address and the key."""
    parser = argparse.ArgumentParser(prog="python -m simulators.pbb.legacy")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the notices file")
    parser.add_argument("--port", type=int, default=0, help="the port; default: a free one")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    key = secret(arguments.folder, "legacy-key")
    register = Register(arguments.folder / "sppt.sqlite", notices(population(), Clock().today()))
    server = BillingServer(Billing(register, key), arguments.port)
    sys.stdout.write(f"LEGACY_URL={server.url}\nLEGACY_KEY={key}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        register.close()


if __name__ == "__main__":
    main()
