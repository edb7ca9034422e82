"""The command `gerbang …`. An error is reported in one sentence, with exit code 2, or 75 for a later retry."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import account as cli_account
from gateway.cli import adapter as cli_adapter
from gateway.cli import city as cli_city
from gateway.cli import client as cli_client
from gateway.cli import keys as cli_keys
from gateway.cli import secret as cli_secret
from gateway.ground.errors import GerbangError
from gateway.ground.garbage_collection import reduce_garbage_collection

app = typer.Typer(
    name="gerbang",
    help="Satu pintu ke semua aplikasi kota. / One API and one sign-in for every application of the city.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_city.app, name="city")
app.add_typer(cli_adapter.app, name="adapter")
app.add_typer(cli_account.app, name="account")
app.add_typer(cli_client.app, name="client")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_secret.app, name="secret")

Port = Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="Port gerbang / The gateway's port")]


@app.command()
def demo(
    port: Port = 8000,
    *,
    reload: Annotated[
        bool,
        typer.Option(
            "--reload",
            help="Mulai ulang gerbang bila kodenya atau config berubah / Restart the gateway when its code or config "
            "changes",
        ),
    ] = False,
) -> None:
    """Jalankan kota tiruan dengan gerbang di depannya. / Run the simulated city with the gateway in front."""
    if reload:
        from gateway.demo.reload import run_demo_with_reload

        raise typer.Exit(run_demo_with_reload(port))
    from gateway.demo.home import ensure_home
    from gateway.demo.run import run_demo
    from gateway.observability.logs import start_logging

    logs = start_logging(ensure_home() / "gateway.log")
    try:
        code = run_demo(port)
    finally:
        logs.stop()
    raise typer.Exit(code)


@app.command()
def serve(
    first_operator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Bila belum ada akun sama sekali, buka akun pengelola dengan nama ini dan tampilkan sandi sekali "
            "pakainya (hanya di terminal) / If there is no account at all, open an operator's account of this name and "
            "show its one-time password (at a terminal only)",
        ),
    ] = None,
) -> None:
    """Jalankan gerbang menurut pengaturan. / Serve the API according to the settings."""
    from gateway.observability.logs import start_logging
    from gateway.server.production import run

    logs = start_logging()
    try:
        run(first_operator)
    finally:
        logs.stop()


@app.command()
def migrate() -> None:
    """Perbarui tabel basis data. / Bring the database's tables up to date."""
    from gateway.settings import load_settings
    from gateway.storage.availability import wait_for_database
    from gateway.storage.engine import Database
    from gateway.storage.migration import migrate as upgrade

    settings = load_settings()
    database = Database(settings.database, settings.database_limits)
    try:
        wait_for_database(database)
        upgrade(database)
    finally:
        database.sync_engine.dispose()
    typer.echo("Tabel sudah mutakhir. / The tables are up to date.")


@app.command()
def token(
    account: Annotated[str, typer.Argument(help="Akun demonstrasi / Demonstration account")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="Cakupan; bila tak disebut, semua kecuali identity.nik / Scopes; all but identity.nik when left out",
        ),
    ] = None,
    acr: Annotated[
        int | None,
        typer.Option(
            min=1, max=2, help="Tingkat masuk: 2 dengan faktor kedua / Level of the sign-in: 2 with a second factor"
        ),
    ] = None,
) -> None:
    """Cetak token akses sebuah akun (hanya di demo). / Print an access token of an account (demo only)."""
    from gateway.demo.home import demo_settings
    from gateway.demo.seed import issue_demo_token
    from gateway.ground.master_key import open_sealer
    from gateway.storage.engine import Database

    settings = demo_settings()
    scopes = [name for given in scope or () for name in given.split()]

    async def issue() -> str:
        database = Database(settings.database, settings.database_limits)
        try:
            return await issue_demo_token(database, open_sealer(settings), settings, account, scopes, acr)
        finally:
            await database.aclose()

    import asyncio

    typer.echo(asyncio.run(issue()))


@app.command()
def accounts(*, as_json: Annotated[bool, typer.Option("--json", help="Sebagai JSON / As JSON")] = False) -> None:
    """Cetak akun demonstrasi dan sandinya (hanya di demo).
    / Print the demonstration accounts with their passwords (demo only)."""
    from gateway.demo.credentials import read_demo_access
    from gateway.demo.home import demo_settings

    known: dict[str, Any] = read_demo_access(demo_settings()).document()
    if as_json:
        typer.echo(json.dumps(known, indent=2))
        return
    for account in known["accounts"]:
        typer.echo(f"{account['account']:<24}{account['password']}  {account['totp_secret'] or ''}".rstrip())


@app.command()
def code(account: Annotated[str, typer.Argument(help="Akun demonstrasi / Demonstration account")]) -> None:
    """Cetak kode autentikator sebuah akun (hanya di demo). / Print an account's authenticator code (demo only)."""
    from gateway.demo.credentials import read_demo_access
    from gateway.demo.home import demo_settings
    from gateway.ground.clock import now
    from gateway.identity.factors.totp import totp_code

    secret = read_demo_access(demo_settings()).apps.get(account)
    if secret is None:
        raise GerbangError(f"The demonstration has no account {account} with an authenticator app.")
    typer.echo(totp_code(secret, now()))


@app.command()
def messages(
    *,
    last: Annotated[int, typer.Option(min=1, help="Berapa pesan terbaru / How many of the newest messages")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Sebagai JSON / As JSON")] = False,
) -> None:
    """Cetak surel dan SMS yang dikirim (hanya di demo). / Print the e-mails and texts that were sent (demo only)."""
    from gateway.demo.home import demo_settings
    from gateway.identity.messages.senders import read_messages
    from gateway.identity.messages.settings import MESSAGES_FILE

    for message in read_messages(demo_settings().home / MESSAGES_FILE)[-last:]:
        line = f"{message['at']}  {message['to']}  {message['text']}"
        typer.echo(json.dumps(message, ensure_ascii=False) if as_json else line)


@app.command()
def openapi(
    path: Annotated[Path, typer.Argument(help="Berkas tujuan / The file to write")] = Path("openapi/gerbang.json"),
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Hanya periksa apakah masih sesuai / Only check that it is up to date")
    ] = False,
) -> None:
    """Tulis dokumen OpenAPI. / Write the OpenAPI documents: of the API, and of the adapter protocol."""
    from gateway.cli.documents import documents

    for file, text in documents(path).items():
        if not check:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            raise GerbangError(f"{file} is not what the code says: run make openapi and commit it.")


def main() -> None:
    """Run the command line."""
    reduce_garbage_collection()
    try:
        app(standalone_mode=True)
    except GerbangError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
