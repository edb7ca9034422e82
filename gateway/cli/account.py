"""`gerbang account …`: opens, lists and changes the accounts of officers, operators, developers and integrators."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway.cli.settings import command_settings
from gateway.policy.principal import Role

if TYPE_CHECKING:
    from gateway.identity.admin import AccountStatus, Administration
    from gateway.identity.identity_links import IdentityLinks
    from gateway.policy.access_log.actions import ActingParty
    from gateway.storage.engine import Database

T = TypeVar("T")

app = typer.Typer(
    help="Akun petugas dan pengelola: buka, lihat, ubah, tutup. / Accounts of staff: open, list, change, close.",
    no_args_is_help=True,
)

Username = Annotated[str, typer.Argument(help="Nama akun / Username")]
Roles = Annotated[list[Role], typer.Option("--role", help="Peran; boleh beberapa kali / Role; may be repeated")]
Agency = Annotated[str | None, typer.Option(help="Dinas petugas, dari agencies.toml / An officer's agency")]
Region = Annotated[str | None, typer.Option(help="Kode kelurahan petugas / Region code of an officer's kelurahan")]
IssuerName = Annotated[str, typer.Argument(help="Nama penerbit di pengaturan / The issuer's name in the settings")]
Subject = Annotated[str, typer.Argument(help="Subjek (sub) di sana / The subject (sub) there")]
AsJson = Annotated[bool, typer.Option("--json", help="Sebagai JSON / As JSON")]


@app.command()
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="Nama lengkap / Full name")],
    role: Roles,
    agency: Agency = None,
    region: Region = None,
) -> None:
    """Buka akun; cetak sandi sekali pakai. / Open an account; print its one-time password."""
    status = _status(role, agency, region)
    _print_password(username, _run(lambda accounts, actor: accounts.add(actor, username, name, status)))


@app.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """Daftar semua akun. / List every account."""
    found = _run(lambda accounts, _: accounts.summaries())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
        return
    for one in found:
        marks = [*one.roles, *(["2FA"] if one.second_factor else []), *(["withdrawn"] if one.withdrawn_at else [])]
        typer.echo(f"{one.username:<24}{one.name:<32}{', '.join(marks)}")


@app.command()
def show(username: Username) -> None:
    """Tampilkan satu akun. / Show one account."""
    for name, value in asdict(_run(lambda accounts, _: accounts.summary(username))).items():
        written = ", ".join(value) if isinstance(value, tuple) else value
        typer.echo(f"{name:<20}{'–' if written is None else written}")


@app.command()
def role(username: Username, role: Roles, agency: Agency = None, region: Region = None) -> None:
    """Ganti semua peran, dinas, dan kelurahan. / Replace all roles, the agency and the kelurahan."""
    status = _status(role, agency, region)
    _run(lambda accounts, actor: accounts.change_roles(actor, username, status))
    typer.echo(f"Peran diganti. / Roles replaced: {username} ({', '.join(status.roles)})")


@app.command()
def withdraw(username: Username) -> None:
    """Tutup akun untuk selamanya. / Close an account for good; its sessions and tokens end."""
    _run(lambda accounts, actor: accounts.withdraw(actor, username))
    typer.echo(f"Ditutup, beserta sesi dan tokennya. / Closed, with its sessions and tokens: {username}")


@app.command()
def reset(
    username: Username,
    *,
    factors: Annotated[
        bool, typer.Option("--factors", help="Hapus juga faktor kedua / Remove second factors too")
    ] = False,
) -> None:
    """Cetak sandi sekali pakai yang baru. / Print a new one-time password; sessions and tokens end."""
    _print_password(username, _run(lambda accounts, actor: accounts.reset(actor, username, factors=factors)))


@app.command()
def link(username: Username, issuer: IssuerName, subject: Subject) -> None:
    """Hubungkan dengan identitas di penerbit lain. / Link an identity at another issuer to the account."""
    address = _issuer(issuer)
    _run_links(lambda links, actor: links.add(actor, username, address, subject))
    typer.echo(f"Terhubung. / Linked: {username}, {issuer}")


@app.command()
def unlink(username: Username, issuer: IssuerName) -> None:
    """Putuskan hubungan itu dan akhiri sesinya. / Unlink the identity; its sessions end in every app."""
    address = _issuer(issuer)
    _run_links(lambda links, actor: links.remove(actor, username, address))
    typer.echo(f"Diputuskan. / Unlinked: {username}, {issuer}")


def _issuer(name: str) -> str:
    from gateway.identity.admin import AccountError

    settings = command_settings()
    issuer_settings = settings.login_issuers.get(name) or settings.token_issuers.get(name)
    if issuer_settings is None:
        raise AccountError(f"The settings name no issuer {name}.")
    return issuer_settings.issuer


def _status(roles: list[Role], agency: str | None, region: str | None) -> "AccountStatus":
    from gateway.identity.admin import AccountStatus
    from gateway.registry.agencies import load_agencies
    from gateway.registry.registry import Registry

    agencies = load_agencies(command_settings().agencies, Registry(()))
    return AccountStatus(tuple(dict.fromkeys(roles)), agency, region).checked(agencies)


def _print_password(username: str, password: str) -> None:
    from gateway.identity.admin import ONE_TIME

    typer.echo(password)
    typer.echo(ONE_TIME.format(username=username), err=True)


def _run(work: "Callable[[Administration, ActingParty], Awaitable[T]]") -> T:
    from gateway.ground.clock import now
    from gateway.identity.admin import Administration
    from gateway.identity.passwords import Passwords
    from gateway.policy.access_log.actions import COMMAND_LINE

    return _over_database(lambda database: work(Administration(database, Passwords(), now), COMMAND_LINE))


def _run_links(work: "Callable[[IdentityLinks, ActingParty], Awaitable[T]]") -> T:
    from gateway.ground.clock import now
    from gateway.identity.identity_links import IdentityLinks
    from gateway.policy.access_log.actions import COMMAND_LINE

    return _over_database(lambda database: work(IdentityLinks(database, now), COMMAND_LINE))


def _over_database(work: "Callable[[Database], Awaitable[T]]") -> T:
    from gateway.storage.engine import Database
    from gateway.storage.migration import check_current

    async def working() -> T:
        settings = command_settings(announced=True)
        database = Database(settings.database, settings.database_limits)
        try:
            check_current(database)
            return await work(database)
        finally:
            await database.aclose()

    import asyncio

    return asyncio.run(working())
