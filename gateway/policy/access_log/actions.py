"""Access log entries for actions of operators, and for important actions of people on their own account.

The entry is written in the action's own transaction, so that neither exists without the other.
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
    """The acting party: an account through a client, or the command line of the machine."""

    principal: str
    client: str
    acr: str
    request_id: str | None = None


COMMAND_LINE: Final = ActingParty("command-line", "gerbang", "-")


def action_entry(
    actor: ActingParty, operation: str, resource: str, name: str, at: datetime, details: str | None = None
) -> AccessEntryRow:
    """The entry of one action: `operation` was done to the `resource` called `name`.

    `details` is additional text for the record; together with `name` it may have 180 characters.
    """
    action = _Action(operation, resource, name, at)
    purpose = f"administration of {name}" + (f"; {details}" if details else "")
    return _entry(actor, action, role=Role.OPERATOR, purpose=purpose, subject=None)


def own_action_entry(
    actor: ActingParty, roles: frozenset[Role], operation: str, resource: str, at: datetime
) -> AccessEntryRow:
    """The entry of a person's action on their own account; it appears in their access log."""
    role = min(roles, default=Role.RESIDENT)
    action = _Action(operation, resource, actor.principal, at)
    return _entry(actor, action, role=role, purpose=Purpose.OWN_ACCESS, subject=actor.principal)


@dataclass(frozen=True, slots=True)
class _Action:
    operation: str
    resource: str
    name: str
    at: datetime


def _entry(actor: ActingParty, action: _Action, *, role: Role, purpose: str, subject: str | None) -> AccessEntryRow:
    return AccessEntryRow(
        at=action.at,
        principal=actor.principal,
        client=actor.client,
        acr=actor.acr,
        role=role.value,
        subject=subject,
        purpose=purpose,
        operation=action.operation,
        resource=action.resource,
        systems=[],
        records=1,
        classes=[DataClass.GENERAL.value],
        result="done",
        request_id=actor.request_id or str(uuid.uuid4()),
        request_digest=sha256(f"{action.operation}\n{action.resource}\n{action.name}".encode()).hexdigest(),
    )
