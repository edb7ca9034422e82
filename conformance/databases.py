"""Damaged databases: a copy of the simulator's database file, damaged in one way at a time.

Database servers are never damaged.
"""

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
from conformance.damages.answers import TIMED_OUT, UNAVAILABLE
from conformance.damages.files import FILES, MALFORMED_OR_UNAVAILABLE
from conformance.damages.verdicts import Allowed, violations_of
from conformance.exploration import ExploredQuestion, best_office
from conformance.hostile import MAX_CPU, MAX_MEMORY
from conformance.memory import PeakMemory
from conformance.outcomes import Outcome
from conformance.rules import Violations
from conformance.simulator_process import SimulatorOffice

_SCHEME: Final = "sqlite:///"
_TIMEOUT: Final = 10.0
_SHORT_TIMEOUT: Final = 1.0
_THREE_MILLION_ROWS: Final = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000) SELECT x FROM n"
)
_HUGE_TEXT: Final = "replace(hex(zeroblob(25000000)), '0', 'x')"
_NO_CLEANUP: Final = nullcontext()

Damage = Callable[[Path], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class DatabaseDamage:
    """One way of damaging a database file. The damage lasts until the context manager of `act` exits."""

    id: str
    act: Damage
    allowed: Allowed
    within: float = _TIMEOUT


def of_databases(context: CheckContext) -> str | None:
    """Applies to systems that are a database file."""
    if not context.offices:
        return "no simulator runs for this adapter"
    if not issubclass(context.spec.settings, SqlOfficeSettings):
        return "the system is not a database"
    return None if _file(context.offices[0]) is not None else "the simulator's database is not a file"


async def contents(context: CheckContext) -> str:
    """Require the matching error for a damaged, changed, locked, endless or missing database."""
    office, questions = best_office(await context.explored())
    violations, cases = Violations(), 0
    for damage in _DATABASE_DAMAGES:
        for one in questions:
            with _copied(context, office) as (copy, path), damage.act(path):
                cases += 1
                outcome, costs = await _ask(context, office, copy, one, damage.within)
            wrong = [*violations_of(one.question.kind, damage.allowed, one.outcome, outcome), *costs]
            violations.extend(f"{one.question.name}, {damage.id}: {violation}" for violation in wrong)
    return violations.finish(f"{cases} damaged databases")


async def _ask(
    context: CheckContext, office: SimulatorOffice, copy: SqlOfficeSettings, one: ExploredQuestion, within: float
) -> tuple[Outcome, list[str]]:
    peak = PeakMemory()
    async with context.route(office, copy) as route:
        outcome = await context.ask(one.question, route, within)
    costs = [f"uses {outcome.cpu:.1f} s of CPU time"] if outcome.cpu > MAX_CPU else []
    growth = peak.growth()
    return outcome, [*costs, *([f"uses {growth // 1_000_000} MB of memory"] if growth > MAX_MEMORY else [])]


@contextmanager
def _copied(context: CheckContext, office: SimulatorOffice) -> Iterator[tuple[SqlOfficeSettings, Path]]:
    """Yield settings of the same office that point at a copy of its file, and the path of the copy."""
    settings, database_file = office.settings, _file(office)
    if database_file is None or not isinstance(settings, SqlOfficeSettings):
        raise TypeError("only a database that is a file can be copied")
    folder = context.work / "database"
    folder.mkdir(parents=True)
    copy = folder / database_file.name
    shutil.copy2(database_file, copy)
    try:
        yield settings.model_copy(update={"url": SecretStr(f"{_SCHEME}{copy}")}), copy
    finally:
        shutil.rmtree(folder)


def _file(office: SimulatorOffice) -> Path | None:
    settings = office.settings
    url = settings.url.get_secret_value() if isinstance(settings, SqlOfficeSettings) else ""
    return Path(url.removeprefix(_SCHEME)) if url.startswith(_SCHEME) else None


def _deleted(path: Path) -> AbstractContextManager[object]:
    path.unlink()
    return _NO_CLEANUP


def _alter_views(make: Callable[[str], Iterator[str]], path: Path) -> None:
    """Run the statements of `make` for each view of the database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for (view,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            for statement in make(view):
                database.execute(statement)


def _without_views(path: Path) -> AbstractContextManager[object]:
    _alter_views(lambda view: iter((f"DROP VIEW {view}",)), path)
    return _NO_CLEANUP


def _with_other_columns(path: Path) -> AbstractContextManager[object]:
    _alter_views(lambda view: iter((f"DROP VIEW {view}", f"CREATE VIEW {view} AS SELECT 1 AS kolom_lain")), path)
    return _NO_CLEANUP


def _with_endless_views(path: Path) -> AbstractContextManager[object]:
    """Repeat every row of a view three million times."""

    def multiply(view: str) -> Iterator[str]:
        with closing(sqlite3.connect(path)) as database:
            (definition,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (view,)).fetchone()
        database_file = str(definition).partition(" AS ")[2]
        yield f"DROP VIEW {view}"
        yield f"CREATE VIEW {view} AS SELECT o.* FROM ({database_file}) o, ({_THREE_MILLION_ROWS}) n"  # noqa: S608 - a view of the simulator

    _alter_views(multiply, path)
    return _NO_CLEANUP


def _with_huge_cells(path: Path) -> AbstractContextManager[object]:
    """Make every text of a view 50 MB long."""

    def enlarge(view: str) -> Iterator[str]:
        with closing(sqlite3.connect(path)) as database:
            (definition,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (view,)).fetchone()
            names = [row[1] for row in database.execute(f"PRAGMA table_info({view})")]
        cells = (f"CASE typeof(o.{name}) WHEN 'text' THEN {_HUGE_TEXT} ELSE o.{name} END AS {name}" for name in names)
        yield f"DROP VIEW {view}"
        yield f"CREATE VIEW {view} AS SELECT {', '.join(cells)} FROM ({str(definition).partition(' AS ')[2]}) o"  # noqa: S608 - a view of the simulator

    _alter_views(enlarge, path)
    return _NO_CLEANUP


def _locked(path: Path) -> AbstractContextManager[object]:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    return closing(database)


def _file_damage(act: Callable[[Path], bool], path: Path) -> AbstractContextManager[object]:
    act(path)
    return _NO_CLEANUP


_DATABASE_DAMAGES: Final[tuple[DatabaseDamage, ...]] = (
    *(
        DatabaseDamage(damage.id, partial(_file_damage, damage.act), Allowed(errors=MALFORMED_OR_UNAVAILABLE))
        for damage in FILES["contents"]
        if damage.id in {"an empty file", "half a file", "a page under its name", "garbage"}
    ),
    DatabaseDamage("no file", _deleted, Allowed(errors=UNAVAILABLE)),
    DatabaseDamage("no views", _without_views, Allowed(errors=frozenset({UpstreamMalformedError}))),
    DatabaseDamage("other columns", _with_other_columns, Allowed(errors=frozenset({UpstreamMalformedError}))),
    DatabaseDamage("cells of 50 MB", _with_huge_cells, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
    DatabaseDamage(
        "endless views",
        _with_endless_views,
        Allowed(errors=MALFORMED_OR_UNAVAILABLE | TIMED_OUT, survives=True),
        _SHORT_TIMEOUT,
    ),
    DatabaseDamage("a locked file", _locked, Allowed(errors=TIMED_OUT), _SHORT_TIMEOUT),
)
