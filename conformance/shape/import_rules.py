"""Who an adapter may know: read from its sources, without running them."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from conformance.check_context import CheckContext
from conformance.rules import Flaws

_FOREIGN: Final = frozenset(
    {
        *("gateway", "conformance", "simulators", "tests"),
        *("fastapi", "starlette", "authlib", "joserfc", "uvicorn", "sqlalchemy"),
    }
)
_WAYS_OUT: Final = frozenset(
    {
        *("aiohttp", "httpx", "requests", "urllib3", "urllib.request", "http.client", "socket", "ssl", "ftplib"),
        *("smtplib", "subprocess", "multiprocessing", "shelve", "sqlite3", "psycopg", "paramiko", "asyncssh"),
    }
)
_SHARED: Final = frozenset({"contract", "upstream", "errors", "legacy"})
_FLOORS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "wire": frozenset({"client", "normalise", "denormalise"}),
        "settings": frozenset({"client", "normalise", "denormalise"}),
        "client": frozenset({"normalise", "denormalise"}),
        "normalise": frozenset({"client", "denormalise"}),
        "denormalise": frozenset({"client", "normalise"}),
    }
)
_CLOCKS: Final = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"})
_OPENERS: Final = frozenset({"open", "io.open", "os.open", "eval", "exec", "__import__"})


def walls(context: CheckContext) -> str:
    """No web framework, no other adapter, no way out of its own, no clock of its own, and its own floors."""
    flaws = Flaws()
    sources = sorted(context.adapter.folder.rglob("*.py"))
    for path in sources:
        tree = ast.parse(path.read_bytes(), filename=path.name)
        place = path.relative_to(context.adapter.folder)
        module = place.with_suffix("").as_posix().replace("/", ".")
        flaws.extend(f"{module} {flaw}" for flaw in _flaws(tree, place, context.adapter.package.__name__))
    return flaws.settle(f"{len(sources)} modules")


def _flaws(tree: ast.Module, place: Path, package: str) -> Iterator[str]:
    for name in _imports(tree, (*package.split("."), *place.parent.parts)):
        yield from _import(name, ".".join(place.with_suffix("").parts), package)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.endswith(tuple(f".{clock}" for clock in _CLOCKS)) or called in _CLOCKS:
                yield f"reads a clock of its own ({called})"
            if called in _OPENERS:
                yield f"calls {called}"


def _import(name: str, module: str, package: str) -> Iterator[str]:
    if _within(name, _FOREIGN):
        yield f"imports {name}"
    if _within(name, _WAYS_OUT):
        yield f"imports {name}: only what it is handed reaches the system"
    if name == package:
        return
    if name.startswith(f"{package}."):
        other = name.removeprefix(f"{package}.").partition(".")[0]
        if other in _FLOORS.get(module, ()):
            yield f"imports {other}, from which it is to be apart"
    elif name.startswith("adapters.") and name.split(".")[1] not in _SHARED:
        yield f"imports another adapter ({name})"


def _within(name: str, roots: Iterable[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _imports(tree: ast.Module, within: Sequence[str]) -> Iterator[str]:
    """Every module that is imported, anywhere in the source, by its full name; `within` is where the source stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One point is the package itself, each further one the package around it.
            start = within[: len(within) - node.level + 1] if node.level else ()
            origin = ".".join((*start, *([node.module] if node.module else [])))
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)
