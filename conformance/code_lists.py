"""Code lists: the coded values that an adapter returns are in the lists that it declares."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.errors import UnusableRecordError
from conformance.check_context import CheckContext
from conformance.golden import golden_records
from conformance.rules import Violations
from schemas.code_lists import CODED_LISTS, enumerations, scheme_of
from schemas.codes import Coded


async def declared(context: CheckContext) -> str:
    """Require that every `Coded` value is in a declared list, in golden records and in answers of the simulator.

    A scheme with a `/` is the system's own list: open, and never declared.
    """
    lists, violations = {one.scheme: one for one in context.spec.codes}, Violations()
    canonical = {*CODED_LISTS, *map(scheme_of, enumerations())}
    violations.require(len(lists) == len(context.spec.codes), "two declared code lists have one scheme")
    for one in context.spec.codes:
        violations.require(one.scheme not in canonical, f"{one.scheme} is a list of the canonical schema")
        bilingual = all(text and text.id and text.en for text in (one.name, *(value.text for value in one.values)))
        violations.require(bilingual, f"{one.scheme}: a name or text is not in both languages")
    known = lists | dict(CODED_LISTS)
    seen = {(value.scheme, value.code) for body in await _bodies(context) for value in _coded_values(body)}
    for scheme, count in sorted(Counter(scheme for scheme, _ in seen if "/" not in scheme).items()):
        listed = known.get(scheme)
        violations.require(listed is not None, f"the code list {scheme} is not declared")
        missing = sum(not listed.allows(code) for of, code in seen if of == scheme) if listed else 0
        # The codes themselves are not reported: a broken adapter may have made them of personal data.
        violations.require(not missing, f"the code list {scheme} does not have {missing} of {count} codes in records")
    return violations.finish(f"{len(lists)} lists, {len(seen)} codes")


async def _bodies(context: CheckContext) -> list[BaseModel]:
    explored = await context.explored() if context.offices else ()
    bodies: list[BaseModel] = [body for one in explored for body in one.outcome.bodies]
    for row, model, document in golden_records(context.adapter.fixtures, context.spec):
        try:
            bodies.append(row.normalise(model.model_validate_json(json.dumps(document))).body)
        except (UnusableRecordError, ValidationError):
            continue
    return bodies


def _coded_values(value: Any) -> Iterator[Coded]:  # noqa: ANN401 - any value of a body
    if isinstance(value, Coded):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _coded_values(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _coded_values(item)
