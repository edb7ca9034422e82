"""Generated damage to recorded wire records: each becomes a record, or is set aside for a reason. Nothing else."""

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
from conformance.rules import Flaws, NotApplicableError

if TYPE_CHECKING:
    from conformance.check_context import CheckContext


def records(context: "CheckContext") -> str:
    """As many damages as the context says, spread over all golden pairs."""
    known = list(_recorded(context))
    if not known:
        raise NotApplicableError("there are no golden pairs to damage")
    random, flaws, read = Random(context.spec.id), Flaws(), 0  # noqa: S311 - the same damages each time
    for number in range(context.damages):
        row, model, document = known[number % len(known)]
        damaged = json.dumps(damaged_json(document, random))
        try:
            wire = model.model_validate_json(damaged)
        except ValidationError:
            continue
        read += 1
        flaws.extend(f"{row.resource.name}: {flaw}" for flaw in _flaws(row, wire))
    return flaws.settle(f"{context.damages} damages to {len(known)} records, {read} of them still readable")


def _recorded(context: "CheckContext") -> Iterator[tuple[Row, type[BaseModel], Any]]:
    rows = {row.resource.name: row for row in context.spec.reads}
    folder: Path | None = context.adapter.fixtures
    for path in sorted(folder.glob("*.in.json")) if folder is not None else ():
        row = rows.get(resource_of(path.name.partition(".in.")[0], rows) or "")
        model = wire_type(row) if row is not None else None
        if row is not None and model is not None:
            yield row, model, json.loads(path.read_text("utf-8"))


def _flaws(row: Row, wire: BaseModel) -> Iterator[str]:
    try:
        normal, key = row.normalise(wire), row.key(wire)
    except UnusableRecordError as error:
        if CANARY in str(error):
            yield "the reason for setting a record aside tells what stood in it"
    except ValidationError:
        return
    except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
        yield f"a damaged record makes it raise {type(error).__name__}"
    else:
        if not isinstance(normal.body, row.resource.body) or not isinstance(key, str):
            yield "a damaged record becomes something else than a body with a key"
