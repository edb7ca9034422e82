"""What Schemathesis is told beside its configuration: a stricter reading of the document, and a check for lists."""

from typing import Any

import schemathesis

ALLOWED = ("cursor-invalid", "too-many")
"""The refusals that a valid question may meet at a list, as no schema can tell them beforehand."""

_LISTS = {
    "listServices",
    "listProgrammes",
    "listEnterprises",
    "listHealthFacilities",
    "listHealthAppointments",
    "listApplications",
    "getMe",
    "getMyAccessLog",
}
_ASKED = {"Lookup"}


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Close the answers: callers must expect new fields, but this gateway sends none that its document does not name."""
    for name, schema in raw_schema["components"]["schemas"].items():
        if schema.get("type") == "object" and name not in _ASKED:
            schema["additionalProperties"] = False


@schemathesis.check
def accepted_unless_the_cursor_is_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A valid question to a list is answered, or refused for its cursor, or because one page cannot hold the answer."""
    meta = case.meta
    if case.operation.definition.raw.get("operationId") not in _LISTS or meta is None:
        return
    if not meta.generation.mode.is_positive or response.status_code != 422:
        return
    kind = response.json()["type"].rpartition("/")[2]
    assert kind in ALLOWED, f"a valid question was refused as {kind}"
