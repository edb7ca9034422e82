"""Loads the libraries that the configured offices need.

A gateway without SFTP never loads an SSH library. A gateway with SFTP loads it at the start, where a broken
installation is noticed, and not within the first request.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Final

from adapters.contract import FileOfficeSettings, HttpOfficeSettings, OfficeSettings, SqlOfficeSettings

_DRIVERS: Final = {"mariadb": "gateway.upstream.sql.mariadb_connection", "postgresql": "psycopg"}


def load_transports(offices: Iterable[OfficeSettings]) -> None:
    """Import the modules that are needed to reach offices with these settings."""
    for name in dict.fromkeys(module for settings in offices for module in _modules(settings)):
        import_module(name)


def _modules(settings: OfficeSettings) -> Iterator[str]:
    if isinstance(settings, HttpOfficeSettings):
        yield "gateway.upstream.http.engine"
    if isinstance(settings, FileOfficeSettings) and settings.sftp is not None:
        yield "gateway.upstream.files.sftp"
    if isinstance(settings, SqlOfficeSettings):
        kind = settings.url.get_secret_value().partition("://")[0]
        if kind in _DRIVERS:
            yield _DRIVERS[kind]
