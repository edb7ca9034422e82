"""What Schemathesis is told beside its configuration: a stricter reading of the document, and a check for lists."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import schemathesis
from hypothesis import strategies as st

REFUSALS = ("cursor-invalid", "too-many")
"""What a valid question to a list may be refused for, as no schema can tell beforehand."""

_ASKED = {"ResidentLookup", "VerificationCheck", "Registration", "Credentials", "ClientExpiry"}

_INSTANTS = st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))).map(datetime.isoformat)
schemathesis.openapi.format("date-or-date-time", st.dates().map(date.isoformat) | _INSTANTS)


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Close the answers: callers must expect new fields, but we send none that our document does not name."""
    for name, schema in raw_schema["components"]["schemas"].items():
        if schema.get("type") == "object" and name not in _ASKED:
            schema["additionalProperties"] = False


@schemathesis.check
def accepted_unless_the_cursor_is_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A valid question to a list is answered, or refused for its cursor, or because one page cannot hold the answer."""
    parameters = case.operation.definition.raw.get("parameters", ())
    if not any(parameter.get("name") == "cursor" for parameter in parameters):
        return
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    refusal = response.json()["type"].rpartition("/")[2]
    assert refusal in REFUSALS, f"a valid question was refused as {refusal}"
