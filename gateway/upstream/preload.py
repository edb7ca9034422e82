"""Loads the libraries that the configured offices need.

A gateway without SFTP never loads an SSH library. A gateway with SFTP loads it at the start, where a broken
installation is noticed, and not within the first request.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final

from adapters.contract import (
    AdapterSpec,
    FileOfficeSettings,
    HttpOfficeSettings,
    OfficeSettings,
    Reads,
    Soap,
    SqlOfficeSettings,
    Writes,
)
from gateway.upstream.settings import UpstreamSettings

_DRIVERS: Final = {"mariadb": "gateway.upstream.sql.mariadb_connection", "postgresql": "psycopg"}


def load_transports(
    systems: Iterable[tuple[AdapterSpec[Any], Iterable[OfficeSettings]]], settings: UpstreamSettings
) -> None:
    """Import the modules that are needed to reach each system at offices with these settings."""
    for name in dict.fromkeys(module for spec, offices in systems for module in _modules(spec, offices, settings)):
        import_module(name)


def _modules(spec: AdapterSpec[Any], offices: Iterable[OfficeSettings], settings: UpstreamSettings) -> Iterator[str]:
    for office in offices:
        if isinstance(office, HttpOfficeSettings) and settings.engine == "aiohttp":
            yield "gateway.upstream.http.aiohttp_engine"
        if isinstance(office, FileOfficeSettings) and office.sftp is not None:
            yield "gateway.upstream.files.sftp"
        if isinstance(office, SqlOfficeSettings):
            kind = office.url.get_secret_value().partition("://")[0]
            if kind in _DRIVERS:
                yield _DRIVERS[kind]
    rows: tuple[Reads[Any, Any, Any, Any, Any] | Writes[Any, Any, Any], ...] = (*spec.reads, *spec.writes)
    if any(isinstance(row.transport, Soap) for row in rows):
        yield "gateway.upstream.http.soap"
