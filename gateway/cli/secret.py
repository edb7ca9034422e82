"""`gerbang secret …`: credentials for systems in the vault. Values can be set, but never read."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway.cli.settings import command_settings
from gateway.ground.errors import GerbangError

if TYPE_CHECKING:
    from gateway.registry.offices import OfficeTable
    from gateway.registry.vault.admin import VaultAdministration
    from gateway.registry.vault.inventory import ListedSecret

T = TypeVar("T")

app = typer.Typer(
    help="Rahasia sistem dalam brankas: isi, daftar, hapus. / Secrets of systems in the vault: set, list, remove.",
    no_args_is_help=True,
)

Place = Annotated[str, typer.Argument(metavar="SYSTEM[/OFFICE]", help="Sistem dan kantornya / System and its office")]
Name = Annotated[str, typer.Argument(metavar="FIELD", help="Nama pengaturan / Name of the setting")]
_MOST_BYTES = 200_000


@app.command(name="set")
def set_(place: Place, field: Name) -> None:
    """Simpan rahasia; gerbang yang berjalan memakainya dalam beberapa detik.
    / Store a secret; a running gateway takes it up within seconds.

    Nilainya diketik di terminal atau dibaca dari masukan baku; tidak pernah sebagai argumen.
    / The value is asked for at the terminal, or read from standard input; it is never an argument.
    """
    from gateway.policy.access_log.actions import COMMAND_LINE

    system, office = _parsed_place(place)
    table = _table_of(system, office)
    if table is None:
        raise GerbangError(f"There is no system or office {place} in the folders of systems.")
    value = _value()
    lacks = _run(lambda vault: vault.set(COMMAND_LINE, table, field, value))
    typer.echo(f"Tersimpan. / Stored: {place} {field}")
    if lacks is not None:
        typer.echo(f"Belum lengkap. / Not complete yet: {lacks}", err=True)


@app.command(name="list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Sebagai JSON / As JSON")] = False) -> None:
    """Daftar rahasia: di mana, oleh siapa, kapan; tanpa nilainya. / Every secret: where, by whom, when; no value."""
    from gateway.registry.registry import describe_systems
    from gateway.registry.vault.inventory import listed

    systems, _ = describe_systems(command_settings().systems, suspended=True)
    rows = _run(lambda vault: vault.all())
    found = listed([table for _, tables in systems for table in tables], rows)
    if as_json:
        typer.echo(json.dumps([one.document() for one in found], indent=2))
        return
    for one in found:
        typer.echo(_line(one))


@app.command()
def remove(place: Place, field: Name) -> None:
    """Hapus rahasia dari brankas. / Remove a secret from the vault."""
    from gateway.policy.access_log.actions import COMMAND_LINE

    key = _parsed_place(place)
    table = _table_of(*key, suspended=False)
    _run(lambda vault: vault.remove(COMMAND_LINE, key, field, table))
    typer.echo(f"Dihapus. / Removed: {place} {field}")


def _line(one: "ListedSecret") -> str:
    who = f"v{one.version}  {one.set_at:%Y-%m-%d %H:%M}  {one.set_by}" if one.set_at else ""
    return f"{one.place:<32}{one.field:<20}{one.state:<10}{who}".rstrip()


def _parsed_place(place: str) -> tuple[str, str | None]:
    system, slash, office = place.partition("/")
    if not system or (slash and not office):
        raise GerbangError(f"{place} is no system or office: write SYSTEM or SYSTEM/OFFICE.")
    return system, office or None


def _table_of(system: str, office: str | None, *, suspended: bool = True) -> "OfficeTable | None":
    from gateway.registry.registry import describe_systems

    systems, _ = describe_systems(command_settings().systems, only=system, suspended=suspended)
    return next((table for _, tables in systems for table in tables if table.id == office), None)


def _value() -> str:
    if sys.stdin.isatty():
        typed: str = typer.prompt("Nilai / Value", hide_input=True, confirmation_prompt="Sekali lagi / Once more")
        return typed
    try:
        given = sys.stdin.buffer.read(_MOST_BYTES).decode()
    except UnicodeDecodeError:
        raise GerbangError("The value is not UTF-8 text.") from None
    return given.removesuffix("\n").removesuffix("\r")


def _run(work: "Callable[[VaultAdministration], Awaitable[T]]") -> T:
    from gateway.ground.clock import now
    from gateway.ground.master_key import open_sealer
    from gateway.registry.vault.admin import VaultAdministration
    from gateway.storage.engine import Database
    from gateway.storage.migration import check_current

    settings = command_settings(announced=True)

    async def working() -> T:
        database = Database(settings.database, settings.database_limits)
        try:
            check_current(database)
            sealer = open_sealer(settings)
            return await work(VaultAdministration(database, sealer, now, settings.secrets_elsewhere))
        finally:
            await database.aclose()

    import asyncio

    return asyncio.run(working())
