"""Golden pairs: recorded wire records, and what is written beside each of them.

`<resource>-<case>.in.json` holds one wire record; `<resource>-<case>.out.json` holds `{"body", "doubts"}`, or
`{"set_aside"}` with the reason.

`<write>-<case>.command.json` holds `{"command", "code", "subject"}`; `<write>-<case>.wire.json` holds `{"wire"}`, what
is sent for it by the system's own names, or `{"refused"}` with the word for why nothing is.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ValidationError

from adapters.contract import Normal, Refused, Subject, Writes
from adapters.errors import UnusableRecordError
from conformance.check_context import CheckContext
from conformance.questions import Row
from conformance.rules import Flaws, NotApplicableError, RuleBrokenError
from schemas.quality import Quality
from schemas.texts import KEEP

_IN: Final = ".in."
_OUT: Final = ".out.json"
_COMMAND: Final = ".command.json"
_WIRE: Final = ".wire.json"


def pairs(context: CheckContext) -> str:
    """Every recorded record becomes what is written beside it, and every row has at least one."""
    folder = context.adapter.fixtures
    if folder is None:
        raise NotApplicableError(
            "there is no source checkout here, so no tests/adapters to look into; --fixtures names another folder"
        )
    cases = sorted(folder.glob(f"*{_IN}*"))
    if not cases:
        raise RuleBrokenError([f"there are no golden pairs in {folder.name}/"])
    rows = {row.resource.name: row for row in context.spec.reads}
    flaws, seen = Flaws(), set()
    for recorded in cases:
        case = recorded.name.partition(_IN)[0]
        resource = resource_of(case, rows)
        seen.add(resource)
        flaw = f"no row answers for {case}" if resource is None else _flaw(rows[resource], recorded, case)
        flaws.unless(flaw is None, f"{case}: {flaw}")
    for resource in rows:
        flaws.unless(resource in seen, f"there is no golden pair for {resource}")
    commands = _commands(context, folder, flaws)
    return flaws.settle(f"{len(cases)} pairs, {commands} of commands")


def _commands(context: CheckContext, folder: Path, flaws: Flaws) -> int:
    """Judge the pairs of commands; how many there are."""
    rows = {write.name: write for write in context.spec.writes if write.denormalise is not None}
    cases = sorted(folder.glob(f"*{_COMMAND}"))
    seen = set()
    for recorded in cases:
        case = recorded.name.removesuffix(_COMMAND)
        name = max((name for name in rows if case.startswith(f"{name}-")), key=len, default="")
        seen.add(name)
        flaw = _command_flaw(rows[name], recorded, case) if name else "no write carries it out"
        flaws.unless(flaw is None, f"{case}: {flaw}")
    for name in rows:
        flaws.unless(name in seen, f"there is no golden pair for {name}")
    return len(cases)


def _command_flaw(write: Writes[Any, Any, Any], recorded: Path, case: str) -> str | None:
    """What is wrong with the pair of one command, or None."""
    try:
        given = json.loads(recorded.read_text("utf-8"))
        expected = json.loads(recorded.with_name(f"{case}{_WIRE}").read_text("utf-8"))
        command = write.command.model_validate_json(json.dumps(given["command"]))
        code, subject = str(given["code"]), Subject(**given.get("subject", {}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"it cannot be loaded ({type(error).__name__})"
    try:
        sent = write.denormalise(command, subject, code) if write.denormalise is not None else {}
    except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
        return f"denormalise raises {type(error).__name__}"
    if isinstance(sent, Refused):
        return None if expected.get("refused") == sent.code else "it is refused, for a reason not written down"
    return None if expected.get("wire") == dict(sent) else "something else is sent"


def wire_type(row: Row) -> type[BaseModel] | None:
    """The model of a row's wire records, as its `normalise` declares it; None when it declares none."""
    hints = get_type_hints(row.normalise)
    hints.pop("return", None)
    declared = next(iter(hints.values()), None)
    return declared if isinstance(declared, type) and issubclass(declared, BaseModel) else None


def resource_of(case: str, rows: Mapping[str, Row]) -> str | None:
    """The resource that a case begins with: the longest one that does."""
    return max((name for name in rows if case.startswith(f"{name}-")), key=len, default=None)


def _flaw(row: Row, recorded: Path, case: str) -> str | None:
    """What is wrong with one pair, or None. Nothing of what was recorded is said."""
    beside = recorded.with_name(f"{case}{_OUT}")
    model = wire_type(row)
    if recorded.suffix != ".json":
        return "only records in JSON can be loaded"
    if model is None:
        return "normalise does not declare which model it takes"
    try:
        expected = json.loads(beside.read_text("utf-8"))
        wire = model.model_validate_json(recorded.read_bytes())
    except (OSError, ValueError) as error:
        return f"it cannot be loaded ({type(error).__name__})"
    return _difference(row, wire, expected)


def _difference(row: Row, wire: BaseModel, expected: Mapping[str, Any]) -> str | None:
    try:
        normal: Normal[Any] = row.normalise(wire)
    except UnusableRecordError as error:
        return None if expected.get("set_aside") == str(error) else "it is set aside, for a reason not written down"
    except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
        return f"normalise raises {type(error).__name__}"
    if "body" not in expected:
        return "it is not set aside"
    if not _says(normal.body, expected["body"]):
        return f"the body is another: {_others(normal.body, expected['body'])}"
    try:
        doubts = tuple(Quality.model_validate(doubt) for doubt in expected.get("doubts", ()))
    except ValidationError:
        return "the doubts that are written down are none"
    found = ", ".join(f"{doubt.code.value} at {doubt.field}" for doubt in normal.doubts) or "there are none"
    return None if normal.doubts == doubts else f"the doubts are others: {found}"


def _says(body: BaseModel, written: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a body is what is written down: texts in both languages or in one, what is absent left out or null."""
    if any(_filled(body.model_dump(mode="json", context=context)) == _filled(written) for context in (None, KEEP)):
        return True
    try:
        return type(body).model_validate(written) == body
    except ValidationError:
        return False


def _others(body: BaseModel, written: Any) -> str:  # noqa: ANN401 - JSON
    """The members in which a body is not what is written down, by their names alone."""
    if not isinstance(written, dict):
        return "what is written down is no object"
    said, known = _filled(body.model_dump(mode="json", context=KEEP)), _filled(written)
    members = [*type(body).model_fields, *sorted(set(known) - set(type(body).model_fields))]
    return ", ".join(name for name in members if said.get(name) != known.get(name))


def _filled(value: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON without its nulls."""
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner is not None}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value
