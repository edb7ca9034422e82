"""The imports and calls that an adapter may use: read from its source without running it."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from conformance.check_context import CheckContext
from conformance.rules import Violations

_FORBIDDEN_PACKAGES: Final = frozenset(
    {
        *("gateway", "conformance", "simulators", "tests"),
        *("fastapi", "starlette", "authlib", "joserfc", "uvicorn", "sqlalchemy"),
    }
)
_IO_MODULES: Final = frozenset(
    {
        *("aiohttp", "httpx", "requests", "urllib3", "urllib.request", "http.client", "socket", "ssl", "ftplib"),
        *("smtplib", "subprocess", "multiprocessing", "shelve", "sqlite3", "psycopg", "paramiko", "asyncssh"),
    }
)
_SHARED_MODULES: Final = frozenset({"contract", "upstream", "errors", "legacy"})
_FORBIDDEN_SIBLINGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
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


def forbidden_imports(context: CheckContext) -> str:
    """Forbid web frameworks, other adapters, I/O modules, clocks, file access, and imports against the layers."""
    violations = Violations()
    sources = sorted(context.adapter.folder.rglob("*.py"))
    for path in sources:
        tree = ast.parse(path.read_bytes(), filename=path.name)
        place = path.relative_to(context.adapter.folder)
        module = place.with_suffix("").as_posix().replace("/", ".")
        violations.extend(
            f"{module} {violation}" for violation in _violations(tree, place, context.adapter.package.__name__)
        )
    return violations.finish(f"{len(sources)} modules")


def _violations(tree: ast.Module, place: Path, package: str) -> Iterator[str]:
    for name in _imports(tree, (*package.split("."), *place.parent.parts)):
        yield from _import(name, ".".join(place.with_suffix("").parts), package)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.endswith(tuple(f".{clock}" for clock in _CLOCKS)) or called in _CLOCKS:
                yield f"reads the clock ({called})"
            if called in _OPENERS:
                yield f"calls {called}"


def _import(name: str, module: str, package: str) -> Iterator[str]:
    if _within(name, _FORBIDDEN_PACKAGES):
        yield f"imports {name}"
    if _within(name, _IO_MODULES):
        yield f"imports {name}: an adapter reaches its system only by the upstream that it receives"
    if name == package:
        return
    if name.startswith(f"{package}."):
        other = name.removeprefix(f"{package}.").partition(".")[0]
        if other in _FORBIDDEN_SIBLINGS.get(module, ()):
            yield f"imports {other}, which its layer must not import"
    elif name.startswith("adapters.") and name.split(".")[1] not in _SHARED_MODULES:
        yield f"imports another adapter ({name})"


def _within(name: str, roots: Iterable[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _imports(tree: ast.Module, within: Sequence[str]) -> Iterator[str]:
    """Yield the full name of every module that is imported anywhere in the source; `within` is its package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, each further dot its parent.
            start = within[: len(within) - node.level + 1] if node.level else ()
            origin = ".".join((*start, *([node.module] if node.module else [])))
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)
