"""By what an adapter is known again: a digest of its code; of a remote one, of what it was granted."""

from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from adapters.contract import AdapterSpec
from adapters.remote.settings import Settings as RemoteSettings

_SIZE: Final = 16


def digest_of(spec: AdapterSpec[Any]) -> str:
    """Every module of the adapter's package, or the rows of a remote one. Shared code is the gateway's own affair."""
    if issubclass(spec.settings, RemoteSettings):
        return _hashed(repr(_granted(spec)).encode())
    return _of_package(spec.settings.__module__.rpartition(".")[0] or spec.settings.__module__)


@lru_cache(maxsize=256)
def _of_package(package: str) -> str:
    found = find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    files = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    if not files and found is not None and found.origin:
        files = [Path(found.origin)]
    return _hashed(*(part for path in files for part in (path.name.encode(), path.read_bytes())))


def _granted(spec: AdapterSpec[Any]) -> tuple[object, ...]:
    reads = [
        (row.resource.name, row.ask is not None, row.one is not None, row.content is not None, sorted(row.pushes))
        for row in spec.reads
    ]
    writes = [(row.name, row.idempotent, row.look is not None) for row in spec.writes]
    return spec.id, spec.version, spec.limits, sorted(spec.needs), reads, writes


def _hashed(*parts: bytes) -> str:
    made = blake2b(digest_size=_SIZE)
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()
