"""Webhooks: the simulator pushes a change to the gateway, which is made unable to store it, and then able to.

The simulator is the judge: it pushes again until it is answered as it expects.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import text

from adapters.contract import Bad, WebhookRequest
from adapters.errors import UnusableRecordError, UpstreamMalformedError
from conformance.check_context import CheckContext
from conformance.gateway_fixture import GatewayFixture, running_gateway
from conformance.http_messages import AdapterConnection, RawAnswer, RawRequest
from conformance.mutation.mutants import mutant
from conformance.questions import Row
from conformance.rules import Flaws, NotApplicableError, RuleBrokenError
from conformance.simulator_process import SimulatorOffice, SuiteError

PUSH: Final = {"kind": "push"}
_FIRST_WITHIN: Final = 10.0
_AGAIN_WITHIN: Final = 10.0
_QUIET_FOR: Final = 2.4
_A_WHILE: Final = 0.5
_A_MOMENT: Final = 0.05
_HANGS: Final = 60.0
_STORED: Final = 200


@dataclass(slots=True)
class Rehearsal:
    """What the simulator pushed, and how the gateway answered while it could not store, and when it could.

    `counts`: how many pushes were kept after the first answer, after the second, and after each was sent again.
    """

    row: Row
    pushes: list[RawRequest] = field(default_factory=list, repr=False)
    statuses: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    forged: dict[str, int] = field(default_factory=dict)
    quiet: bool = True


def has_webhooks(context: CheckContext) -> str | None:
    """For rules about webhooks."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if any(row.webhook is not None for row in context.spec.reads) else "the adapter has no webhooks"


async def stored(context: CheckContext) -> str:
    """A push is stored before it is answered: one that could not be is pushed again, one that was is not."""
    found = Flaws()
    for played in await _rehearsals(context):
        name = played.row.resource.name
        found.unless(played.statuses[0] != _STORED, f"{name}: a push that cannot be stored is answered as if it were")
        found.unless(len(played.pushes) > 1, f"{name}: what could not be stored is not pushed again")
        found.unless(played.statuses[-1] == _STORED, f"{name}: a push is not taken in")
        found.unless(played.counts[:2] == [0, 1], f"{name}: what was answered is not what was stored")
        found.unless(played.quiet, f"{name}: what is stored is pushed again: the system does not understand the answer")
    return found.settle(f"{len(await _rehearsals(context))} webhooks, without and with a store")


async def once(context: CheckContext) -> str:
    """The same push again, as it was or as the system repeats it, is stored once, and answered as well."""
    found = Flaws()
    for played in await _rehearsals(context):
        name, again = played.row.resource.name, played.counts[2:]
        found.unless(
            all(count == 1 for count in again), f"{name}: a repeated push is stored {max(again, default=0)} times"
        )
        found.unless(set(played.again) == {_STORED}, f"{name}: a repeated push is not answered as one that is stored")
    return found.settle(f"{sum(len(played.again) for played in await _rehearsals(context))} repetitions")


async def sender(context: CheckContext) -> str:
    """A push with another body, or without one of its headers that prove it, is not let in."""
    found, tried = Flaws(), 0
    for played in await _rehearsals(context):
        tried += len(played.forged)
        let_in = [how for how, status in played.forged.items() if status == _STORED]
        found.extend(f"{played.row.resource.name}: {how} is let in" for how in let_in if how != "the same once more")
    return found.settle(f"{tried} forged pushes")


async def damaged(context: CheckContext) -> str:
    """Whatever stands in a push, it is read, or refused with the one error that means so."""
    found, tried = Flaws(), 0
    random = Random(context.spec.id)  # noqa: S311 - the same damages each time
    for played in await _rehearsals(context):
        webhook = played.row.webhook
        push = played.pushes[-1]
        for _ in range(context.damages if webhook is not None else 0):
            made = mutant(push.body, random)
            tried += made is not None
            wrong = _read(played.row, _request(push, made.payload)) if made is not None else None
            found.unless(wrong is None, f"{played.row.resource.name}: a damaged push makes it raise {wrong}")
    return found.settle(f"{tried} damaged pushes")


def _read(row: Row, request: WebhookRequest) -> str | None:
    """What a row's webhook raises that it must not, or None."""
    webhook = row.webhook
    if webhook is None:
        return None
    try:
        batch = webhook.read(request)
        for item in batch.items:
            if not isinstance(item, Bad):
                # As the gateway does: what cannot be a body is set aside.
                with suppress(UnusableRecordError, ValidationError):
                    row.normalise(item)
                    row.key(item)
    except UpstreamMalformedError:
        return None
    except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
        return type(error).__name__
    return None


async def _rehearsals(context: CheckContext) -> list[Rehearsal]:
    kept = context.kept.get("webhooks")
    if kept is None:
        kept = context.kept["webhooks"] = [
            await _rehearsed(context, row) for row in context.spec.reads if row.webhook is not None
        ]
    found: list[Rehearsal] = kept
    return found


