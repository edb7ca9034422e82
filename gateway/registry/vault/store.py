"""Stores secrets of systems in the database: sealed, and bound to their place, so that rows cannot be exchanged."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.ground.errors import GerbangError
from gateway.ground.master_key import MasterKeySettings, open_sealer
from gateway.ground.sealing import OTHER_MASTER_KEY, MasterKeyError, Sealer, UnsealError
from gateway.registry.office_secrets import OfficeKey, Secrets, office_name
from gateway.storage.engine import Database, unusable
from gateway.storage.limits import DatabaseLimits
from gateway.storage.sealed_keys import opens_signing_key
from gateway.storage.tables.signing_keys import SigningKeyRow
from gateway.storage.tables.vault import SystemSecretRow

_USE: Final = "system-secret"


class VaultSettings(MasterKeySettings, Protocol):
    """The settings that reading the vault needs."""

    @property
    def database(self) -> str:
        """The URL of the database."""

    @property
    def database_file(self) -> Path | None:
        """The SQLite file that is used when no database is named."""

    @property
    def database_limits(self) -> DatabaseLimits:
        """The time limits of the database."""


class VaultError(GerbangError):
    """The operation is not possible with this secret, or a stored secret cannot be used."""


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """The unsealed vault. `spoilt`: offices with a secret that was not sealed by us for its place."""

    held: dict[OfficeKey, dict[str, str]] = field(default_factory=dict, repr=False)
    spoilt: dict[OfficeKey, str] = field(default_factory=dict)


def seal_into(row: SystemSecretRow, value: str, sealer: Sealer) -> None:
    """Seal a value into a row that has its version already."""
    row.sealed = sealer.seal(_USE, value.encode(), bound_to=_place(row))


def open_all(sealer: Sealer, rows: Iterable[SystemSecretRow]) -> OpenedVault:
    """Unseal every secret in the rows."""
    opened = OpenedVault()
    for row in rows:
        if row.sealed is None:
            continue
        key = (row.system, row.office or None)
        try:
            value = sealer.unseal(_USE, row.sealed, bound_to=_place(row)).decode()
        except UnsealError:
            opened.spoilt[key] = row.field
        else:
            opened.held.setdefault(key, {})[row.field] = value
    return opened


def check_master_key(sealer: Sealer, opened: OpenedVault, keys: Iterable[SigningKeyRow]) -> None:
    """Raise `MasterKeyError` when no sealed value can be unsealed: neither a secret nor a signing key."""
    signing = list(keys)
    anything = opened.spoilt or signing
    if anything and not opened.held and not any(opens_signing_key(sealer, row) for row in signing):
        raise MasterKeyError(OTHER_MASTER_KEY)


def secrets_for_commands(settings: VaultSettings) -> Secrets:
    """The secrets for a command that calls systems itself; opens the master key only if there are any."""
    if settings.database_file is not None and not settings.database_file.exists():
        return Secrets()
    database = Database(settings.database, settings.database_limits)
    try:
        if not inspect(database.sync_engine).has_table(SystemSecretRow.__tablename__):
            return Secrets()
        with database.sync_session() as session:
            stands = session.scalar(select(SystemSecretRow.system).where(SystemSecretRow.sealed.is_not(None)).limit(1))
        return read_secrets(database, open_sealer(settings), None) if stands else Secrets()
    except SQLAlchemyError as error:
        raise unusable(database, error) from None
    finally:
        database.sync_engine.dispose()


def read_secrets(database: Database, sealer: Sealer, elsewhere: Collection[str] | None) -> Secrets:
    """The secrets, read before the gateway serves. Blocking. Empty where the table does not exist yet.

    Raises `MasterKeyError`, `VaultError` for a secret that was changed or moved, and `DatabaseError`.
    """
    try:
        if not inspect(database.sync_engine).has_table(SystemSecretRow.__tablename__):
            return Secrets(elsewhere=elsewhere)
        with database.sync_session() as session:
            rows, keys = session.scalars(select(SystemSecretRow)).all(), session.scalars(select(SigningKeyRow)).all()
    except SQLAlchemyError as error:
        raise unusable(database, error) from None
    opened = open_all(sealer, rows)
    check_master_key(sealer, opened, keys)
    for (system, office), name in opened.spoilt.items():
        place = office_name(system, office)
        raise VaultError(
            f"The secret {name} of {place} was not sealed for its place: run gerbang secret set {place} {name}."
        )
    return Secrets(opened.held, elsewhere)


def _place(row: SystemSecretRow) -> str:
    return json.dumps([row.system, row.office, row.field, row.version])
