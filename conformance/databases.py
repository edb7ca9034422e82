"""Hostile databases: a copy of the simulator's file, damaged in one way at a time. Servers are never damaged."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from adapters.contract import SqlOfficeSettings
from adapters.errors import UpstreamMalformedError
from conformance.check_context import CheckContext
from conformance.damages.answers import AWAY, LATE
from conformance.damages.files import BROKEN, FILES
from conformance.damages.verdicts import Allowed, flaws
from conformance.exploration import Explored, best_office
from conformance.hostile import MOST_CPU, MOST_MEMORY
from conformance.memory import Peak
from conformance.outcomes import Outcome
from conformance.rules import Flaws
from conformance.simulator_process import SimulatorOffice

_SCHEME: Final = "sqlite:///"
_WITHIN: Final = 10.0
_PATIENCE: Final = 1.0
_NUMBERS: Final = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000) SELECT x FROM n"
_LARGE: Final = "replace(hex(zeroblob(25000000)), '0', 'x')"
_HELD: Final = nullcontext()

Damage = Callable[[Path], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class DatabaseDamage:
    """One way of damaging a database that is a file; it lasts while what `act` gives is open."""

    id: str
    act: Damage
    allowed: Allowed
    within: float = _WITHIN


def of_databases(context: CheckContext) -> str | None:
    """For rules about systems that are a database."""
    if not context.offices:
        return "no simulator runs for this adapter"
    if not issubclass(context.spec.settings, SqlOfficeSettings):
        return "the system is not a database"
    return None if _file(context.offices[0]) is not None else "the simulator's database is not a file"


async def contents(context: CheckContext) -> str:
    """A database that is damaged, changed, held by somebody, endless or gone gives the error that says so."""
    office, questions = best_office(await context.explored())
    found, cases = Flaws(), 0
    for damage in _DAMAGES:
        for one in questions:
            with _copied(context, office) as (copy, path), damage.act(path):
                cases += 1
                outcome, costs = await _put(context, office, copy, one, damage.within)
            wrong = [*flaws(one.question.kind, damage.allowed, one.outcome, outcome), *costs]
            found.extend(f"{one.question.name}, {damage.id}: {flaw}" for flaw in wrong)
    return found.settle(f"{cases} damaged databases")


async def _put(
    context: CheckContext, office: SimulatorOffice, copy: SqlOfficeSettings, one: Explored, within: float
) -> tuple[Outcome, list[str]]:
    peak = Peak()
    async with context.way(office, copy) as way:
        outcome = await context.put(one.question, way, within)
    costs = [f"takes {outcome.cpu:.1f} s of the processor"] if outcome.cpu > MOST_CPU else []
    grown = peak.grown()
    return outcome, [*costs, *([f"takes {grown // 1_000_000} MB of memory"] if grown > MOST_MEMORY else [])]


@contextmanager
def _copied(context: CheckContext, office: SimulatorOffice) -> Iterator[tuple[SqlOfficeSettings, Path]]:
    """Settings of the same office over a copy of its file, and that copy."""
    settings, own = office.settings, _file(office)
    if own is None or not isinstance(settings, SqlOfficeSettings):
        raise TypeError("only a database that is a file can be copied")
    folder = context.work / "database"
    folder.mkdir(parents=True)
    copy = folder / own.name
    shutil.copy2(own, copy)
    try:
        yield settings.model_copy(update={"url": SecretStr(f"{_SCHEME}{copy}")}), copy
    finally:
        shutil.rmtree(folder)


def _file(office: SimulatorOffice) -> Path | None:
    settings = office.settings
    url = settings.url.get_secret_value() if isinstance(settings, SqlOfficeSettings) else ""
    return Path(url.removeprefix(_SCHEME)) if url.startswith(_SCHEME) else None


def _gone(path: Path) -> AbstractContextManager[object]:
    path.unlink()
    return _HELD


def _changed(make: Callable[[str], Iterator[str]], path: Path) -> None:
    """Run statements of ours for each view of the database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for (view,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            for statement in make(view):
                database.execute(statement)


def _viewless(path: Path) -> AbstractContextManager[object]:
    _changed(lambda view: iter((f"DROP VIEW {view}",)), path)
    return _HELD


def _columnless(path: Path) -> AbstractContextManager[object]:
    _changed(lambda view: iter((f"DROP VIEW {view}", f"CREATE VIEW {view} AS SELECT 1 AS kolom_lain")), path)
    return _HELD


def _endless(path: Path) -> AbstractContextManager[object]:
    """Every row of a view three million times."""

    def often(view: str) -> Iterator[str]:
        with closing(sqlite3.connect(path)) as database:
            (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (view,)).fetchone()
        own = str(made).partition(" AS ")[2]
        yield f"DROP VIEW {view}"
        yield f"CREATE VIEW {view} AS SELECT o.* FROM ({own}) o, ({_NUMBERS}) n"  # noqa: S608 - a view of the simulator

    _changed(often, path)
    return _HELD


def _swollen(path: Path) -> AbstractContextManager[object]:
    """Every text of a view is as long as 50 MB."""

    def large(view: str) -> Iterator[str]:
        with closing(sqlite3.connect(path)) as database:
            (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (view,)).fetchone()
            names = [row[1] for row in database.execute(f"PRAGMA table_info({view})")]
        cells = (f"CASE typeof(o.{name}) WHEN 'text' THEN {_LARGE} ELSE o.{name} END AS {name}" for name in names)
        yield f"DROP VIEW {view}"
        yield f"CREATE VIEW {view} AS SELECT {', '.join(cells)} FROM ({str(made).partition(' AS ')[2]}) o"  # noqa: S608 - a view of the simulator

    _changed(large, path)
    return _HELD


def _held(path: Path) -> AbstractContextManager[object]:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    return closing(database)


def _file_damage(act: Callable[[Path], bool], path: Path) -> AbstractContextManager[object]:
    act(path)
    return _HELD


_DAMAGES: Final[tuple[DatabaseDamage, ...]] = (
    *(
        DatabaseDamage(damage.id, partial(_file_damage, damage.act), Allowed(errors=BROKEN))
        for damage in FILES["contents"]
        if damage.id in {"an empty file", "half a file", "a page under its name", "garbage"}
    ),
    DatabaseDamage("no file", _gone, Allowed(errors=AWAY)),
    DatabaseDamage("no views", _viewless, Allowed(errors=frozenset({UpstreamMalformedError}))),
    DatabaseDamage("other columns", _columnless, Allowed(errors=frozenset({UpstreamMalformedError}))),
    DatabaseDamage("cells of 50 MB", _swollen, Allowed(errors=BROKEN)),
    DatabaseDamage("endless views", _endless, Allowed(errors=BROKEN | LATE, survives=True), _PATIENCE),
    DatabaseDamage("a file that somebody holds", _held, Allowed(errors=LATE), _PATIENCE),
)
