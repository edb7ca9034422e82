"""The spec: who the system is, what it bears, and its rows."""

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
from conformance.rules import Flaws
from schemas.texts import Text

_ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_WORD: Final = re.compile(r"[a-z][a-z-]*")
_SLOWEST: Final = timedelta(seconds=60)
_MOST_SEATS: Final = 100
_LARGEST: Final = 50_000_000
_NONE: Final = timedelta(0)
_FITTING: Final[tuple[tuple[type[Transport[Any, Any]], type[OfficeSettings]], ...]] = (
    (Http, HttpOfficeSettings),
    (Soap, HttpOfficeSettings),
    (Files, FileOfficeSettings),
    (Sql, SqlOfficeSettings),
)


def spec(context: CheckContext) -> str:
    """Everything that the spec says of the system itself."""
    found, flaws = context.spec, Flaws()
    flaws.unless(_ID.fullmatch(found.id), "the id is not kebab-case")
    elsewhere = context.adapter.remote or context.adapter.installed
    named = elsewhere or found.id.replace("-", "_") == context.adapter.name
    flaws.unless(named, "the id is not the package's name")
    flaws.unless(_WORD.fullmatch(found.agency), "the agency is not an id")
    flaws.unless(_both(found.title), "the title does not stand in both languages")
    flaws.unless(found.version.strip(), "there is no version")
    flaws.unless(found.contact.strip(), "there is no contact")
    flaws.unless(inspect.iscoroutinefunction(found.probe), "probe is not an async function")
    flaws.extend(_limits(found.limits))
    flaws.extend(_transport("probe", found, found.probe_transport))
    return flaws.settle("id, agency, titles, version, contact, limits, probe")


def rows(context: CheckContext) -> str:
    """Every row says one thing, and nothing that contradicts it."""
    found, flaws = context.spec, Flaws()
    flaws.unless(found.reads, "there are no reads")
    # A resource may be both fed (its public part) and asked (a resident's own), each by one row.
    names = [(row.resource.name, row.ask is None) for row in found.reads]
    flaws.unless(len(set(names)) == len(names), "two reads answer for the same resource in the same way")
    for row in found.reads:
        flaws.extend(f"{row.resource.name}: {flaw}" for flaw in _read(found, row))
    flaws.unless(len({write.name for write in found.writes}) == len(found.writes), "two writes have the same name")
    for write in found.writes:
        flaws.extend(f"{write.name}: {flaw}" for flaw in _write(found, write))
    return flaws.settle(f"{len(found.reads)} reads, {len(found.writes)} writes")


def _both(text: Text) -> bool:
    return bool(text.id.strip() and text.en and text.en.strip())


def _limits(limits: Limits) -> Iterator[str]:
    if not 1 <= limits.concurrent <= _MOST_SEATS:
        yield f"limits.concurrent is not from 1 to {_MOST_SEATS}"
    if not _NONE < limits.slowest <= _SLOWEST:
        yield f"limits.slowest is not more than nothing and at most {_SLOWEST.total_seconds():.0f} s"
    for name, value in (
        ("per_minute", limits.per_minute),
        ("per_day", limits.per_day),
        ("max_items", limits.max_items),
    ):
        if value is not None and value < 1:
            yield f"limits.{name} is not positive"


def _transport(where: str, found: AdapterSpec[Any], transport: Transport[Any, Any]) -> Iterator[str]:
    if not any(isinstance(transport, kind) and issubclass(found.settings, settings) for kind, settings in _FITTING):
        yield f"{where}: the transport does not fit the settings"
    if not 1 <= transport.max_bytes <= _LARGEST:
        yield f"{where}: max_bytes is not from 1 to {_LARGEST}"


def _read(found: AdapterSpec[Any], row: Row) -> Iterator[str]:
    yield from _transport("read", found, row.transport)
    if (row.ask is None) == (row.feed is None):
        yield "not exactly one of ask and feed is given"
    if row.ask is None and (row.one is not None or row.content is not None):
        yield "one and content belong to asked rows"
    if row.webhook is not None and (row.feed is None or not row.resource.public):
        yield "a webhook belongs to a fed row of a public resource"
    if not row.pushes <= set(row.resource.query.model_fields):
        yield "pushes names filters that the query does not have"
    yield from _ages(row)
    if row.ask is not None and not row.resource.public and not found.needs:
        yield "it is asked about a resident, but the adapter needs no identifier"


def _ages(row: Row) -> Iterator[str]:
    if row.feed is None:
        if row.fresh or row.keep:
            yield "fresh and keep belong to fed rows"
        return
    if row.pushes:
        yield "pushes belongs to asked rows"
    if not _NONE < row.fresh <= row.keep:
        yield "fresh is not more than nothing and at most keep"
    if not row.resource.may_be_held:
        yield "this resource may not be held, so it cannot be fed"


def _write(found: AdapterSpec[Any], write: Writes[Any, Any, Any]) -> Iterator[str]:
    yield from _transport("write", found, write.transport)
    if not _ID.fullmatch(write.name):
        yield "its name is not kebab-case"
    if write.settle < _NONE:
        yield "settle is negative"
    if write.look is None and not write.idempotent:
        yield "it can be neither repeated nor looked up: every doubt would wait for an operator"
