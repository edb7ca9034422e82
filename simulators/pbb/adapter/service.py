"""Serve the adapter: `python -m simulators.pbb.adapter.service --legacy URL --folder DIR`.

Environment variables: `GERBANG_KEY_ID` and `GERBANG_SECRET` are shared with the gateway, `LEGACY_KEY` with the old
application.
"""

import argparse
import os
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simulators.pbb.adapter.legacy import legacy_at
from simulators.pbb.adapter.mapping import routes
from simulators.pbb.adapter.protocol import Nonces, Protocol, Question

WITA = timezone(timedelta(hours=8))
LARGEST = 1_000_000


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def __init__(self, protocol: Protocol, *connection: Any) -> None:  # noqa: ANN401 - socketserver's own arguments
        self._protocol = protocol
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self.send_error(413)
            return
        self._answer(self.rfile.read(int(length)))

    def _answer(self, content: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self._protocol.answer(Question(self.command, self.path, headers, content))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - http.server's own signature
        """Log nothing; an access log must not contain personal data."""


class AdapterServer(ThreadingHTTPServer):
    """The adapter on a loopback port; `port` 0 selects a free one."""

    daemon_threads = True

    def __init__(self, protocol: Protocol, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), partial(_Handler, protocol))

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own signature
        """Ignore disconnecting clients; faults of the adapter are answered before this point."""


def protocol_of(
    *,
    keys: dict[str, str],
    folder: Path,
    legacy_url: str,
    legacy_key: str,
    clock: Callable[[], float],
    prefix: str = "",
) -> Protocol:
    """Return the protocol over the old application."""

    def today() -> date:
        return datetime.fromtimestamp(clock(), WITA).date()

    answers = routes(legacy_at(legacy_url, legacy_key), today)
    return Protocol(keys, Nonces(folder / "nonces.sqlite"), answers, clock, prefix)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m simulators.pbb.adapter.service")
    parser.add_argument("--legacy", required=True, metavar="URL", help="address of the old application")
    parser.add_argument("--folder", required=True, type=Path, help="folder of the nonces file")
    parser.add_argument("--port", type=int, default=8090)
    arguments = parser.parse_args()
    protocol = protocol_of(
        keys={os.environ["GERBANG_KEY_ID"]: os.environ["GERBANG_SECRET"]},
        folder=arguments.folder,
        legacy_url=arguments.legacy,
        legacy_key=os.environ["LEGACY_KEY"],
        clock=time.time,
    )
    AdapterServer(protocol, arguments.port).serve_forever()


if __name__ == "__main__":
    main()
