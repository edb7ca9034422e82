"""`gerbang city …`: starts the simulated city and drives it through its control doors.

This module knows nothing of `simulators` but the command that starts it, and the folder where it leaves its addresses.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import httpx
import typer

from gateway.errors import GerbangError

DOOR_SECONDS: Final = 5.0

app = typer.Typer(
    help="Kota tiruan: nyalakan, periksa, rusakkan. / The simulated city: start it, look at it, break it.",
    no_args_is_help=True,
)


class CityCommandError(GerbangError):
    """The command cannot be carried out; the message is one sentence for whoever typed it."""


def city_home() -> Path:
    """The city's folder: `city` in `GERBANG_HOME`, or in `.gerbang`."""
    return Path(os.environ.get("GERBANG_HOME") or ".gerbang").absolute() / "city"


def start_city(home: Path, *, only: str = "", also: str = "", seed: int | None = None) -> "subprocess.Popen[bytes]":
    """Start the simulated city in `home`. It prints a last line on standard output when all of it answers.

    `also`: the systems whose installed twins run with the others, with commas between.

    It ends within two seconds of SIGTERM, and when its standard input closes, so also when this process is killed. It
    ends with code 2 and one sentence on standard error when it cannot run.
    """
    options = ["--only", only] * bool(only) + ["--also", also] * bool(also)
    options += ["--seed", str(seed)] * (seed is not None)
    command = [sys.executable, "-m", "simulators.city", "--home", str(home), "--until-input-closes", *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own interpreter and module


@dataclass(frozen=True, slots=True)
class Twin:
    """One running twin, as `city.json` lists it."""

    id: str
    office: str | None
    url: str
    control: str
    pid: int

    def __str__(self) -> str:
        return self.id if self.office is None else f"{self.id}/{self.office}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - any JSON
        """Ask the twin's control door. Raises `CityCommandError` when it does not answer, or says no."""
        try:
            answer = httpx.request(method, f"{self.control}{path}", json=body, timeout=DOOR_SECONDS, trust_env=False)
        except httpx.HTTPError:
            raise CityCommandError(f"The twin {self} does not answer at its control door.") from None
        if answer.is_error:
            raise CityCommandError(f"The twin {self} refuses: {answer.json()['error']}.")
        return answer.json()

    def fault(self) -> str:
        """The fault that is on, or `gone` when the twin does not answer."""
        try:
            return str(self.ask("GET", "/status")["fault"])
        except CityCommandError:
            return "gone"


def twins(target: str = "") -> list[Twin]:
    """The running twins that `target` names: all, those of a system, or one `system/office`."""
    try:
        listed = json.loads((city_home() / "city.json").read_text("utf-8"))["twins"]
    except (OSError, ValueError, KeyError):
        raise CityCommandError("The simulated city is not running; start it with: gerbang city up.") from None
    running = [Twin(**{name: one[name] for name in ("id", "office", "url", "control", "pid")}) for one in listed]
    system, _, office = target.partition("/")
    found = [twin for twin in running if target in ("", twin.id, f"{twin.id}/{twin.office}")]
    if found:
        return found
    offices = [twin.office for twin in running if twin.id == system and twin.office]
    if office and offices:
        raise CityCommandError(f"{system} has no office {office}; it has: {', '.join(offices)}.")
    systems = sorted({twin.id for twin in running})
    raise CityCommandError(f"No twin is called {target}; there are: {', '.join(systems)}.")


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
    """Sistem yang menyala dan gangguannya. / The twins that run, and their faults."""
    try:
        rows = [
            {"id": twin.id, "office": twin.office, "url": twin.url, "pid": twin.pid, "fault": twin.fault()}
            for twin in twins()
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
    times: Annotated[int | None, typer.Option(help="Hanya sekian permintaan. / For so many requests only.")] = None,
    path: Annotated[str | None, typer.Option(help="Hanya jalur berawalan ini. / Only for paths that start so.")] = None,
) -> None:
    """Rusakkan sebuah sistem. / Make a system fail, in one of many ways."""
    try:
        for twin in twins(target):
            twin.ask("PUT", "/fault", {"kind": kind, "times": times, "path": path})
            typer.echo(f"{twin}: {kind}")
    except CityCommandError as error:
        _stop(error)


@app.command()
def ledger(
    system: Annotated[str, typer.Argument(help="Sistem, atau sistem/kantor. / A system, or system/office.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """Semua tulisan yang benar-benar tersimpan. / Every write that a system has really stored."""
    try:
        writes = _writes(twins(system))
    except CityCommandError as error:
        _stop(error)
    if as_json:
        typer.echo(json.dumps(writes, indent=2, ensure_ascii=False))
        return
    for write in writes:
        typer.echo(f"{write['at']}  {write['system']}  {write['office'] or ''}  {write['code'] or '-'}")


def _writes(asked: Sequence[Twin]) -> list[dict[str, Any]]:
    return [
        {"system": twin.id, "office": twin.office, **write}
        for twin in asked
        for write in twin.ask("GET", "/ledger")["writes"]
    ]
