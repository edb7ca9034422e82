"""A gateway is stopped and started again behind nginx, under load: how many requests fail."""

import asyncio
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from benchmarks.callers.clients import Answers, connect, request_for
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.processes import BenchmarkError, cores, start, wait_until
from benchmarks.steady import Connection
from benchmarks.testbed import free_port

READERS: Final = 48
WRITERS: Final = 16
_BEFORE, _AFTER = 3.0, 3.0
_CONFIGURATION: Final = """\
worker_processes 1;
daemon off;
pid @folder@/nginx.pid;
error_log @folder@/error.log error;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path @folder@/body;
    proxy_temp_path @folder@/proxy;
    fastcgi_temp_path @folder@/fastcgi;
    uwsgi_temp_path @folder@/uwsgi;
    scgi_temp_path @folder@/scgi;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream gateways { @servers@ keepalive 64; }
    server {
        listen 127.0.0.1:@port@;
        location / { proxy_pass http://gateways; }
    }
}
"""


def measure_restart(folder: Path, gateways: tuple[Gerbang, Gerbang]) -> list[Goal]:
    """Restart the first of two running gateways; the rows."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise BenchmarkError("nginx is not installed (Debian: nginx-light).")
    folder.mkdir()
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{gateway.port};" for gateway in gateways)
    text = _CONFIGURATION.replace("@folder@", str(folder)).replace("@servers@", servers).replace("@port@", str(port))
    (folder / "nginx.conf").write_text(text, "utf-8")
    command: list[str | Path] = [program, "-p", folder, "-c", folder / "nginx.conf"]
    nginx = start("nginx", command, core=cores()[1], log=folder / "nginx.log")
    try:
        wait_until((folder / "nginx.pid").exists, nginx)
        reads, writes, stopping = asyncio.run(_load(port, gateways[0]))
    finally:
        nginx.stop()
    rows = []
    for what, answers in (("reads", reads), ("writes, which nginx does not repeat,", writes)):
        bad = answers.failures + sum(1 for _, status in answers.statuses if status >= 500)
        more = {"answers": len(answers.statuses), "p99_ms": answers.percentile(99), "stop_seconds": stopping}
        name = f"failed {what} while one of two gateways behind nginx was restarted"
        rows.append(Goal("restart", name, float(bad), 0, unit="requests", more=more))
    return rows


async def _load(port: int, gateway: Gerbang) -> tuple[Answers, Answers, float]:
    """Load nginx while the gateway restarts. Returns the answers to reads and writes, and the seconds of the stop."""
    reads, writes, done = Answers(), Answers(), asyncio.Event()
    read, write = request_for("/v1/complaints?limit=10"), request_for("/v1/complaints", method="POST")
    clients = [asyncio.create_task(_ask(port, read, reads, done)) for _ in range(READERS)]
    clients += [asyncio.create_task(_ask(port, write, writes, done)) for _ in range(WRITERS)]
    await asyncio.sleep(_BEFORE)
    process = gateway.running.process
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 30)
    stopping = time.monotonic() - began
    await asyncio.to_thread(gateway.start)
    await asyncio.sleep(_AFTER)
    done.set()
    await asyncio.gather(*clients)
    return reads, writes, stopping


async def _ask(port: int, request: bytes, answers: Answers, done: asyncio.Event) -> None:
    """Send one request after another on a kept connection."""
    connection: Connection | None = None
    while not done.is_set():
        if connection is None or connection.closed:
            connection = await connect(port)
        await answers.note(connection, request)
    if connection is not None:
        connection.close()
