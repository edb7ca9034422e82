"""Webhooks: the simulator pushes a change to a gateway that first cannot store it, and then can.

The simulator decides whether the answer is right: it repeats a push until it gets the answer that it expects.
"""

from contextlib import suppress
from random import Random

from pydantic import ValidationError

from adapters.contract import Bad, WebhookRequest
from adapters.errors import UnusableRecordError, UpstreamMalformedError
from conformance.check_context import CheckContext
from conformance.mutation.mutants import mutant
from conformance.questions import Row
from conformance.rules import Violations
from conformance.webhook_trials import ACKNOWLEDGED, push_trials, webhook_request


def has_webhooks(context: CheckContext) -> str | None:
    """Applies to adapters with webhooks."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if any(row.webhook is not None for row in context.spec.reads) else "the adapter has no webhooks"


async def stored(context: CheckContext) -> str:
    """Require that a push is stored before it is acknowledged, and repeated only if it was not acknowledged."""
    violations = Violations()
    for trial in await push_trials(context):
        name = trial.row.resource.name
        violations.require(trial.statuses[0] != ACKNOWLEDGED, f"{name}: a push that cannot be stored is acknowledged")
        violations.require(len(trial.pushes) > 1, f"{name}: a push that was not acknowledged is not repeated")
        violations.require(trial.statuses[-1] == ACKNOWLEDGED, f"{name}: a push is not accepted")
        violations.require(trial.counts[:2] == [0, 1], f"{name}: acknowledged and stored pushes differ")
        violations.require(trial.quiet, f"{name}: a stored push is repeated: the system does not accept the answer")
    return violations.finish(f"{len(await push_trials(context))} webhooks, without and with storage")


async def once(context: CheckContext) -> str:
    """Require that a repeated push, identical or as the system repeats it, is stored once and acknowledged."""
    violations = Violations()
    for trial in await push_trials(context):
        name, counts = trial.row.resource.name, trial.counts[2:]
        violations.require(
            all(count == 1 for count in counts),
            f"{name}: a repeated push is stored {max(counts, default=0)} times",
        )
        violations.require(
            set(trial.repeated_statuses) == {ACKNOWLEDGED}, f"{name}: a repeated push is not acknowledged"
        )
    return violations.finish(f"{sum(len(trial.repeated_statuses) for trial in await push_trials(context))} repetitions")


async def sender(context: CheckContext) -> str:
    """Require that a push with another body, or without an authenticating header, is refused."""
    violations, tried = Violations(), 0
    for trial in await push_trials(context):
        tried += len(trial.forged)
        accepted = [kind for kind, status in trial.forged.items() if status == ACKNOWLEDGED]
        violations.extend(
            f"{trial.row.resource.name}: {kind} is accepted" for kind in accepted if kind != "an equivalent push"
        )
    return violations.finish(f"{tried} forged pushes")


async def damaged(context: CheckContext) -> str:
    """Require that a damaged push is read, or refused with `UpstreamMalformedError`."""
    violations, tried = Violations(), 0
    random = Random(context.spec.id)  # noqa: S311 - the same damages each time
    for trial in await push_trials(context):
        webhook = trial.row.webhook
        push = trial.pushes[-1]
        for _ in range(context.damages if webhook is not None else 0):
            mutation = mutant(push.body, random)
            tried += mutation is not None
            wrong = _read(trial.row, webhook_request(push, mutation.payload)) if mutation is not None else None
            violations.require(wrong is None, f"{trial.row.resource.name}: a damaged push makes it raise {wrong}")
    return violations.finish(f"{tried} damaged pushes")


def _read(row: Row, request: WebhookRequest) -> str | None:
    """Return the name of a forbidden exception that a row's webhook raises, or None."""
    webhook = row.webhook
    if webhook is None:
        return None
    try:
        batch = webhook.read(request)
        for item in batch.items:
            if not isinstance(item, Bad):
                # As in the gateway: a record that cannot be normalised is set aside.
                with suppress(UnusableRecordError, ValidationError):
                    row.normalise(item)
                    row.key(item)
    except UpstreamMalformedError:
        return None
    except Exception as error:  # noqa: BLE001 - reported as a fault of the adapter
        return type(error).__name__
    return None
