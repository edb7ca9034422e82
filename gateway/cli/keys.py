"""`gerbang keys …`: the provider's signing keys, rotated without a restart."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway.cli.settings import command_settings

if TYPE_CHECKING:
    from gateway.ground.sealing import Sealer
    from gateway.oidc.tokens.key_rotation import KeyRotation
    from gateway.storage.engine import Database

T = TypeVar("T")

app = typer.Typer(
    help="Kunci penandatanganan: daftar, ganti, pensiunkan. / Signing keys: list, rotate, retire.",
    no_args_is_help=True,
)


@app.command(name="list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Sebagai JSON / As JSON")] = False) -> None:
    """Daftar semua kunci. / List every key."""
    found = _run(lambda keys: keys.states())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, default=str))
        return
    for one in found:
        until = f"{one.retires_at:%Y-%m-%d %H:%M}" if one.retires_at else "–"
        typer.echo(f"{one.kid:<46}{one.alg:<8}{one.state:<12}{one.signs_from:%Y-%m-%d %H:%M}  {until}")


@app.command()
def rotate(
    *,
    now: Annotated[
        bool,
        typer.Option(
            "--now", help="Langsung dipakai, karena ada kunci yang bocor / Use it at once, because a key has leaked"
        ),
    ] = False,
) -> None:
    """Ganti kunci: terbitkan, pakai, pensiunkan. / Publish a new key; later it signs and the old ones retire."""
    from gateway.policy.access_log.actions import COMMAND_LINE

    made = _run(lambda keys: keys.rotate(COMMAND_LINE, at_once=now))
    typer.echo(made.kid)
    moment = f"{made.signs_from:%Y-%m-%d %H:%M:%S %Z}"
    typer.echo(f"Menandatangani mulai {moment}. / Signs from {moment}.", err=True)


# One name of 64 begins with a hyphen, which is no option here.
@app.command(context_settings={"ignore_unknown_options": True})
def retire(kid: Annotated[str, typer.Argument(help="Nama kunci / Name of the key")]) -> None:
    """Tolak kunci ini mulai sekarang, beserta tokennya. / Refuse this key from now on, and every token it signed."""
    from gateway.policy.access_log.actions import COMMAND_LINE

    _run(lambda keys: keys.retire(COMMAND_LINE, kid))
    typer.echo(f"Ditolak mulai sekarang. / Refused from now on: {kid}")


@app.command(name="rotate-own")
def rotate_own() -> None:
    """Ganti kunci gerbang di penerbit lain. / Rotate the gateway's key at other issuers."""
    from gateway.ground.clock import now
    from gateway.oidc.external.own_keys import OwnKeys
    from gateway.policy.access_log.actions import COMMAND_LINE, action_entry

    async def rotating(database: "Database", sealer: "Sealer") -> tuple[str, str]:
        async with database.session() as session:
            made = await OwnKeys(database, sealer, now).rotate(session)
            session.add(action_entry(COMMAND_LINE, "rotateOwnKeys", "own-key", made.kid, now()))
        return made.kid, f"{made.signs_from:%Y-%m-%d %H:%M:%S %Z}"

    kid, moment = _over_database(rotating)
    typer.echo(kid)
    typer.echo(f"Menandatangani mulai {moment}. / Signs from {moment}.", err=True)


def _run(work: "Callable[[KeyRotation], Awaitable[T]]") -> T:
    from gateway.ground.clock import now
    from gateway.oidc.tokens.key_rotation import KeyRotation

    return _over_database(lambda database, sealer: work(KeyRotation(database, sealer, now)))


def _over_database(work: "Callable[[Database, Sealer], Awaitable[T]]") -> T:
    from gateway.ground.master_key import open_sealer
    from gateway.storage.engine import Database
    from gateway.storage.migration import check_current

    settings = command_settings(announced=True)

    async def working() -> T:
        database = Database(settings.database, settings.database_limits)
        try:
            check_current(database)
            return await work(database, open_sealer(settings))
        finally:
            await database.aclose()

    import asyncio

    return asyncio.run(working())
