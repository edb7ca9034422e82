"""Serving outside the demo: nothing is made up, whatever is missing stops the start."""

import asyncio
import sys

import uvloop

from gateway.accounts.administering import Administration
from gateway.accounts.passwords import Passwords
from gateway.app import create_app
from gateway.clock import now
from gateway.serving import listen, serve, stop_on_signals
from gateway.settings import Mode, Settings, SettingsError, load_settings

EMBEDDED_REFUSED = (
    "In production nobody proves who they are to the gateway itself unless that is decided: "
    "set GERBANG_ALLOW_EMBEDDED_OP=true for it, or name an external issuer."
)
NO_ACCOUNT = (
    "Belum ada akun. / There is no account yet. Open the first with: "
    'gerbang account add NAME --name "FULL NAME" --role operator\n'
)


def run() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = load_settings()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings))


def check_decided(settings: Settings) -> None:
    """Raise `SettingsError` where something was left open that must be decided outside the demo."""
    if settings.mode is Mode.PRODUCTION and not (settings.allow_embedded_op or settings.login_issuers):
        raise SettingsError(EMBEDDED_REFUSED)


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    app = create_app(settings)
    check_decided(settings)
    sock = listen(settings.host, settings.port)

    async def started() -> None:
        if await Administration(app.state.parts.database, Passwords(), now).none_yet():
            sys.stderr.write(NO_ACCOUNT)

    try:
        await serve(app, sock, stop, started)
    finally:
        sock.close()
