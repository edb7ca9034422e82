"""Digests that identify an adapter's version: of its code, or of the granted rows of a remote one."""

import sys
from collections.abc import Iterator
from functools import lru_cache, partial
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from adapters.contract import AdapterSpec

_SIZE: Final = 16
_GATEWAY_PACKAGES: Final = frozenset({"schemas", "gateway"})
_SHARED: Final = frozenset({"adapters.legacy", "adapters.remote"})
_REMOTE_SETTINGS: Final = ("adapters.remote.settings", "Settings")


def digest_of(spec: AdapterSpec[Any]) -> str:
    """The digest of all modules of the adapter's package, or of the rows of a remote one. Shared code is left out."""
    if _is_remote(spec):
        return _digest(repr(_granted_rows(spec)).encode())
    found = sorted({package for name in _modules(spec) if (package := _package(name)) is not None})
    digests = [_package_digest(package) for package in found]
    return digests[0] if len(digests) == 1 else _digest(*(digest.encode() for digest in digests))


def _is_remote(spec: AdapterSpec[Any]) -> bool:
    """Recognised by the name of the settings class: importing it would load code that only remote adapters need."""
    return any((kind.__module__, kind.__qualname__) == _REMOTE_SETTINGS for kind in spec.settings.__mro__)


def _modules(spec: AdapterSpec[Any]) -> Iterator[str]:
    """The modules that define the adapter's settings and functions; the settings may be shared or nested deeper."""
    yield spec.settings.__module__
    parts = [part for row in spec.reads for part in (row, row.webhook) if part is not None]
    for part in (spec, *parts, *spec.writes):
        for value in vars(part).values():
            function = value
            while isinstance(function, partial):
                function = function.func
            if callable(function):
                yield getattr(function, "__module__", None) or type(function).__module__


def _package(module: str) -> str | None:
    """The outermost package of the adapter, or a module outside of packages; None for code that adapters share."""
    names = module.split(".")
    if names[0] in _GATEWAY_PACKAGES or names[0] in sys.stdlib_module_names:
        return None
    depth = 2 if names[0] == "adapters" else 1
    outer = (".".join(names[:end]) for end in range(depth, len(names) + 1))
    own = next((name for name in outer if _is_package(name)), module if depth == 1 else None)
    return None if own in _SHARED else own


def _is_package(name: str) -> bool:
    """Whether this is a package with code, and no namespace that several distributions share."""
    found = find_spec(name)
    return found is not None and found.origin is not None and bool(found.submodule_search_locations)


@lru_cache(maxsize=256)
def _package_digest(package: str) -> str:
    found = find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    files = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    if not files and found is not None and found.origin:
        files = [Path(found.origin)]
    return _digest(*(part for path in files for part in (path.name.encode(), path.read_bytes())))


def _granted_rows(spec: AdapterSpec[Any]) -> tuple[object, ...]:
    reads = [
        (row.resource.name, row.ask is not None, row.one is not None, row.content is not None, sorted(row.pushes))
        for row in spec.reads
    ]
    writes = [(row.name, row.idempotent, row.look is not None) for row in spec.writes]
    codes = [(one.scheme, one.complete, sorted(value.code for value in one.values)) for one in spec.codes]
    return spec.id, spec.version, spec.limits, sorted(spec.needs), reads, writes, codes


def _digest(*parts: bytes) -> str:
    digest = blake2b(digest_size=_SIZE)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
