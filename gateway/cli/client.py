"""`gerbang client …`: the applications and machine clients of the provider."""

import json
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli.client_output import describe_registration, print_client, print_next_step, print_short_form
from gateway.cli.settings import command_settings
from gateway.ground.errors import GerbangError

if TYPE_CHECKING:
    from gateway.oidc.clients.admin import ClientAdministration

T = TypeVar("T")

app = typer.Typer(
    help="Aplikasi dan mesin yang menjadi klien. / Clients: register, list, change their keys, end them.",
    no_args_is_help=True,
)

ClientId = Annotated[str, typer.Argument(help="Nama klien / The client's id")]
AsJson = Annotated[bool, typer.Option("--json", help="Sebagai JSON / As JSON")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Cetak rahasianya saja / Print only the secret, for scripts")
]
PageOrigins = Annotated[
    list[str] | None,
    typer.Option(
        "--origin",
        help="Asal halaman yang boleh membaca jawaban gerbang; boleh beberapa kali "
        "/ Origin whose pages may read the gateway's answers; may be repeated",
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Buat rahasia sampai tanggal ini / Make a secret; it ends then"),
]


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="Berkas TOML yang menguraikan klien / TOML file that describes it")],
    origin: PageOrigins = None,
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Daftarkan klien dari berkas. / Register a client from a file; print its secret if it has one."""
    from gateway.oidc.clients.registration import Registration
    from gateway.policy.access_log.actions import COMMAND_LINE

    described = _read(file, tomllib.loads)
    if origin:
        described["origins"] = [*described.get("origins", ()), *origin]
    validated = _validated(Registration, described)
    registered = _run(lambda clients: clients.add(COMMAND_LINE, validated))
    if not print_short_form(registered, as_json=as_json, quiet=quiet):
        describe_registration("Terdaftar. / Registered", registered)
        print_next_step(registered)


@app.command(name="add-app")
def add_app(
    file: Annotated[Path, typer.Argument(help="Berkas TOML yang menguraikan aplikasi / TOML file that describes it")],
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Daftarkan aplikasi lama dari berkas. / Register an agency's application without OpenID."""
    from gateway.ground.clock import now
    from gateway.oidc.clients.legacy_apps import AppAdministration, AppRegistration
    from gateway.policy.access_log.actions import COMMAND_LINE

    validated, issuer = _validated(AppRegistration, _read(file, tomllib.loads)), command_settings().issuer_url
    registered = _run(lambda clients: AppAdministration(clients, now, issuer).add(COMMAND_LINE, validated))
    if not print_short_form(registered, as_json=as_json, quiet=quiet):
        describe_registration("Terdaftar. / Registered", registered)
        typer.echo("Selanjutnya, baca docs/legacy-sign-in.md. / Next, read docs/legacy-sign-in.md.")


@app.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """Daftar semua klien. / List every client."""
    from gateway.ground.clock import now
    from gateway.oidc.clients.views import client_view

    found = [client_view(one, now()) for one in _run(lambda clients: clients.all())]
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    for one in found:
        basis = f"  NIK: {one.nik_legal_basis}" if one.nik_legal_basis else ""
        typer.echo(f"{one.id:<32}{one.auth_method:<22}{one.state:<12}{one.agency or '–'}{basis}")


@app.command()
def show(client_id: ClientId) -> None:
    """Tampilkan satu klien, sebagai JSON. / Show one client, as JSON."""
    print_client(_run(lambda clients: clients.one(client_id)))


