"""Golden pairs: recorded wire records or commands, each with its expected result in a second file.

`<resource>-<case>.in.json` contains one wire record; `<resource>-<case>.out.json` contains `{"body", "doubts"}`, or
`{"set_aside"}` with the reason.

`<write>-<case>.command.json` contains `{"command", "code", "subject"}`; `<write>-<case>.wire.json` contains `{"wire"}`,
the payload with the system's own names, or `{"refused"}` with the code of the refusal.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ValidationError

from adapters.contract import AdapterSpec, Normal, Refused, Subject, Writes
from adapters.errors import UnusableRecordError
from conformance.check_context import CheckContext
from conformance.questions import Row
from conformance.rules import NotApplicableError, RuleBrokenError, Violations
from schemas.doubts import Doubt
from schemas.texts import KEEP

_IN: Final = ".in."
_OUT: Final = ".out.json"
_COMMAND: Final = ".command.json"
_WIRE: Final = ".wire.json"


def pairs(context: CheckContext) -> str:
    """Require that every recorded record normalises to its expected result, and that every row has a pair."""
    folder = context.adapter.fixtures
    if folder is None:
        raise NotApplicableError(
            "there is no source checkout, and so no folder tests/adapters; --fixtures names another folder"
        )
    cases = sorted(folder.glob(f"*{_IN}*"))
    if not cases:
        raise RuleBrokenError([f"there are no golden pairs in {folder.name}/"])
    rows = {row.resource.name: row for row in context.spec.reads}
    violations, covered = Violations(), set()
    for recorded in cases:
        case = recorded.name.partition(_IN)[0]
        resource = resource_of(case, rows)
        covered.add(resource)
        violation = (
            f"no row reads the resource of {case}" if resource is None else _violation(rows[resource], recorded, case)
        )
        violations.require(violation is None, f"{case}: {violation}")
    for resource in rows:
        violations.require(resource in covered, f"there is no golden pair for {resource}")
    commands = _commands(context, folder, violations)
    return violations.finish(f"{len(cases)} pairs, {commands} of commands")


def _commands(context: CheckContext, folder: Path, violations: Violations) -> int:
    """Check the pairs of commands and return how many there are."""
    rows = {write.name: write for write in context.spec.writes if write.denormalise is not None}
    cases = sorted(folder.glob(f"*{_COMMAND}"))
    covered = set()
    for recorded in cases:
        case = recorded.name.removesuffix(_COMMAND)
        name = max((name for name in rows if case.startswith(f"{name}-")), key=len, default="")
        covered.add(name)
        violation = _command_violation(rows[name], recorded, case) if name else "no write carries it out"
        violations.require(violation is None, f"{case}: {violation}")
    for name in rows:
        violations.require(name in covered, f"there is no golden pair for {name}")
    return len(cases)


def _command_violation(write: Writes[Any, Any, Any], recorded: Path, case: str) -> str | None:
    """Return the violation of one pair of a command, or None."""
    try:
        document = json.loads(recorded.read_text("utf-8"))
        expected = json.loads(recorded.with_name(f"{case}{_WIRE}").read_text("utf-8"))
        command = write.command.model_validate_json(json.dumps(document["command"]))
        code, subject = str(document["code"]), Subject(**document.get("subject", {}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"it cannot be loaded ({type(error).__name__})"
    try:
        sent = write.denormalise(command, subject, code) if write.denormalise is not None else {}
    except Exception as error:  # noqa: BLE001 - reported as a fault of the adapter
        return f"denormalise raises {type(error).__name__}"
    if isinstance(sent, Refused):
        return None if expected.get("refused") == sent.code else "it is refused for another reason than expected"
    return None if expected.get("wire") == dict(sent) else "the payload differs from the expected one"


def wire_type(row: Row) -> type[BaseModel] | None:
    """Return the model of a row's wire records that `normalise` declares; None if it declares none."""
    hints = get_type_hints(row.normalise)
    hints.pop("return", None)
    declared = next(iter(hints.values()), None)
    return declared if isinstance(declared, type) and issubclass(declared, BaseModel) else None


def golden_records(folder: Path | None, spec: AdapterSpec[Any]) -> Iterator[tuple[Row, type[BaseModel], Any]]:
    """Yield the row, the wire model and the JSON of every recorded wire record that is JSON."""
    rows = {row.resource.name: row for row in spec.reads}
    for path in sorted(folder.glob("*.in.json")) if folder is not None else ():
        row = rows.get(resource_of(path.name.partition(_IN)[0], rows) or "")
        model = wire_type(row) if row is not None else None
        if row is not None and model is not None:
            yield row, model, json.loads(path.read_text("utf-8"))


def resource_of(case: str, rows: Mapping[str, Row]) -> str | None:
    """Return the longest resource name that the case's name begins with."""
    return max((name for name in rows if case.startswith(f"{name}-")), key=len, default=None)


def _violation(row: Row, recorded: Path, case: str) -> str | None:
    """Return the violation of one pair, or None. It contains no recorded value."""
    expected_file = recorded.with_name(f"{case}{_OUT}")
    model = wire_type(row)
    if recorded.suffix != ".json":
        return "only JSON records can be loaded"
    if model is None:
        return "normalise does not declare the type of its argument"
    try:
        expected = json.loads(expected_file.read_text("utf-8"))
        wire = model.model_validate_json(recorded.read_bytes())
    except (OSError, ValueError) as error:
        return f"it cannot be loaded ({type(error).__name__})"
    return _difference(row, wire, expected)


def _difference(row: Row, wire: BaseModel, expected: Mapping[str, Any]) -> str | None:
    try:
        normal: Normal[Any] = row.normalise(wire)
    except UnusableRecordError as error:
        return None if expected.get("set_aside") == str(error) else "it is set aside for another reason than expected"
    except Exception as error:  # noqa: BLE001 - reported as a fault of the adapter
        return f"normalise raises {type(error).__name__}"
    if "body" not in expected:
        return "it is not set aside"
    if not _matches(normal.body, expected["body"]):
        return f"the body differs: {_differing_members(normal.body, expected['body'])}"
    try:
        doubts = tuple(Doubt.model_validate(doubt) for doubt in expected.get("doubts", ()))
    except ValidationError:
        return "the expected doubts are not valid"
    actual_doubts = ", ".join(f"{doubt.code.value} at {doubt.field}" for doubt in normal.doubts) or "there is none"
    return None if normal.doubts == doubts else f"the doubts differ: {actual_doubts}"


def _matches(body: BaseModel, written: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a body equals the expected JSON: texts in one language or both, absent members left out or null."""
    if any(_filled(body.model_dump(mode="json", context=context)) == _filled(written) for context in (None, KEEP)):
        return True
    try:
        return type(body).model_validate(written) == body
    except ValidationError:
        return False


def _differing_members(body: BaseModel, written: Any) -> str:  # noqa: ANN401 - JSON
    """Return the names of the members that differ from the expected JSON."""
    if not isinstance(written, dict):
        return "the expected body is not an object"
    actual, expected = _filled(body.model_dump(mode="json", context=KEEP)), _filled(written)
    members = [*type(body).model_fields, *sorted(set(expected) - set(type(body).model_fields))]
    return ", ".join(name for name in members if actual.get(name) != expected.get(name))


def _filled(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON without its nulls."""
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner is not None}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value
