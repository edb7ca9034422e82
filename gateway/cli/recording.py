"""`gerbang adapter record`: saves real answers as fixtures, without personal data."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.demo.city import city_home

if TYPE_CHECKING:
    from adapters.contract import AdapterSpec, Need, Subject
    from gateway.adapter_tools.recorder.golden_pairs import Row
    from gateway.settings import Settings

_TREE = Path(__file__).resolve().parents[2]
_KEY = "recording.key"


def record(
    system: Annotated[str, typer.Argument(metavar="ID", help="Sistem / The system")],
    resource: Annotated[
        str | None, typer.Option(help="Sumber daya, bila ada beberapa / The resource, if there are several")
    ] = None,
    office: Annotated[
        str | None, typer.Option(help="Kantor, bila ada beberapa / The office, if there are several")
    ] = None,
    case: Annotated[
        str, typer.Option(help="Nama kasus, bagian nama berkas / Name of the case, a part of the file names")
    ] = "recorded",
    most: Annotated[
        int, typer.Option(min=1, max=50, help="Paling banyak sekian rekaman / Maximum number of records")
    ] = 5,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Kolom tanpa data pribadi: teksnya dibiarkan / Column without personal data: keep its text"),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="Folder tujuan / Where to save (tests/adapters/<id> when left out)")
    ] = None,
) -> None:
    """Rekam jawaban nyata; data pribadinya diganti. / Record real answers, with personal data replaced.

    NIK warga diminta di terminal, atau dibaca dari masukan baku; tidak pernah sebagai argumen.
    / The resident's NIK is asked for at the terminal, or read from standard input; it is never an argument.
    """
    from gateway.adapter_tools.recorder.columns import folded
    from gateway.adapter_tools.recorder.recording import RecordingError, RecordingRequest, office_of, row_of, save
    from gateway.adapter_tools.recorder.recording import record as recorded
    from gateway.ground.sealing import load_master_key
    from gateway.registry.registry import load_registry
    from gateway.registry.vault.store import secrets_for_commands
    from gateway.settings import load_settings

    settings = load_settings()
    live = load_registry(_folders(settings), only=system, secrets=secrets_for_commands(settings)).get(system)
    if live is None:
        raise RecordingError(f"There is no live system {system} in the folders of systems.")
    row = row_of(live, resource)
    wanted = RecordingRequest(
        row=row,
        office=office_of(live, office),
        subject=_subject(live.spec, row),
        case=case,
        most=most,
        plain=frozenset(map(folded, keep or ())),
    )
    key = load_master_key(Path(os.environ.get("GERBANG_HOME") or ".gerbang") / _KEY)
    import asyncio

    made = asyncio.run(recorded(live, wanted, key))
    folder = into or _TREE / "tests" / "adapters" / system.replace("-", "_")
    save(folder, made.files)
    for name in sorted(made.files):
        typer.echo(f"  {folder / name}")
    for left in made.left_out:
        typer.echo(f"  – {left}")
    typer.echo("Baca sebelum menyimpannya ke git. / Read them before you commit them.")


def _folders(settings: "Settings") -> list[Path]:
    """The folders of the settings, and the overlay of a simulated city that runs here."""
    overlay = city_home() / "systems"
    return [*settings.systems, *([overlay] if overlay.is_dir() else [])]


def _subject(spec: "AdapterSpec[Any]", row: "Row") -> "Subject | None":
    """The person whom the question is about; None where no person is needed."""
    from adapters.contract import Subject

    if row.ask is None or row.resource.owner is None or not spec.needs:
        return None
    return Subject(**{need.value: _identifier(need) for need in sorted(spec.needs)})


def _identifier(need: "Need") -> str | None:
    if sys.stdin.isatty():
        given = typer.prompt(f"{need.upper()} warga / of the resident", hide_input=True, default="", show_default=False)
    else:
        given = sys.stdin.readline()
    return given.strip() or None
