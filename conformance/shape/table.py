"""The adapter's spec: identity, limits, and rows."""

import inspect
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from adapters.contract import (
    AdapterSpec,
    FileOfficeSettings,
    Files,
    Http,
    HttpOfficeSettings,
    Limits,
    OfficeSettings,
    Soap,
    Sql,
    SqlOfficeSettings,
    Transport,
    Writes,
)
from conformance.check_context import CheckContext
from conformance.questions import Row
from conformance.rules import Violations
from schemas.texts import Text

_ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_WORD: Final = re.compile(r"[a-z][a-z-]*")
_MAX_SLOWEST: Final = timedelta(seconds=60)
_MAX_CONCURRENT: Final = 100
_MAX_BYTES: Final = 50_000_000
_NONE: Final = timedelta(0)
_SETTINGS_OF_TRANSPORT: Final[tuple[tuple[type[Transport[Any, Any]], type[OfficeSettings]], ...]] = (
    (Http, HttpOfficeSettings),
    (Soap, HttpOfficeSettings),
    (Files, FileOfficeSettings),
    (Sql, SqlOfficeSettings),
)


def spec(context: CheckContext) -> str:
    """Check the spec's description of the system itself."""
    adapter_spec, violations = context.spec, Violations()
    violations.require(_ID.fullmatch(adapter_spec.id), "the id is not kebab-case")
    outside_tree = context.adapter.remote or context.adapter.installed
    id_matches = outside_tree or adapter_spec.id.replace("-", "_") == context.adapter.name
    violations.require(id_matches, "the id differs from the package's name")
    violations.require(_WORD.fullmatch(adapter_spec.agency), "the agency is not an id")
    violations.require(_bilingual(adapter_spec.title), "the title is not in both languages")
    violations.require(adapter_spec.version.strip(), "there is no version")
    violations.require(adapter_spec.contact.strip(), "there is no contact")
    violations.require(inspect.iscoroutinefunction(adapter_spec.probe), "probe is not an async function")
    violations.extend(_limits(adapter_spec.limits))
    violations.extend(_transport("probe", adapter_spec, adapter_spec.probe_transport))
    return violations.finish("id, agency, titles, version, contact, limits, probe")


def rows(context: CheckContext) -> str:
    """Check that the rows are complete and free of contradictions."""
    adapter_spec, violations = context.spec, Violations()
    violations.require(adapter_spec.reads, "there are no reads")
    # A resource may have one fed row (its public part) and one live row (a resident's own records).
    names = [(row.resource.name, row.ask is None) for row in adapter_spec.reads]
    violations.require(len(set(names)) == len(names), "two reads return the same resource in the same way")
    for row in adapter_spec.reads:
        violations.extend(f"{row.resource.name}: {violation}" for violation in _read(adapter_spec, row))
    violations.require(
        len({write.name for write in adapter_spec.writes}) == len(adapter_spec.writes), "two writes have the same name"
    )
    for write in adapter_spec.writes:
        violations.extend(f"{write.name}: {violation}" for violation in _write(adapter_spec, write))
    return violations.finish(f"{len(adapter_spec.reads)} reads, {len(adapter_spec.writes)} writes")


def _bilingual(text: Text) -> bool:
    return bool(text.id.strip() and text.en and text.en.strip())


def _limits(limits: Limits) -> Iterator[str]:
    if not 1 <= limits.concurrent <= _MAX_CONCURRENT:
        yield f"limits.concurrent is not from 1 to {_MAX_CONCURRENT}"
    if not _NONE < limits.slowest <= _MAX_SLOWEST:
        yield f"limits.slowest is not more than 0 s and at most {_MAX_SLOWEST.total_seconds():.0f} s"
    for name, value in (
        ("per_minute", limits.per_minute),
        ("per_day", limits.per_day),
        ("max_items", limits.max_items),
    ):
        if value is not None and value < 1:
            yield f"limits.{name} is not positive"


def _transport(where: str, adapter_spec: AdapterSpec[Any], transport: Transport[Any, Any]) -> Iterator[str]:
    if not any(
        isinstance(transport, kind) and issubclass(adapter_spec.settings, settings)
        for kind, settings in _SETTINGS_OF_TRANSPORT
    ):
        yield f"{where}: the transport does not fit the settings"
    if not 1 <= transport.max_bytes <= _MAX_BYTES:
        yield f"{where}: max_bytes is not from 1 to {_MAX_BYTES}"


def _read(adapter_spec: AdapterSpec[Any], row: Row) -> Iterator[str]:
    yield from _transport("read", adapter_spec, row.transport)
    if (row.ask is None) == (row.feed is None):
        yield "not exactly one of ask and feed is given"
    if row.ask is None and (row.one is not None or row.content is not None):
        yield "one and content need ask"
    if row.webhook is not None and (row.feed is None or not row.resource.public):
        yield "a webhook needs a fed row of a public resource"
    if not row.pushes <= set(row.resource.query.model_fields):
        yield "pushes names filters that the query does not have"
    yield from _retention(row)
    if row.ask is not None and not row.resource.public and not adapter_spec.needs:
        yield "the row is asked about a resident, but the spec needs no identifier"


def _retention(row: Row) -> Iterator[str]:
    if row.feed is None:
        if row.fresh or row.keep:
            yield "fresh and keep need feed"
        return
    if row.pushes:
        yield "pushes needs ask"
    if not _NONE < row.fresh <= row.keep:
        yield "fresh is not more than zero and at most keep"
    if not row.resource.may_be_held:
        yield "this resource may not be held, so it cannot be fed"


def _write(adapter_spec: AdapterSpec[Any], write: Writes[Any, Any, Any]) -> Iterator[str]:
    yield from _transport("write", adapter_spec, write.transport)
    if not _ID.fullmatch(write.name):
        yield "its name is not kebab-case"
    if write.settle < _NONE:
        yield "settle is negative"
    if write.look is None and not write.idempotent:
        yield "it can be neither repeated nor looked up: every unknown outcome would wait for an operator"
