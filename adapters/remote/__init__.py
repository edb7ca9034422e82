"""Remote adapters: a service in any language that speaks the adapter protocol, as rows like any other adapter's.

The protocol is `openapi/adapter-protocol.json`; `README.md` explains the signatures, with test vectors. This package is
its client: `spec_of` makes an ordinary `AdapterSpec` of what an operator has granted (the `[adapter]` table of the
system's file), and the rows ask the service through the upstream stack, with all its bounds. Nothing the service says
widens the grant: what it says of itself is only compared, by the probe.

Nothing is believed that is not signed with the shared secret for the very request that is waiting; no record is used
before its body was validated; a record that belongs to somebody else than was asked about is set aside.
"""

from datetime import timedelta
from typing import Any

from adapters.contract import AdapterSpec, Http, Limits, Reads, Writes
from adapters.remote.client import Prober, Reader, Writer
from adapters.remote.grant import Granted, ReadRow, RowLimits, Way, WriteRow
from adapters.remote.normalise import Normaliser, key
from adapters.remote.nouns import COMMANDS, RESOURCES
from adapters.remote.settings import Settings

__all__ = ["Granted", "UnknownNounError", "spec_of"]

_OF_ITSELF = 100_000


class UnknownNounError(ValueError):
    """A row names a resource or a command that the canonical schema does not have, or a filter that its query lacks."""


def spec_of(system: str, granted: Granted) -> AdapterSpec[Settings]:
    """The table of a system's rows, as granted. Raises `UnknownNounError`."""
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
        raise UnknownNounError(f"there is no resource {row.resource}; there are: {', '.join(RESOURCES)}")
    unknown = sorted(row.pushes - set(resource.query.model_fields))
    if unknown:
        raise UnknownNounError(f"a question for {row.resource} has no filter {', '.join(unknown)}")
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
        raise UnknownNounError(f"there is no command {row.name}; there are: {', '.join(COMMANDS)}")
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
