"""`gerbang city …`: start the simulated city, look at it, and break it."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from gateway.demo.city import CityCommandError, RunningSimulator, city_home, running_simulators, start_city

app = typer.Typer(
    help="Kota tiruan: nyalakan, periksa, rusakkan. / The simulated city: start it, look at it, break it.",
    no_args_is_help=True,
)


def _stop(error: CityCommandError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(2)


@contextmanager
def _passing_signals_on(city: "subprocess.Popen[bytes]") -> Iterator[None]:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        city.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command()
def up(
    only: Annotated[
        str, typer.Option(help="Hanya sistem ini, dipisah koma. / Only these systems, with commas between.")
    ] = "",
    seed: Annotated[
        int | None, typer.Option(help="Benih acak penduduk kota. / Random seed: the same seed gives the same city.")
    ] = None,
) -> None:
    """Nyalakan kota tiruan sampai Ctrl-C. / Start the simulated city, until Ctrl-C."""
    city = start_city(city_home(), only=only, seed=seed)
    with _passing_signals_on(city):
        code = city.wait()
    raise typer.Exit(code)


@app.command()
def status(*, as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False) -> None:
    """Sistem yang menyala dan gangguannya. / List running simulators and their faults."""
    try:
        rows = [
            {
                "id": simulator.id,
                "office": simulator.office,
                "url": simulator.url,
                "pid": simulator.pid,
                "fault": simulator.fault(),
            }
            for simulator in running_simulators()
        ]
    except CityCommandError as error:
        _stop(error)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['id']:<15} {row['office'] or '':<15} {row['fault']:<15} {row['pid']:<8} {row['url']}")


@app.command()
def fault(
    target: Annotated[str, typer.Argument(help="Sistem, atau sistem/kantor. / A system, or system/office.")],
    kind: Annotated[
        str,
        typer.Argument(
            help="Gangguan, seperti hang atau 500; none mengakhirinya. / The fault, such as hang or 500; none ends it."
        ),
    ],
    times: Annotated[
        int | None, typer.Option(help="Hanya sekian permintaan. / Only for this number of requests.")
    ] = None,
    path: Annotated[
        str | None, typer.Option(help="Hanya jalur berawalan ini. / Only for paths with this prefix.")
    ] = None,
) -> None:
    """Rusakkan sebuah sistem. / Inject a fault into a system."""
    try:
        for simulator in running_simulators(target):
            simulator.ask("PUT", "/fault", {"kind": kind, "times": times, "path": path})
            typer.echo(f"{simulator}: {kind}")
    except CityCommandError as error:
        _stop(error)


@app.command()
def ledger(
    system: Annotated[str, typer.Argument(help="Sistem, atau sistem/kantor. / A system, or system/office.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """Semua tulisan yang benar-benar tersimpan. / List every write that a system has stored."""
    try:
        writes = _writes(running_simulators(system))
    except CityCommandError as error:
        _stop(error)
    if as_json:
        typer.echo(json.dumps(writes, indent=2, ensure_ascii=False))
        return
    for write in writes:
        typer.echo(f"{write['at']}  {write['system']}  {write['office'] or ''}  {write['code'] or '-'}")


def _writes(asked: Sequence[RunningSimulator]) -> list[dict[str, Any]]:
    return [
        {"system": simulator.id, "office": simulator.office, **write}
        for simulator in asked
        for write in simulator.ask("GET", "/ledger")["writes"]
    ]
