"""Serves outside the demo: no value is invented, and a missing setting stops the start."""

import asyncio
import contextlib
import sys

import uvloop
from fastapi import FastAPI

from gateway.app import create_app
from gateway.ground.allocator import return_free_memory, share_one_arena
from gateway.ground.clock import now
from gateway.ground.connection_limits import ConnectionLimits
from gateway.ground.master_key import open_sealer
from gateway.identity.admin import ONE_TIME, AccountStatus, Administration, check_username
from gateway.identity.passwords import Passwords
from gateway.observability.logs import set_log_level
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.policy.principal import Role
from gateway.server.operator_address import OperatorAddress
from gateway.server.serving import listen, serve, stop_on_signals
from gateway.settings import Mode, Settings, SettingsError, load_settings
from gateway.storage.availability import wait_for_database
from gateway.storage.engine import Database
from gateway.storage.process_lock import exclusive_database

EMBEDDED_REFUSED = (
    "In production, people sign in at the gateway itself only if this is allowed: "
    "set GERBANG_ALLOW_EMBEDDED_OP=true, or name an external issuer."
)
NO_ISSUER = (
    "GERBANG_ISSUER is missing: give the public address of the gateway, such as https://gerbang.example; it is part of "
    "every token."
)
NO_ACCOUNT = (
    "Belum ada akun. / There is no account yet. Open the first with: "
    'gerbang account add NAME --name "FULL NAME" --role operator\n'
)


NEEDS_TERMINAL = (
    "The first operator's password is shown at a terminal only, since the output of a service ends up in a log: "
    "open the account by gerbang account add."
)
NO_PASSWORDS = "With an external issuer there are no passwords here: link an account by gerbang account link."


def run(first_operator: str | None = None) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP.

    `first_operator`: if there is no account yet, create one of this name and show its one-time password, once.
    """
    share_one_arena()
    settings = load_settings()
    set_log_level(settings.log.level)
    if first_operator is not None:
        check_username(first_operator)
        _check_can_show(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, first_operator))


def _check_can_show(settings: Settings) -> None:
    if settings.login_issuers:
        raise SettingsError(NO_PASSWORDS)
    if not sys.stdout.isatty():
        raise SettingsError(NEEDS_TERMINAL)


def check_decided(settings: Settings) -> None:
    """Raise `SettingsError` for a decision that is mandatory outside the demo and has not been made."""
    if settings.mode is not Mode.PRODUCTION:
        return
    if not (settings.allow_embedded_op or settings.login_issuers):
        raise SettingsError(EMBEDDED_REFUSED)
    if settings.issuer is None:
        raise SettingsError(NO_ISSUER)


async def _run(settings: Settings, first_operator: str | None) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    # Report missing settings before waiting for anything.
    open_sealer(settings)
    check_decided(settings)
    database = Database(settings.database, settings.database_limits)
    try:
        await asyncio.to_thread(wait_for_database, database, stop.is_set)
        if stop.is_set():
            return
        app = create_app(settings)
        async with exclusive_database(database, stop, shared=settings.allow_shared_database):
            if not stop.is_set():
                await _serve(app, settings, stop, first_operator)
    finally:
        await database.aclose()


async def _serve(app: FastAPI, settings: Settings, stop: asyncio.Event, first_operator: str | None) -> None:
    async def show_account() -> None:
        accounts = Administration(app.state.deps.database, Passwords(), now)
        if not await accounts.is_empty():
            return
        if first_operator is None:
            sys.stderr.write(NO_ACCOUNT)
            return
        password = await accounts.add(COMMAND_LINE, first_operator, first_operator, AccountStatus((Role.OPERATOR,)))
        sys.stdout.write(f"{password}\n{ONE_TIME.format(username=first_operator)}\n")
        sys.stdout.flush()

    async def started() -> None:
        await show_account()
        await app.state.deps.feeds.wait_until_tried()
        return_free_memory()

    limits = ConnectionLimits(settings.connections, settings.trusted_proxies)
    with contextlib.ExitStack() as listening:
        sock = listening.enter_context(listen(settings.host, settings.port))
        operator: OperatorAddress | None = None
        if settings.metrics_host_port is not None:
            operator_sock = listening.enter_context(listen(*settings.metrics_host_port))
            operator = OperatorAddress(app.state.deps.metrics, operator_sock)
        await serve(app, sock, stop, started, limits, operator)
