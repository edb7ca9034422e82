"""`gerbang adapter …`: commands for adapter developers.

The conformance suite is started as a subprocess; its output is shown unchanged.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.adapter_tools.scaffold.new_system import DEFAULT_AGENCY, AccessMethod
from gateway.cli.recording import record

app = typer.Typer(
    help="Adaptor: buat, rekam, uji. / Adapters: make them, record for them, check them.", no_args_is_help=True
)
app.command()(record)
_TREE = Path(__file__).resolve().parents[2]
_PROVEN = Path(__file__).resolve().parents[1] / "registry" / "proven"


@app.callback()
def adapter() -> None:
    """Adaptor: buat, rekam, uji. / Adapters: make them, record for them, check them."""


def reports() -> Path:
    """The folder of conformance reports: `conformance` in `GERBANG_HOME`, or in `.gerbang`."""
    return Path(os.environ.get("GERBANG_HOME") or ".gerbang").absolute() / "conformance"


@app.command()
def new(
    system: Annotated[
        str, typer.Argument(metavar="ID", help="Kode sistem; tidak dapat diganti / The id; it never changes")
    ],
    transport: Annotated[AccessMethod, typer.Option(help="Cara menjangkau sistem / How the system is reached")],
    agency: Annotated[
        str, typer.Option(help="Dinas pemilik, dari config/agencies.toml / The owner, from config/agencies.toml")
    ] = DEFAULT_AGENCY,
    title: Annotated[str, typer.Option(help="Nama, bahasa Indonesia / Its name, in Indonesian")] = "",
    title_en: Annotated[str, typer.Option(help="Nama, bahasa Inggris / Its name, in English")] = "",
) -> None:
    """Buat adaptor, simulator, uji, dan pengaturan. / Make adapter, simulator, tests and settings of a new system."""
    from gateway.adapter_tools.scaffold.new_system import new_system
    from gateway.adapter_tools.scaffold.placement import make

    made = make(_TREE, new_system(_TREE, system, transport, agency=agency, title=title, title_en=title_en))
    for path in made:
        typer.echo(f"  {path}")
    kept = "" if transport is AccessMethod.REMOTE else " --packaged"
    typer.echo(f"docs/adapter-walkthrough.id.md · docs/adapter-walkthrough.md · gerbang adapter check {system}{kept}")


@app.command()
def check(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Sistem; semua bila tak disebut. / Systems; all when left out."),
    ] = None,
    fixtures: Annotated[
        Path | None,
        typer.Option(help="Folder pasangan contoh. / A folder with golden pairs, in one folder per adapter."),
    ] = None,
    damages: Annotated[
        int | None,
        typer.Option(min=1, help="Banyak kerusakan buatan per aturan. / How many damages each rule generates."),
    ] = None,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Tanyai sistem asli, hanya membaca. / Check the live systems, read-only.")
    ] = False,
    packaged: Annotated[
        bool, typer.Option("--packaged", help="Simpan tingkat mutu bersama kode. / Store the level with the code.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """Uji adaptor dan hitung tingkat mutunya. / Check conformance, and compute the quality level.

    Kode keluar 0: semua aturan yang berlaku lulus; 1: ada yang gagal; 2: tidak dapat diuji.
    / Exit code 0: every rule that applies is passed; 1: some are broken; 2: it could not be checked.
    """
    options = [*(["--json"] if as_json else []), *(["--live"] if live else [])]
    options += ["--fixtures", str(fixtures)] if fixtures is not None else []
    options += ["--damages", str(damages)] if damages is not None else []
    options += ["--packaged", str(_PROVEN)] if packaged else []
    command = [sys.executable, "-m", "conformance", "check", *(ids or ()), "--reports", str(reports()), *options]
    raise typer.Exit(_run(command))


@app.command()
def drift(
    system: Annotated[str | None, typer.Argument(metavar="ID", help="Sistem / System")] = None,
    *,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Tandai yang ditampilkan sebagai sudah ditangani. / Close the shown changes.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """Perubahan jawaban sistem yang belum ditangani. / Open changes in systems' answers."""
    from gateway.cli.drift import show

    typer.echo(show(system, accepting=accept, as_json=as_json), nl=False)


def _run(command: list[str]) -> int:
    """Run the suite, forward signals to it, and wait until it has cleaned up; return its exit code."""
    with subprocess.Popen(command) as suite:  # noqa: S603 - our own interpreter and module
        before = signal.signal(signal.SIGTERM, lambda number, _frame: suite.send_signal(number))
        try:
            while True:
                # An interrupt from the keyboard has reached the suite as well.
                with contextlib.suppress(KeyboardInterrupt):
                    return suite.wait()
        finally:
            signal.signal(signal.SIGTERM, before)
