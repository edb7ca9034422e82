"""What operators do stands in the access log too, and what people do to their own account where that matters.

By the deed's own transaction: neither is there without the other.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from gateway.policy.principal import Role
from gateway.policy.purposes import Purpose
from gateway.storage.tables.access_log import AccessEntryRow
from schemas.classes import DataClass


@dataclass(frozen=True, slots=True)
class ActingParty:
    """Who does it: an account through a client, or whoever may run commands on the machine itself."""

    principal: str
    client: str
    acr: str
    request_id: str | None = None


COMMAND_LINE: Final = ActingParty("command-line", "gerbang", "-")


def action_entry(
    actor: ActingParty, operation: str, resource: str, name: str, at: datetime, further: str | None = None
) -> AccessEntryRow:
    """The entry of one deed: `operation` was done to the `resource` called `name`.

    `further` is what else of it has to be on record; with `name` it has room for 180 characters.
    """
    deed = _Deed(operation, resource, name, at)
    purpose = f"administration of {name}" + (f"; {further}" if further else "")
    return _entry(actor, deed, role=Role.OPERATOR, purpose=purpose, subject=None)


def own_action_entry(
    actor: ActingParty, roles: frozenset[Role], operation: str, resource: str, at: datetime
) -> AccessEntryRow:
    """The entry of what somebody did to their own account; they find it in their access log."""
    role = min(roles, default=Role.RESIDENT)
    deed = _Deed(operation, resource, actor.principal, at)
    return _entry(actor, deed, role=role, purpose=Purpose.OWN_ACCESS, subject=actor.principal)


@dataclass(frozen=True, slots=True)
class _Deed:
    operation: str
    resource: str
    name: str
    at: datetime


def _entry(actor: ActingParty, deed: _Deed, *, role: Role, purpose: str, subject: str | None) -> AccessEntryRow:
    return AccessEntryRow(
        at=deed.at,
        principal=actor.principal,
        client=actor.client,
        acr=actor.acr,
        role=role.value,
        subject=subject,
        purpose=purpose,
        operation=deed.operation,
        resource=deed.resource,
        systems=[],
        records=1,
        classes=[DataClass.GENERAL.value],
        result="done",
        request_id=actor.request_id or str(uuid.uuid4()),
        request_digest=sha256(f"{deed.operation}\n{deed.resource}\n{deed.name}".encode()).hexdigest(),
    )