@app.command()
def rotate(
    client_id: ClientId,
    jwks: Annotated[Path | None, typer.Option(help="Berkas kunci publik (JWKS) / File of public keys (JWKS)")] = None,
    jwks_uri: Annotated[str | None, typer.Option(help="Alamat kunci / Where its keys are published")] = None,
    secret_until: Until = None,
    reason: Annotated[str | None, typer.Option(help="Mengapa memakai rahasia / Why it needs a secret")] = None,
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Ganti kunci atau rahasia; yang lama langsung tak berlaku. / Replace keys or secret; the old ones end at once."""
    from gateway.oidc.clients.registration import Credentials
    from gateway.policy.access_log.actions import COMMAND_LINE

    given: dict[str, Any] = {"jwks_uri": jwks_uri, "secret_reason": reason}
    given |= {"jwks": _read(jwks, json.loads)} if jwks else {}
    given |= {"secret_until": secret_until.replace(tzinfo=UTC)} if secret_until else {}
    credentials: Credentials = _validated(Credentials, given)
    registered = _run(lambda clients: clients.rotate(COMMAND_LINE, client_id, credentials))
    if not print_short_form(registered, as_json=as_json, quiet=quiet):
        describe_registration(
            "Diganti; yang lama tak berlaku lagi. / Replaced, and the old ones are refused from now on", registered
        )


@app.command()
def expire(
    client_id: ClientId, at: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Tanggal / The day")]
) -> None:
    """Tetapkan kapan klien berakhir. / Set the day on which the client expires."""
    from gateway.policy.access_log.actions import COMMAND_LINE

    _run(lambda clients: clients.expire(COMMAND_LINE, client_id, at.replace(tzinfo=UTC)))
    typer.echo(f"Berakhir {at:%Y-%m-%d}. / Ends on {at:%Y-%m-%d}: {client_id}")


@app.command(name="release-nik")
def release_nik(
    client_id: ClientId,
    legal_basis: Annotated[str, typer.Argument(help="Dasar hukum / The law, or the agreement under one")],
) -> None:
    """Izinkan klien meminta NIK menurut dasar hukum. / Allow a client to request people's NIK, on a legal basis."""
    from gateway.oidc.clients.registration import NikRelease
    from gateway.policy.access_log.actions import COMMAND_LINE

    validated: NikRelease = _validated(NikRelease, {"nik_legal_basis": legal_basis})
    _run(lambda clients: clients.release_nik(COMMAND_LINE, client_id, validated))
    typer.echo(f"Boleh meminta NIK. / May ask for people's NIK: {client_id}")


@app.command()
def origins(client_id: ClientId, origin: PageOrigins = None) -> None:
    """Ganti semua asal halaman klien. / Replace all origins of a client's pages; none when none is given."""
    from gateway.oidc.clients.registration import Origins
    from gateway.policy.access_log.actions import COMMAND_LINE

    validated: Origins = _validated(Origins, {"origins": origin or ()})
    client = _run(lambda clients: clients.set_origins(COMMAND_LINE, client_id, validated))
    typer.echo(f"Asal halaman. / Origins of its pages: {client_id} ({', '.join(client.origins) or '–'})")


@app.command()
def withdraw(client_id: ClientId) -> None:
    """Akhiri klien untuk selamanya, beserta tokennya. / End a client for good, with all of its tokens."""
    from gateway.policy.access_log.actions import COMMAND_LINE

    _run(lambda clients: clients.withdraw(COMMAND_LINE, client_id))
    typer.echo(f"Diakhiri, beserta tokennya. / Ended, with all of its tokens: {client_id}")


def _read(file: Path, parse: Callable[[str], T]) -> T:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise GerbangError(f"The file {file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise GerbangError(f"The file {file} cannot be read: {error}.") from None


def _validated(model: Callable[..., T], values: dict[str, Any]) -> T:
    from pydantic import ValidationError

    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise GerbangError(f"{where}: {what}." if where else f"{what[:1].upper()}{what[1:]}.") from None


def _run(work: "Callable[[ClientAdministration], Awaitable[T]]") -> T:
    from gateway.ground.clock import now
    from gateway.ground.master_key import open_sealer
    from gateway.oidc.clients.admin import ClientAdministration
    from gateway.registry.agencies import load_agencies
    from gateway.registry.registry import Registry
    from gateway.storage.engine import Database
    from gateway.storage.migration import check_current

    settings = command_settings(announced=True)
    agencies = load_agencies(settings.agencies, Registry(()))

    async def working() -> T:
        database = Database(settings.database, settings.database_limits)
        try:
            check_current(database)
            sealer = open_sealer(settings)
            return await work(ClientAdministration(database, sealer, now, agencies, settings.audience))
        finally:
            await database.aclose()

    import asyncio

    return asyncio.run(working())
