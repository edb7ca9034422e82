"""Lists the secrets and the place of each, never a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.ground.clock import WITA
from gateway.registry.office_secrets import given_secrets, office_name, secret_fields
from gateway.registry.offices import OfficeTable
from gateway.storage.tables.vault import SystemSecretRow


@dataclass(frozen=True, slots=True)
class ListedSecret:
    """One secret.

    `state`: vault; outside (a variable or a file); both (the vault's is used); missing; unused (no office has this
    setting).
    """

    place: str
    field: str
    state: str
    version: int | None = None
    set_by: str | None = None
    set_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        """The JSON representation."""
        at = self.set_at.isoformat() if self.set_at else None
        return {
            "place": self.place,
            "field": self.field,
            "state": self.state,
            "version": self.version,
            "set_by": self.set_by,
            "set_at": at,
        }


def listed(tables: Iterable[OfficeTable], rows: Iterable[SystemSecretRow]) -> list[ListedSecret]:
    """Every secret that an office can have, and every one in the vault, in the order of their places."""
    kept = {(office_name(row.system, row.office or None), row.field): row for row in rows}
    found = []
    for table in tables:
        given = given_secrets(table.spec.settings, table.given)
        for name in secret_fields(table.spec.settings):
            row = kept.pop((table.name, name), None)
            stands = name in given
            if row is None:
                found.append(ListedSecret(table.name, name, "outside" if stands else "missing"))
            else:
                found.append(_kept(table.name, row, "both" if stands else "vault"))
    found += [_kept(place, row, "unused") for (place, _), row in kept.items()]
    return sorted(found, key=lambda one: (one.place, one.field))


def _kept(place: str, row: SystemSecretRow, state: str) -> ListedSecret:
    return ListedSecret(place, row.field, state, row.version, row.set_by, row.set_at.astimezone(WITA))