async def _rehearsed(context: CheckContext, row: Row) -> Rehearsal:
    played = Rehearsal(row)
    path = f"/v1/inbound/{context.spec.id}/{row.webhook.path if row.webhook else ''}"
    office = context.offices[0]
    async with running_gateway(context, context.offices[:1]) as gateway:
        arrived: asyncio.Queue[RawRequest] = asyncio.Queue()
        async with _listening(gateway, path, played, arrived) as address, _storeless(gateway) as mend:
            await _told(office.tell("POST", "/records", {"kind": "callback", "url": f"{address}{path}"}))
            await _told(office.tell("POST", "/records", PUSH))
            if await _next(arrived, _FIRST_WITHIN) is None:
                raise RuleBrokenError([f"{row.resource.name}: the simulator pushes nothing"])
            await mend()
            played.counts.append(await _count(gateway))
            await _next_in_time(office, arrived, _AGAIN_WITHIN)
            played.counts.append(await _count(gateway))
            played.quiet = await _next_in_time(office, arrived, _QUIET_FOR) is None
            with suppress(SuiteError):
                await office.tell("DELETE", "/records/callback")
        for push in list(played.pushes):
            played.again.append((await _put(gateway, path, push, push.body)).status)
            played.counts.append(await _count(gateway))
        await _forge(gateway, path, played)
    return played


async def _forge(gateway: GatewayFixture, path: str, played: Rehearsal) -> None:
    """Send the last push in ways in which the system never sends it."""
    push = played.pushes[-1]
    body = push.body
    played.forged["a body with one byte changed"] = (
        await _put(gateway, path, push, body[:-1] + bytes([body[-1] ^ 1]))
    ).status
    for name, _ in push.headers:
        if name.lower() in {
            "host",
            "content-length",
            "connection",
            "accept",
            "accept-encoding",
            "user-agent",
            "content-type",
        }:
            continue
        headers = tuple(pair for pair in push.headers if pair[0] != name)
        without = RawRequest(push.method, push.target, headers, body)
        told = await _put(gateway, path, without, body)
        unchanged = told.status == _STORED and await _count(gateway) == played.counts[-1]
        # A header that proves nothing may be missing: then this is the same push once more.
        played.forged["the same once more" if unchanged else f"a push without {name}"] = told.status
    bare = RawRequest(push.method, push.target, (("Content-Type", "application/json"),), body)
    played.forged["a push with no headers at all"] = (await _put(gateway, path, bare, body)).status


@asynccontextmanager
async def _listening(
    gateway: GatewayFixture, path: str, played: Rehearsal, arrived: "asyncio.Queue[RawRequest]"
) -> AsyncIterator[str]:
    """A port on which the simulator is answered what the gateway answers."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = AdapterConnection(reader, writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                request = await wire.read()
                told = await _put(gateway, path, request, request.body)
                played.pushes.append(request)
                played.statuses.append(told.status)
                await wire.reply(told)
                arrived.put_nowait(request)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def _storeless(gateway: GatewayFixture) -> AsyncIterator[Any]:
    """The gateway cannot keep a push until what this gives is awaited."""

    async def mend() -> None:
        async with gateway.parts.database.begin() as connection:
            await connection.execute(text("ALTER TABLE webhook_pushes_away RENAME TO webhook_pushes"))

    async with gateway.parts.database.begin() as connection:
        await connection.execute(text("ALTER TABLE webhook_pushes RENAME TO webhook_pushes_away"))
    yield mend


async def _count(gateway: GatewayFixture) -> int:
    async with gateway.parts.database.begin() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM webhook_pushes"))).scalar_one())


async def _put(gateway: GatewayFixture, path: str, push: RawRequest, body: bytes) -> RawAnswer:
    headers = [(name, value) for name, value in push.headers if name.lower() not in {"host", "content-length"}]
    told = await gateway.client.post(path, content=body, headers=headers)
    return RawAnswer(told.status_code, (("Content-Type", told.headers.get("content-type", "")),), told.content)


def _request(push: RawRequest, body: bytes) -> WebhookRequest:
    headers: Mapping[str, str] = {name.lower(): value for name, value in push.headers}
    return WebhookRequest(headers, body)


async def _next(arrived: "asyncio.Queue[RawRequest]", within: float) -> RawRequest | None:
    try:
        return await asyncio.wait_for(arrived.get(), within)
    except TimeoutError:
        return None


async def _next_in_time(
    office: SimulatorOffice, arrived: "asyncio.Queue[RawRequest]", seconds: float
) -> RawRequest | None:
    """The next push; None when the simulator has none left, or, if it cannot say so, after so many seconds."""
    until = time.monotonic() + _HANGS
    while time.monotonic() < until:
        pending = await office.elapse(_A_WHILE)
        if pending is None:
            return await _next(arrived, seconds - _A_WHILE)
        # Looked for before `pending` is believed: a push that was answered is pending no more.
        push = await _next(arrived, _A_MOMENT if pending else 0)
        if push is not None or not pending:
            return push
    return None


async def _told(telling: Any) -> None:  # noqa: ANN401 - an awaitable of `SimulatorOffice.tell`
    try:
        await telling
    except SuiteError:
        raise NotApplicableError("the simulator pushes nothing on demand") from None
