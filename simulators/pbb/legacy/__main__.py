"""The old application by itself: `python -m simulators.pbb.legacy --folder DIR [--port N]`, until interrupted."""

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
    """Serve, and say where and with which key."""
    parser = argparse.ArgumentParser(prog="python -m simulators.pbb.legacy")
    parser.add_argument("--folder", type=Path, required=True, help="where the notices are kept")
    parser.add_argument("--port", type=int, default=0, help="the port; a free one when left out")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    key = secret(asked.folder, "legacy-key")
    register = Register(asked.folder / "sppt.sqlite", notices(population(), Clock().today()))
    server = BillingServer(Billing(register, key), asked.port)
    sys.stdout.write(f"LEGACY_URL={server.url}\nLEGACY_KEY={key}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        register.close()


if __name__ == "__main__":
    main()
