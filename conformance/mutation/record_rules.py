"""Generated damage to golden wire records: each must be normalised, or set aside with a reason."""

import json
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from adapters.errors import UnusableRecordError
from conformance.golden import golden_records
from conformance.leaks import CANARY
from conformance.mutation.mutants import damaged_json
from conformance.questions import Row
from conformance.rules import NotApplicableError, Violations

if TYPE_CHECKING:
    from conformance.check_context import CheckContext


def records(context: "CheckContext") -> str:
    """Run `context.damages` damages, spread over all golden pairs."""
    damageable = list(golden_records(context.adapter.fixtures, context.spec))
    if not damageable:
        raise NotApplicableError("there are no golden pairs to damage")
    random, violations, read = Random(context.spec.id), Violations(), 0  # noqa: S311 - the same damages each time
    for number in range(context.damages):
        row, model, document = damageable[number % len(damageable)]
        damaged_payloads = json.dumps(damaged_json(document, random))
        try:
            wire = model.model_validate_json(damaged_payloads)
        except ValidationError:
            continue
        read += 1
        violations.extend(f"{row.resource.name}: {violation}" for violation in _violations(row, wire))
    return violations.finish(
        f"{context.damages} damages to {len(damageable)} records, {read} of them still valid wire records"
    )


def _violations(row: Row, wire: BaseModel) -> Iterator[str]:
    try:
        normal, key = row.normalise(wire), row.key(wire)
    except UnusableRecordError as error:
        if CANARY in str(error):
            yield "the reason for setting a record aside contains text of the record"
    except ValidationError:
        return
    except Exception as error:  # noqa: BLE001 - reported as a fault of the adapter
        yield f"a damaged record makes it raise {type(error).__name__}"
    else:
        if not isinstance(normal.body, row.resource.body) or not isinstance(key, str):
            yield "a damaged record is not normalised to a body with a key"
