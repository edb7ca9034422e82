"""Output of `gerbang client …` about a client and its secret."""

import json
from typing import TYPE_CHECKING

import typer

from gateway.cli.settings import command_settings

if TYPE_CHECKING:
    from gateway.oidc.clients.admin import RegistrationOutcome
    from gateway.storage.tables.clients import ClientRow


def print_client(client: "ClientRow") -> None:
    """Print a client as JSON, as the API shows it."""
    from gateway.ground.clock import now
    from gateway.oidc.clients.views import client_view

    typer.echo(json.dumps(client_view(client, now()).model_dump(mode="json"), indent=2))


def print_short_form(registered: "RegistrationOutcome", *, as_json: bool, quiet: bool) -> bool:
    """Print the outcome for programs if requested; return whether it was."""
    from gateway.ground.clock import now
    from gateway.oidc.clients.views import ClientAnswer, client_view

    if as_json:
        answer = ClientAnswer(**client_view(registered.client, now()).model_dump(), secret=registered.secret)
        typer.echo(json.dumps(answer.model_dump(mode="json"), indent=2))
    elif quiet and registered.secret is not None:
        typer.echo(registered.secret)
    return as_json or quiet


def describe_registration(done: str, registered: "RegistrationOutcome") -> None:
    """Print the stored registration, with the names that the file and the API use."""
    client = registered.client
    keys = ", ".join(str(key.get("kid")) for key in (client.jwks or {}).get("keys", []))
    lines = {
        "auth_method": client.auth_method,
        "jwks": keys,
        "jwks_uri": client.jwks_uri,
        "redirect_uris": " ".join(client.redirect_uris),
        "origins": " ".join(client.origins),
        "scopes": " ".join(client.scopes),
        "nik_legal_basis": client.nik_legal_basis,
        "expires_at": f"{client.expires_at:%Y-%m-%d}" if client.expires_at else None,
        "secret": registered.secret,
    }
    typer.echo(f"{done}: {client.id}")
    for name, value in lines.items():
        if value:
            typer.echo(f"  {name:<17}{value}")
    if registered.secret is not None:
        until = f"{client.secret_expires_at:%Y-%m-%d}"
        typer.echo(
            f"Rahasia klien, berlaku sampai {until}, tidak dicetak lagi. / "
            f"The client's secret, good until {until}, never printed again."
        )


def print_next_step(registered: "RegistrationOutcome") -> None:
    """Print the settings that the application needs next."""
    issuer, secret = command_settings().issuer_url, registered.secret is not None
    what, which = (", rahasia,", ", the secret") if secret else ("", "")
    typer.echo(
        f"Selanjutnya, isikan client_id {registered.client.id}{what} dan issuer {issuer} di aplikasinya "
        "(docs/integrators.md). / "
        f"Next, give the application the client_id {registered.client.id}{which} and the issuer {issuer} "
        "(docs/integrators.md)."
    )
