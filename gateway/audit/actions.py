"""What operators do stands in the access log too, by the deed's own transaction: neither is there without the other."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from gateway.sso.principal import Role
from gateway.storage.tables.audit import AccessEntry
from schemas.classes import DataClass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: an account through a client, or whoever may run commands on the machine itself."""

    principal: str
    client: str
    acr: str
    request_id: str | None = None


COMMAND_LINE: Final = Actor("command-line", "gerbang", "-")


def action_entry(actor: Actor, operation: str, resource: str, name: str, at: datetime) -> AccessEntry:
    """The entry of one deed: `operation` was done to the `resource` called `name`."""
    return AccessEntry(
        at=at,
        principal=actor.principal,
        client=actor.client,
        acr=actor.acr,
        role=Role.OPERATOR.value,
        purpose=f"administration of {name}",
        operation=operation,
        resource=resource,
        systems=[],
        records=1,
        classes=[DataClass.GENERAL.value],
        result="done",
        request_id=actor.request_id or str(uuid.uuid4()),
        request_digest=sha256(f"{operation}\n{resource}\n{name}".encode()).hexdigest(),
    )
