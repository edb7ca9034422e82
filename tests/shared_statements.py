"""One cache of compiled SQL statements for all engines of the tests.

SQLAlchemy compiles a statement once for each engine. The tests make thousands of engines for the same two kinds of
databases, and would compile the same statements for each.
"""

from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.util import LRUCache

_compile = ClauseElement._compile_w_cache
_STATEMENTS: LRUCache[Any, Any] = LRUCache(10_000)
_DIALECTS: dict[tuple[object, ...], Dialect] = {}
"""The dialect of the first engine of each kind. It stands in the key of a compiled statement."""


def _compiled(self: ClauseElement, dialect: Dialect, *, compiled_cache: Any, **options: Any) -> Any:
    kind = (type(dialect), dialect.server_version_info, dialect.paramstyle)
    shared = None if compiled_cache is None else _STATEMENTS
    return _compile(self, _DIALECTS.setdefault(kind, dialect), compiled_cache=shared, **options)


def share() -> None:
    """Let every engine use the same cache."""
    ClauseElement._compile_w_cache = _compiled  # type: ignore[assignment]
