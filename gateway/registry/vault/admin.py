"""Operators' administration of secrets: set, remove, list. No function returns a value."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.policy.access_log.actions import ActingParty, action_entry
from gateway.registry.office_secrets import OfficeKey, Secrets, office_name, secret_fields
from gateway.registry.offices import OfficeTable
from gateway.registry.system_files import RegistryError
from gateway.registry.vault.store import VaultError, check_master_key, open_all, seal_into
from gateway.storage.engine import Database
from gateway.storage.tables.signing_keys import SigningKeyRow
from gateway.storage.tables.vault import SystemSecretRow

LONGEST_SECRET: Final = 32_768
"""The most characters of one secret: more than any private key has."""

_RESOURCE: Final = "system-secret"


class VaultAdministration:
    """The vault of one database. `elsewhere`: see `Secrets`."""

    def __init__(
        self, database: Database, sealer: Sealer, clock: Clock, elsewhere: Sequence[str] | None = None
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._elsewhere = elsewhere

    async def all(self) -> Sequence[SystemSecretRow]:
        """Every secret in the vault: its name, who set it, and when."""
        async with self._database.session() as session:
            return [row for row in await _rows(session) if row.sealed is not None]

    async def set(self, actor: ActingParty, table: OfficeTable, name: str, value: str) -> str | None:
        """Store a secret, in place of any previous one. Returns the remaining error in the office's settings.

        Raises `VaultError` for a name that is no secret of the office, or an invalid value.
        """
        _check_name(table, name)
        _check_value(value)
        try:
            async with self._database.session() as session:
                rows = await _rows(session)
                held = await self._held(session, rows)
                new_secrets = self._secrets(held, table, {**held.get(_key(table), {}), name: value})
                flaw = table.flaw(new_secrets, name)
                if flaw is not None:
                    raise VaultError(f"{table.where}: {name}: {flaw}.")
                row = _row(rows, table, name)
                if row is None:
                    row = SystemSecretRow(system=table.spec.id, office=table.id or "", field=name, version=0)
                    session.add(row)
                self._log_change(session, actor, row, "setSecret")
                seal_into(row, value, self._sealer)
        except IntegrityError:
            raise VaultError("Another process has just set the same secret: check it, and set it again.") from None
        return _settings_error(table, new_secrets)

    async def remove(self, actor: ActingParty, place: OfficeKey, name: str, table: OfficeTable | None) -> None:
        """Remove a secret. `table` is None for an office that is no longer configured.

        Raises `VaultError` where there is none, or where the office cannot be used without it.
        """
        async with self._database.session() as session:
            rows = await _rows(session)
            row = next((row for row in rows if (row.system, row.office or None, row.field) == (*place, name)), None)
            if row is None or row.sealed is None:
                raise VaultError(f"The vault holds no secret {name} of {office_name(*place)}.")
            if table is not None:
                held = await self._held(session, rows)
                office_secrets = held.get(place, {})
                remaining_secrets = {other: value for other, value in office_secrets.items() if other != name}
                was_complete = _settings_error(table, self._secrets(held, table, office_secrets)) is None
                error = _settings_error(table, self._secrets(held, table, remaining_secrets))
                if was_complete and error is not None:
                    raise VaultError(f"{error} Set another one, or suspend the system first.")
            self._log_change(session, actor, row, "removeSecret")
            row.sealed = None

    async def _held(self, session: AsyncSession, rows: Sequence[SystemSecretRow]) -> dict[OfficeKey, dict[str, str]]:
        opened = open_all(self._sealer, rows)
        check_master_key(self._sealer, opened, (await session.scalars(select(SigningKeyRow))).all())
        return opened.held

    def _secrets(
        self, held: Mapping[OfficeKey, Mapping[str, str]], table: OfficeTable, office_secrets: Mapping[str, str]
    ) -> Secrets:
        return Secrets({**held, _key(table): office_secrets}, self._elsewhere)

    def _log_change(self, session: AsyncSession, actor: ActingParty, row: SystemSecretRow, operation: str) -> None:
        row.version += 1
        row.set_by, row.set_at = actor.principal, self._clock()
        name = f"{office_name(row.system, row.office or None)} {row.field}"
        session.add(action_entry(actor, operation, _RESOURCE, name, row.set_at))


async def _rows(session: AsyncSession) -> Sequence[SystemSecretRow]:
    query = select(SystemSecretRow).order_by(SystemSecretRow.system, SystemSecretRow.office, SystemSecretRow.field)
    return (await session.scalars(query.with_for_update())).all()


def _row(rows: Sequence[SystemSecretRow], table: OfficeTable, name: str) -> SystemSecretRow | None:
    place = (table.spec.id, table.id or "", name)
    return next((row for row in rows if (row.system, row.office, row.field) == place), None)


def _key(table: OfficeTable) -> OfficeKey:
    return table.spec.id, table.id


def _check_name(table: OfficeTable, name: str) -> None:
    known = secret_fields(table.spec.settings)
    if name not in known:
        listing = f"it has {', '.join(known)}" if known else "it has none"
        raise VaultError(f"The system {table.spec.id} has no secret {name}: {listing}.")
    inner = name.rpartition(".")[0]
    if inner and inner not in table.given:
        raise VaultError(f"{table.where} has no table [offices.{inner}], to which {name} would belong.")


def _check_value(value: str) -> None:
    if not value.strip():
        raise VaultError("No value was given.")
    if len(value) > LONGEST_SECRET:
        raise VaultError(f"The value is longer than {LONGEST_SECRET} characters.")
    if "\0" in value:
        raise VaultError("The value holds a zero byte, which no secret does.")


def _settings_error(table: OfficeTable, secrets: Secrets) -> str | None:
    """The error with which a start would fail; None where the settings are complete."""
    try:
        table.settings(secrets)
    except RegistryError as error:
        return str(error)
    return None
