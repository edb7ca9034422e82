"""Remote adapters: a service in any language that implements the adapter protocol, with rows like any other adapter.

The protocol is `openapi/adapter-protocol.json`; `README.md` explains the signatures, with test vectors. This package is
the client of that protocol. `spec_of` builds an ordinary `AdapterSpec` from the operator's grant (the `[adapter]` table
of the system's file); its rows send requests to the service through the upstream stack, with all its limits. The
service cannot widen the grant: the probe only compares its own description with it.

An answer is accepted only when it is signed with the shared secret for the very request that is waiting. A record is
used only after its body was validated. A record of another resident than the subject is set aside.
"""

from datetime import timedelta
from typing import Any

from adapters.contract import AdapterSpec, Http, Limits, Reads, Writes
from adapters.remote.client import Prober, Reader, Writer
from adapters.remote.commands import COMMANDS
from adapters.remote.grant import AdapterGrant, ReadRow, RowLimits, Way, WriteRow
from adapters.remote.normalise import Normaliser, key
from adapters.remote.settings import Settings
from schemas.catalogue import RESOURCES

__all__ = ["AdapterGrant", "UnknownNounError", "spec_of"]

_OF_ITSELF = 100_000


class UnknownNounError(ValueError):
    """A row names a resource, a command or a filter that the canonical schema does not have."""


def spec_of(system: str, granted: AdapterGrant) -> AdapterSpec[Settings]:
    """Return the adapter of a system, as granted. Raises `UnknownNounError`."""
    return AdapterSpec(
        id=system,
        agency=granted.agency,
        title=granted.title,
        version=granted.version,
        contact=granted.contact,
        settings=Settings,
        limits=_limits(granted.limits),
        needs=granted.needs,
        probe=Prober(system, granted).probe,
        probe_transport=Http[Settings](max_bytes=_OF_ITSELF),
        reads=tuple(_reads(row) for row in granted.reads),
        writes=tuple(_writes(row) for row in granted.writes),
        codes=granted.codes,
        assumed=granted.assumed,
    )


def _limits(limits: RowLimits) -> Limits:
    return Limits(
        concurrent=limits.concurrent,
        slowest=timedelta(seconds=limits.slowest_seconds),
        per_minute=limits.per_minute,
        per_day=limits.per_day,
        max_items=limits.max_items,
    )


def _reads(row: ReadRow) -> Reads[Settings, Any, Any, Any, Any]:
    resource = RESOURCES.get(row.resource)
    if resource is None:
        raise UnknownNounError(f"there is no resource {row.resource}; the resources are: {', '.join(RESOURCES)}")
    unknown = sorted(row.pushes - set(resource.query.model_fields))
    if unknown:
        raise UnknownNounError(f"the query of {row.resource} has no filter {', '.join(unknown)}")
    reader = Reader(resource, row.pushes)
    return Reads(
        resource=resource,
        transport=Http[Settings](max_bytes=row.max_bytes),
        normalise=Normaliser(resource).normalise,
        key=key,
        ask=reader.ask if row.way is Way.ASK else None,
        one=reader.one if row.one else None,
        feed=reader.feed if row.way is Way.FEED else None,
        content=reader.content if row.content else None,
        pushes=row.pushes,
        fresh=timedelta(seconds=row.fresh_seconds),
        keep=timedelta(seconds=row.keep_seconds),
    )


def _writes(row: WriteRow) -> Writes[Settings, Any, Any]:
    command = COMMANDS.get(row.name)
    if command is None:
        raise UnknownNounError(f"there is no command {row.name}; the commands are: {', '.join(COMMANDS)}")
    writer = Writer(row.name)
    return Writes(
        name=row.name,
        command=command,
        transport=Http[Settings](max_bytes=row.max_bytes),
        idempotent=row.idempotent,
        settle=timedelta(seconds=row.settle_seconds),
        send=writer.send,
        look=writer.look if row.look else None,
    )
