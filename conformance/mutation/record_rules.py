"""Generated damage to golden wire records: each must be normalised, or set aside with a reason."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from adapters.errors import UnusableRecordError
from conformance.golden import resource_of, wire_type
from conformance.leaks import CANARY
from conformance.mutation.mutants import damaged_json
from conformance.questions import Row
from conformance.rules import NotApplicableError, Violations

if TYPE_CHECKING:
    from conformance.check_context import CheckContext


def records(context: "CheckContext") -> str:
    """Run `context.damages` damages, spread over all golden pairs."""
    golden_records = list(_golden_records(context))
    if not golden_records:
        raise NotApplicableError("there are no golden pairs to damage")
    random, violations, read = Random(context.spec.id), Violations(), 0  # noqa: S311 - the same damages each time
    for number in range(context.damages):
        row, model, document = golden_records[number % len(golden_records)]
        damaged_payloads = json.dumps(damaged_json(document, random))
        try:
            wire = model.model_validate_json(damaged_payloads)
        except ValidationError:
            continue
        read += 1
        violations.extend(f"{row.resource.name}: {violation}" for violation in _violations(row, wire))
    return violations.finish(
        f"{context.damages} damages to {len(golden_records)} records, {read} of them still valid wire records"
    )


def _golden_records(context: "CheckContext") -> Iterator[tuple[Row, type[BaseModel], Any]]:
    rows = {row.resource.name: row for row in context.spec.reads}
    folder: Path | None = context.adapter.fixtures
    for path in sorted(folder.glob("*.in.json")) if folder is not None else ():
        row = rows.get(resource_of(path.name.partition(".in.")[0], rows) or "")
        model = wire_type(row) if row is not None else None
        if row is not None and model is not None:
            yield row, model, json.loads(path.read_text("utf-8"))


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
