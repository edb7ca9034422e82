"""Serving outside the demo: nothing is made up, whatever is missing stops the start."""

import asyncio

import uvloop

from gateway.app import create_app
from gateway.serving import listen, serve, stop_on_signals
from gateway.settings import Settings, load_settings


def run() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = load_settings()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    app = create_app(settings)
    sock = listen(settings.host, settings.port)
    try:
        await serve(app, sock, stop)
    finally:
        sock.close()
