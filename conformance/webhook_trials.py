"""Trials of inbound webhooks: a push of the simulator to a gateway that first cannot store it, and then can."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text

from adapters.contract import WebhookRequest
from conformance.check_context import CheckContext
from conformance.gateway_fixture import GatewayFixture, running_gateway
from conformance.http_messages import AdapterConnection, RawAnswer, RawRequest
from conformance.loopback import LoopbackServer
from conformance.questions import Row
from conformance.rules import NotApplicableError, RuleBrokenError
from conformance.simulator_process import SimulatorOffice, SuiteError

PUSH_REQUEST: Final = {"kind": "push"}
_FIRST_PUSH_SECONDS: Final = 10.0
_REPEATED_PUSH_SECONDS: Final = 10.0
_QUIET_SECONDS: Final = 2.4
_ELAPSE_SECONDS: Final = 0.5
_ARRIVAL_SECONDS: Final = 0.05
_MAX_SECONDS: Final = 60.0
ACKNOWLEDGED: Final = 200


@dataclass(slots=True)
class PushTrial:
    """The pushes of the simulator, and the gateway's answers without and with its table of pushes.

    `counts`: stored pushes after the first answer, after the second one, and after each repetition.
    """

    row: Row
    pushes: list[RawRequest] = field(default_factory=list, repr=False)
    statuses: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    repeated_statuses: list[int] = field(default_factory=list)
    forged: dict[str, int] = field(default_factory=dict)
    quiet: bool = True


async def push_trials(context: CheckContext) -> list[PushTrial]:
    """Run one trial for each row with a webhook; the rules share the results."""
    if "webhooks" not in context.shared_results:
        context.shared_results["webhooks"] = [
            await _run_trial(context, row) for row in context.spec.reads if row.webhook is not None
        ]
    trials: list[PushTrial] = context.shared_results["webhooks"]
    return trials


async def _run_trial(context: CheckContext, row: Row) -> PushTrial:
    trial = PushTrial(row)
    path = f"/v1/inbound/{context.spec.id}/{row.webhook.path if row.webhook else ''}"
    office = context.offices[0]
    async with running_gateway(context, context.offices[:1]) as gateway:
        arrived: asyncio.Queue[RawRequest] = asyncio.Queue()
        async with _listening(gateway, path, trial, arrived) as address, _without_storage(gateway) as restore_storage:
            await _control_or_skip(
                office.call_control("POST", "/records", {"kind": "callback", "url": f"{address}{path}"})
            )
            await _control_or_skip(office.call_control("POST", "/records", PUSH_REQUEST))
            if await _next_push(arrived, _FIRST_PUSH_SECONDS) is None:
                raise RuleBrokenError([f"{row.resource.name}: the simulator does not push"])
            await restore_storage()
            trial.counts.append(await _stored_count(gateway))
            await _next_pending_push(office, arrived, _REPEATED_PUSH_SECONDS)
            trial.counts.append(await _stored_count(gateway))
            trial.quiet = await _next_pending_push(office, arrived, _QUIET_SECONDS) is None
            with suppress(SuiteError):
                await office.call_control("DELETE", "/records/callback")
        for push in list(trial.pushes):
            trial.repeated_statuses.append((await _post(gateway, path, push, push.body)).status)
            trial.counts.append(await _stored_count(gateway))
        await _forge(gateway, path, trial)
    return trial


async def _forge(gateway: GatewayFixture, path: str, trial: PushTrial) -> None:
    """Send the last push in ways in which the system never sends it."""
    push = trial.pushes[-1]
    body = push.body
    trial.forged["a body with one byte changed"] = (
        await _post(gateway, path, push, body[:-1] + bytes([body[-1] ^ 1]))
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
        without_record = RawRequest(push.method, push.target, headers, body)
        answer = await _post(gateway, path, without_record, body)
        unchanged = answer.status == ACKNOWLEDGED and await _stored_count(gateway) == trial.counts[-1]
        # A header without authentication may be missing: then this is the same push again.
        trial.forged["an equivalent push" if unchanged else f"a push without {name}"] = answer.status
    bare = RawRequest(push.method, push.target, (("Content-Type", "application/json"),), body)
    trial.forged["a push with no headers at all"] = (await _post(gateway, path, bare, body)).status


@asynccontextmanager
async def _listening(
    gateway: GatewayFixture, path: str, trial: PushTrial, arrived: "asyncio.Queue[RawRequest]"
) -> AsyncIterator[str]:
    """Listen on a port, and forward the simulator's pushes to the gateway."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = AdapterConnection(reader, writer)
        while not writer.is_closing():
            request = await connection.read()
            answer = await _post(gateway, path, request, request.body)
            trial.pushes.append(request)
            trial.statuses.append(answer.status)
            await connection.reply(answer)
            arrived.put_nowait(request)

    async with LoopbackServer(forward) as server:
        yield f"http://127.0.0.1:{server.port}"


@asynccontextmanager
async def _without_storage(gateway: GatewayFixture) -> AsyncIterator[Any]:
    """Make the gateway unable to store a push until the yielded function is awaited."""

    async def restore_storage() -> None:
        async with gateway.dependencies.database.begin() as connection:
            await connection.execute(text("ALTER TABLE webhook_pushes_away RENAME TO webhook_pushes"))

    async with gateway.dependencies.database.begin() as connection:
        await connection.execute(text("ALTER TABLE webhook_pushes RENAME TO webhook_pushes_away"))
    yield restore_storage


async def _stored_count(gateway: GatewayFixture) -> int:
    async with gateway.dependencies.database.begin() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM webhook_pushes"))).scalar_one())


async def _post(gateway: GatewayFixture, path: str, push: RawRequest, body: bytes) -> RawAnswer:
    headers = [(name, value) for name, value in push.headers if name.lower() not in {"host", "content-length"}]
    answer = await gateway.client.post(path, content=body, headers=headers)
    return RawAnswer(answer.status_code, (("Content-Type", answer.headers.get("content-type", "")),), answer.content)


def webhook_request(push: RawRequest, body: bytes) -> WebhookRequest:
    """Return the push as the gateway passes it to the adapter."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in push.headers}
    return WebhookRequest(headers, body)


async def _next_push(arrived: "asyncio.Queue[RawRequest]", within: float) -> RawRequest | None:
    try:
        return await asyncio.wait_for(arrived.get(), within)
    except TimeoutError:
        return None


async def _next_pending_push(
    office: SimulatorOffice, arrived: "asyncio.Queue[RawRequest]", seconds: float
) -> RawRequest | None:
    """Return the next push.

    Return None when the simulator has no push pending or, if it cannot report that, after `seconds`.
    """
    until = time.monotonic() + _MAX_SECONDS
    while time.monotonic() < until:
        pending = await office.elapse(_ELAPSE_SECONDS)
        if pending is None:
            return await _next_push(arrived, seconds - _ELAPSE_SECONDS)
        # Checked before `pending` is used: a push that was answered is not pending any more.
        push = await _next_push(arrived, _ARRIVAL_SECONDS if pending else 0)
        if push is not None or not pending:
            return push
    return None


async def _control_or_skip(request: Any) -> None:  # noqa: ANN401 - an awaitable of `SimulatorOffice.call_control`
    try:
        await request
    except SuiteError:
        raise NotApplicableError("the simulator cannot push on demand") from None
